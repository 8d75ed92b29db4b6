"""What raised and lowered text means: a footnote's mark, an exponent, an ordinal or a part of a fraction.

A document says only that it is raised; what stands before it tells the meaning. After a word, a full stop
or a plain figure it is a mark, which is left out. After 10, a unit, a variable or a bracket it is an
exponent, which stays raised. A link to a note is always a mark.
"""

from __future__ import annotations

import re
from dataclasses import replace

from tasks.pipeline.reading.exponents import LAST_WORD, Placement, is_exponent, is_mass_number
from tasks.pipeline.reading.raised_words import (
    ABBREVIATED,
    LOWERED,
    ORDINALS,
    RAISED,
    TRADE_MARKS,
    VULGAR,
)
from tasks.pipeline.text.scripts import is_chinese_or_japanese

JOIN = "\x01"
"""Takes away the blanks before it: `without_joins` does so when a paragraph is complete."""
BEFORE = 120
"""Characters that tell the meaning of what follows."""
MAX_CHARACTERS = 60
"""A longer passage in raised letters is read like the rest."""

_SYMBOLS = re.compile(r"^[\s*†‡§¶‖#✝⁎∗※♦◊•]{1,8}$")
_NUMBERS = re.compile(r"^\(?\[?\d{1,3}(\s?[,;–-]\s?\d{1,3}){0,12}\]?\)?[.,]?$")
_BRACKETED = re.compile(r"^[\[［(（【][^\]］)）】]{1,80}[\]］)）】]$")
_LETTERED_MARK = re.compile(
    r"^[\[(]?[^\W\d_][\])*†.]{1,2}$|^(?:[a-z]|\d{1,3}|[*†‡§¶])(?:\s?[,;]\s?(?:[a-z]|\d{1,3}"
    r"|[*†‡§¶])){1,8}$|^(?:note|nb)\s?\d{1,3}$|^[\[(]?[ivx]{2,5}[\])]?$",
    re.IGNORECASE,
)
_SIGNED = re.compile(r"^[+\-−–]\s?\d{1,4}([.,]\d{1,3})?$")
_CHARGE = re.compile(r"^\d{0,2}[+\-−–]{1,2}$")
_SIMPLE = re.compile(r"^[+\-−–]?\d{1,5}$|^[A-Za-z]$")
_EXPRESSION = re.compile(r"^[\d\sA-Za-zα-ω+\-−–*/·×().,]{1,40}$")
_TEMPERATURE = re.compile(r"\s?[CFK](?!\w)")
_ROMAN = re.compile(r"(?:^|[^A-Za-z])[IVXLCDMivxlcdm]{1,8}$")
_FRACTION = re.compile(r"^(\d{1,3})\s?[/⁄∕]\s?(\d{1,4})$")
_DENOMINATOR = re.compile(r"\s?[⁄∕]|/(\d{1,4})(?!\d)")
_PRICE, _CENTS = re.compile(r"[$€£]\s?\d{1,4}$"), re.compile(r"\d\d$")
_NOT_OF_PRICE = re.compile(r"[\d.,]|\s?(?:thousand|million|billion|trillion|bn|m)\b")
_NOTE_WITH_PAGE = re.compile(
    r"^[\[(]?\d{1,3},?\s(?:s|p|pp|pg|c|str|f)\.\s?\d{1,4}(?:[-–]\d{1,4})?[\])]?$", re.IGNORECASE
)
_DECIMAL = re.compile(r"\d{1,2}[.,]\d{1,2}$")
_STROKE_AT_END = re.compile(r"\d\s?[/⁄∕]$|[⁄∕]$")


