"""What raised characters stand for: an exponent belongs to its figure, a note's mark to no sentence."""

from __future__ import annotations

import re

_SUPERSCRIPTS = str.maketrans("0123456789+-−–=()ni", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁻⁼⁽⁾ⁿⁱ")
_LOWERED = str.maketrans("0123456789+-−=()", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎")

_SIGNED = re.compile(r"[+\-−–]\d{0,4}|\d{0,3}[+\-−–]")
_NUMBER = re.compile(r"\d{1,4}")
_TAKES_ONE_LETTER = re.compile(r"\d{1,2}|[A-Za-z]|[IVXLC]{1,7}")
"""As in 5ª, 5h, nº, Mr and XIXe."""
_MARK = re.compile(
    r"[\d*†‡§¶#‖※⁎✝\[\]().,;:\s–—-]{1,40}|[\[(]?[^\W\d_][\])*†.]?|[\[(]?[ivx]{1,5}[\])]?"
    r"|(?:[a-z]|\d{1,3}|[*†‡§¶])(?:\s?[,;]\s?(?:[a-z]|\d{1,3}|[*†‡§¶])){1,8}|\d{1,3}[a-z]"
    r"|[\[(]?(?:note|nb|[a-z])\s?\d{1,3}[\])]?|\[[^\]]{1,40}\]",
    re.IGNORECASE,
)
_SIGNS = frozenset("ªº")
"""Letters to Unicode, but no marks."""
_BASE = re.compile(
    "(?:^|[^\\w.,'’\u00a0\u202f]|[^\\d][.,\u00a0\u202f]|[\u3040-\u9fff\uac00-\ud7af]|[×·x*(]\\s?)(10|2|e)$"
)
_TEMPERATURE = re.compile(r"\s?[CFK](?!\w)")
_PRICE = re.compile(r"[$€£]\s?\d{1,5}$")
_OPERATION = re.compile(r"[=+×·*/^÷]\s?\d{1,9}$")
_OPERATOR_FOLLOWS = re.compile(r"\s?[=+×÷^≈<>≤≥]|\s[−*/-]\s")
_UNIT = re.compile(
    r"(?:\d[\s  ]?|[½¼¾]\s?|[/·⋅]\s?|\b(?:per|pro|je|par|por|kg|W|N|J|na|на)\s)"
    r"(?:[munpdckMµμ]?m|ft|in|yd|mi|s|sec|км|см|мм|дм|м)$|(?<![^\W\d_])(?:[ckdmµμ]m|км|см|мм)$"
)
_VARIABLE = re.compile(r"(?:^|[^\w'’])[^\W\d_]$|[=+×·*/(]\s?[^\W\d_]{1,2}$")
_BRACKETS = re.compile(r"\([^()]{0,60}[+−*/×=-][^()]{0,60}\)$")
_ELEMENT = re.compile(
    r"(?:H|He|Li|Be|B|C|N|O|F|Na|Mg|Al|Si|P|S|Cl|K|Ca|Fe|Co|Ni|Cu|Sr|Tc|I|Cs|Xe|Rn|Ra|Th|U|Pu|Am|Pb)\b"
)


def raised(before: str, raised: str, after: str) -> str:
    """How raised text is written on the line: "" for a note's mark, else superscripts, `^…` or the letters.

    `before` and `after` are the text on both sides; some dozen characters are enough. In 412³ ships it is a
    mark, in 10⁶ crates and 25 m² an exponent.
    """
    text = raised.strip()
    if not text:
        return raised
    before = before[-80:]
    if after.lstrip()[:1] in ("⁄", "∕") or (after[:1] == "/" and after[1:2].isdigit()):
        return f" {text}" if before[-1:].isdigit() else text  # the numerator of a fraction
    if text in ("o", "O", "0") and before[-1:].isdigit() and _TEMPERATURE.match(after):
        return "°"
    if _is_exponent(before, text, after):
        return _superscript(text)
    if _MARK.fullmatch(text) and not _is_letter_of_the_word(before, text):
        return text if text in _SIGNS else ""
    return text


def lowered(before: str, lowered: str) -> str:
    """How lowered text is written: figures stay apart from what is before them, as in CO₂ and 101₂."""
    is_index = before[-1:].isalnum() or before[-1:] in (")", "]")
    return lowered.translate(_LOWERED) if is_index else lowered


def _is_exponent(before: str, text: str, after: str) -> bool:
    last = before[-1:]
    if _SIGNED.fullmatch(text):
        return bool(last) and (last.isalnum() or last in ")]")
    power = _BASE.search(before)
    if _NUMBER.fullmatch(text):
        if power:
            return power[1] != "2" or len(text) > 1 or bool(_OPERATOR_FOLLOWS.match(after))
        if len(text) == 2 and _PRICE.search(before):
            return True
        if last.isdigit():
            return len(text) == 1 and bool(_OPERATION.search(before) or _OPERATOR_FOLLOWS.match(after))
        if len(text) == 1 and text in "23456789" and _VARIABLE.search(before):
            return True
        if text in ("2", "3", "4") and _UNIT.search(before):
            return True
        if _BRACKETS.search(before):
            return True
        # An isotope, as in ¹⁴C; a note's own number stands before a word.
        return (not last or last in " (-\u00a0") and bool(_ELEMENT.match(after))
    if re.fullmatch(r"[\d+\-−–.,/()^a-zA-Z ]{1,20}", text) and (power or _VARIABLE.search(before)):
        if power and power[1] == "e" and not re.search(r"[\d+\-−–xt]", text):
            return False
        return bool(re.search(r"[+\-−–/(]|^[\dnkxtij.,]{1,4}$", text)) and not _is_list_of_marks(text, power)
    return False


def _is_list_of_marks(text: str, power: re.Match[str] | None) -> bool:
    return power is None and bool(re.fullmatch(r"\d{1,3}(?:[,–-]\s?\d{1,3}){1,9}", text))


def _is_letter_of_the_word(before: str, text: str) -> bool:
    """As in nº and 5ª, and in XIXe; another single letter, or one after a long word or figure, is a mark."""
    word = re.search(r"[\w.]{1,40}$", before)
    return bool(word and text in ("a", "e", "h", "o", "r") and _TAKES_ONE_LETTER.fullmatch(word[0]))


def _superscript(text: str) -> str:
    written = text.translate(_SUPERSCRIPTS)
    if not re.search(r"[0-9a-zA-Z.,/+\-−– ]", written.replace("ⁿ", "").replace("ⁱ", "")):
        return written
    return f"^{text}" if text.isalnum() else f"^({text})"
