"""Which raised figures are exponents, by what they stand behind."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tasks.pipeline.reading.raised_words import (
    FUNCTIONS,
    ISOTOPES,
    LENGTHS,
    LIGHT_ISOTOPES,
    OTHER_UNITS,
    POWERS_OF_TWO,
    TWO_LETTER_WORDS,
)
from tasks.pipeline.text.scripts import is_chinese_or_japanese

LAST_WORD = re.compile(r"([^\W\d_²³¹⁰-₟ⁿ]{1,40})$")
_MULTIPLE = re.compile(r"\s?(?:thousand|million|billion|trillion|percent|per cent|%)")
_LAST_NUMBER = re.compile(r"(?<![\d.,])(\d{1,15}(?:[.,'’\u00a0\u202f ]\d{1,15}){0,6})$")
_EQUATION_BEFORE = re.compile(r"[=×·*+≈√^<>≤≥±÷∙⋅−]\s?$")
_EQUATION_AFTER = re.compile(r"^\s?(?:[=×·*+≈^<>≤≥±÷∙⋅−]|[-–]\s?[\dA-Za-z]\b)")


@dataclass(frozen=True)
class Placement:
    """Where something raised stands."""

    before: str
    """The end of the paragraph so far."""
    after: str = ""
    """The characters that follow."""
    is_reference: bool = False
    """Markup says that it is a mark: a link into the page, or a class or role for it."""
    is_after_variable: bool = False
    """What stands before it is in italics, or marked as a variable."""
    language: str = ""
    has_linked_marks: bool = False
    """Marks of this page are links, so what is no link is no mark."""
    is_next_note: bool = False
    """The page has a note of this number, and the marks so far lead up to it."""

    @property
    def line(self) -> str:
        return self.before.rstrip()

    @property
    def is_apart(self) -> bool:
        """Whether a blank is between."""
        return self.before[-1:].isspace()


def is_mass_number(text: str, place: Placement) -> bool:
    """Carbon-14 is written ¹⁴C; a mark stands after a word and before a blank."""
    symbol = re.match(r"^([A-Z][a-z]?)(?![a-z])", place.after)
    stands_first = not place.line or place.is_apart or place.line[-1] in "([/–-,"
    if symbol is None or not text.isdigit() or not stands_first:
        return False
    if symbol[1] == "I":
        return 120 <= int(text[:4]) <= 140
    if text in LIGHT_ISOTOPES.get(symbol[1], ()):
        return True
    return symbol[1] in ISOTOPES and 10 <= int(text[:4]) <= 260


def is_exponent(text: str, place: Placement) -> bool:
    """Whether raised figures are an exponent, by the number, unit, variable or bracket before them."""
    before, is_apart = place.line, place.is_apart
    if not re.match(r"^\d{1,5}$", text) or not before:
        return False
    # Where marks are links, a figure that is none is no mark, whatever its number.
    if place.is_next_note and not place.has_linked_marks and not _EQUATION_BEFORE.search(before):
        return False
    last = before[-1]
    if last.isdigit():
        return not is_apart and _is_power(text, before, place)
    if last in ")]}|":
        return not is_apart and _is_bracketed_formula(before)
    word = LAST_WORD.search(before)
    if word is None:
        return last in "°′″" and text == "2"
    is_cjk = is_chinese_or_japanese(last)
    if place.after[:1].isalpha() and not is_cjk and len(word[1]) <= 3 and not is_apart:
        return True  # In the middle of a formula.
    rest = before[: word.start()].rstrip()
    if _is_measured(word[1], text, rest):
        return True
    return not is_apart and _is_variable(word[1], text, rest, place)


def _is_power(text: str, before: str, place: Placement) -> bool:
    if _MULTIPLE.match(place.after):
        return False
    number = _LAST_NUMBER.search(before)
    figure = number[1] if number else ""
    if re.search(r"(?:^|\D)10$", before) and not re.search(r"\d[.,]10$", figure):
        return True
    if re.search(r"[.,  ]10$", figure) and re.search(r"[×x·]\s?10$", before):
        return True
    rest = before[: number.start()] if number else ""
    if _EQUATION_BEFORE.search(rest) or _EQUATION_AFTER.match(place.after):
        return True
    return figure == "2" and text in POWERS_OF_TWO


def _is_measured(word: str, text: str, rest: str) -> bool:
    """Whether `word` is a unit that is squared or cubed."""
    unit = word.lower()
    if unit in LENGTHS:
        return text in ("2", "3") or (text == "4" and unit in ("m", "cm", "mm"))
    if unit == "in":
        return text in ("2", "3") and rest[-1:].isdigit()
    for length in ("平方米", "米", "公里", "メートル", "미터"):
        if word.endswith(length):
            return text in ("2", "3")
    return unit in OTHER_UNITS and text in ("2", "3") and rest[-1:] in "/·⋅.*"


def _is_variable(word: str, text: str, rest: str, place: Placement) -> bool:
    if word.lower() in FUNCTIONS:
        return True
    if place.is_after_variable and len(word) <= 3:
        return True
    if _EQUATION_AFTER.match(place.after) and len(word) <= 3:
        return True
    if len(word) == 1 and not is_chinese_or_japanese(word):
        if word.isupper() and text not in ("2", "3"):
            # "Vitamin C⁴" has a mark; a formula has its signs around it.
            return place.has_linked_marks or bool(_EQUATION_BEFORE.search(rest))
        return text != "1"
    is_product = len(word) == 2 and word.islower() and not re.search(r"[aeiouyàäéèöü]", word)
    if is_product and word not in TWO_LETTER_WORDS:
        return text in ("2", "3", "4")
    return bool(re.match(r"^[πλσμαβγδρτωεθφψΔΩ][a-zA-Z]?$", word)) or (word == "CO" and text == "2")


def _is_bracketed_formula(before: str) -> bool:
    opening = max(before.rfind("("), before.rfind("["), before.rfind("{"), 0)
    inside = before[opening + 1 : -1]
    if re.match(r"^\d{1,3}$", inside) or len(inside) > 60:
        return False  # A number of an equation or of a source.
    return not re.search(r"[^\W\d_]{4,}", inside) and bool(
        re.search(r"[+=×·*/^−]|[-–]\s?\w", inside) or re.match(r"^[^\W\d_]{1,2}\d?$", inside)
    )