def raised(text: str, place: Placement) -> str:
    """What is read for the raised `text`: empty for a mark."""
    text = " ".join(text.split())
    if len(text) > MAX_CHARACTERS:
        return text
    if not text or place.is_reference or _SYMBOLS.match(text):
        return ""
    if text in TRADE_MARKS:
        return JOIN + TRADE_MARKS[text]
    place = replace(place, before=place.before[-BEFORE:].replace(JOIN, ""))
    before = place.line
    if text in ("o", "O", "0", "º", "°", "⁰") and before[-1:].isdigit() and _TEMPERATURE.match(place.after):
        return JOIN + "°"
    if (part := _FRACTION.match(text)) and int(part[1]) < int(part[2]) and (not before or _is_figure(before)):
        return fraction(part[1], part[2], before)
    if _is_numerator(text, before, place.after):
        return f" {text}" if before[-1:].isdigit() else text
    if text[0] in "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻ⁿªº":
        return JOIN + text
    if len(text) == 1 and not text.isalnum() and text not in "+-−–":
        return "" if text in ",;" else text  # What stands between two marks.
    if _is_cents(text, place):
        return f".{text}"
    if re.search(r"\d", text):
        return _raised_figures(text, before, place)
    return _raised_letters(text, before, place)


def lowered(text: str, before: str) -> str:
    """What is read for the lowered `text`: CO₂ as the page shows it, whose 2 is no figure of its own."""
    text = " ".join(text.split())
    if not text or not before or before[-1].isspace() or (text.isdigit() and _STROKE_AT_END.search(before)):
        return text
    if all(character in LOWERED for character in text) and len(text) <= 6:
        return "".join(LOWERED[character] for character in text)
    if _DECIMAL.match(text) and before[-1:].isalpha():
        return text  # PM2.5.
    return f"_{text}" if len(text) <= 12 and " " not in text else f" {text}"


def fraction(over: str, under: str, before: str) -> str:
    """One character where there is one; a whole number before it stays apart from the others."""
    over, under = over.strip(), under.strip()
    if f"{over}/{under}" in VULGAR:
        return (JOIN if before[-1:].isdigit() else "") + VULGAR[f"{over}/{under}"]
    if not (over.isalnum() and under.isalnum()):
        over, under = (part if part.isalnum() else f"({part})" for part in (over, under))
        return f"{over}/{under}"
    gap = " " if before[-1:].isdigit() else ""
    return f"{gap}{over}⁄{under}"


def power(exponent: str) -> str:
    """An exponent in a formula."""
    return _superscript(" ".join(exponent.split()))


def without_joins(text: str) -> str:
    """A text of single blanks as it is read."""
    return text.replace(f" {JOIN}", "").replace(JOIN, "")


def _raised_figures(text: str, before: str, place: Placement) -> str:
    is_apart = place.is_apart
    if _SIGNED.match(text) and before:
        return JOIN + _superscript(text.replace(" ", ""))
    if _CHARGE.match(text):
        return _charge(text, before)
    if re.search(r"[*†‡§¶]", text) and not re.search(r"[+=^/]", text):
        return ""
    if is_mass_number(text, place):
        return _superscript(text)
    if is_exponent(text, place):
        return JOIN + _superscript(text)
    is_base = not is_apart and re.search(r"(?:^|\D)(?:10|2)$|(?:^|[^\w])[a-zA-Z]$", before)
    if is_base and re.match(r"^\d{1,3}[a-z]$|^[\d\w]{1,3}\^", text):
        return _superscript(text)
    if _NUMBERS.match(text) or _BRACKETED.match(text) or re.match(r"^[a-z]?\d{1,3}[a-z]?$", text):
        return ""
    if _NOTE_WITH_PAGE.match(text) or (_LETTERED_MARK.match(text) and not is_base):
        return ""
    if _EXPRESSION.match(text) and not is_apart and (before[-1:].isalnum() or before[-1:] in ")]"):
        return _superscript(text)
    return f" {text} "


def _is_cents(text: str, place: Placement) -> bool:
    """$19⁹⁹, as price tags have it: not the mark of the note that comes next."""
    is_price = _PRICE.search(place.before) and not _NOT_OF_PRICE.match(place.after)
    return bool(is_price and _CENTS.match(text)) and (place.has_linked_marks or not place.is_next_note)


def _is_numerator(text: str, before: str, after: str) -> bool:
    """Whether a stroke and a denominator follow: ¹⁄₂, and 1/2 but for a mark before a stroke."""
    stroke = _DENOMINATOR.match(after)
    if not stroke or not text.isdigit() or len(text) > 4:
        return False
    return not stroke[1] or (int(text) < int(stroke[1]) and not before[-1:].isalpha())


def _raised_letters(text: str, before: str, place: Placement) -> str:
    is_apart = place.is_apart
    if not before:
        return "" if len(text) == 1 else f"{text} "
    word = LAST_WORD.search(before)
    if _CHARGE.match(text):
        return _charge(text, before)
    joined = None
    if before[-1].isdigit():
        joined = _letters_after_figure(text, is_apart, place)
    elif word is not None and not is_apart:
        joined = _letters_after_word(text, word[1], before, place)
    elif len(text) == 1:
        joined = _superscript(text) if before[-1] in ")]" and text in "nkmxT" and not is_apart else ""
    if joined is not None:
        return joined
    if _BRACKETED.match(text) or _LETTERED_MARK.match(text):
        return ""
    if _EXPRESSION.match(text) and re.search(r"[+\-−–*/]", text) and not is_apart:
        return _superscript(text)
    return f" {text} "


def _letters_after_figure(text: str, is_apart: bool, place: Placement) -> str | None:
    """1st, 2e and 5ª; 2ⁿ; another single letter is a mark. None: neither."""
    lower, language = text.lower().rstrip("."), place.language[:2]
    if lower in ("o", "a") and language in ("es", "pt", "it", "gl", "ca"):
        return JOIN + {"o": "º", "a": "ª"}[lower]
    if text == "o" and not is_apart and language not in ("fr", "oc"):
        return "°"
    if (
        lower in ORDINALS
        or lower == "e"
        or (lower in ("d", "n") and language in ("fr", "nl", "it", "ca", "oc"))
    ):
        return JOIN + text
    if lower == "h" and place.after[:1].isdigit():
        return JOIN + text  # 5ʰ30.
    if len(text) == 1:
        return JOIN + _superscript(text) if text in "nkmxyijpqrtNX" and not is_apart else ""
    return None


def _letters_after_word(text: str, word: str, before: str, place: Placement) -> str | None:
    """ "M" and "me" make "Mme"; "x" and "n" make "xⁿ"; a letter after a long word is a mark."""
    lower = text.lower().rstrip(".")
    if place.after[:1].isalpha() and len(text) <= 2 and not is_chinese_or_japanese(text):
        return text  # McDonald.
    if lower == "o" and word in ("n", "N"):
        return "º"
    if _ROMAN.search(before) and (lower in ORDINALS or lower in ("e", "o", "a", "th")):
        return text
    if len(text) == 1:
        if len(word) > 2 or is_chinese_or_japanese(text):
            return ""
        if word in ("D", "M", "S", "W", "Y", "y", "Me", "Mr") and lower in "trmesc":
            return text
        return _superscript(text) if len(word) == 1 or place.is_after_variable else ""
    if lower in ABBREVIATED or lower in ORDINALS:
        return text
    return None


def _charge(text: str, before: str) -> str:
    return JOIN + _superscript(text) if re.search(r"[^\W\d_]$|[₀-₉)\]]$", before) else ""


def _superscript(text: str) -> str:
    """In raised characters where they are easy to read, else after a caret."""
    is_short = _SIMPLE.match(text) or _CHARGE.match(text)
    if is_short and all(character in RAISED for character in text):
        return "".join(RAISED[character] for character in text)
    return f"^{text}" if text.isalnum() else f"^({text})"


def _is_figure(before: str) -> bool:
    return before[-1].isdigit() and not re.search(r"\d{4}$", before)
