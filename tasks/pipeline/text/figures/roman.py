"""Roman numerals where they are figures: centuries, and what is numbered after its name (Louis XIV)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import NamedTuple

_VALUES = {"I": 1, "V": 5, "X": 10}
_NUMERAL = r"X{0,3}(?:IX|IV|V?I{0,3})"
_CENTURY = (
    r"(?:siècles?|siglos?|secol[oi]|séculos?|век(?:а|е|у|ом|ах|ов)?|вв?\.|wiek(?:u|iem)?|w\.|centur(?:y|ies)|"
    r"Jahrhunderts?|eeuw|століт\w{0,4}|století|secolului|secolul)"
)
_BEFORE_CENTURY = re.compile(
    rf"(?<![\w-])(?=[IVX])({_NUMERAL})(?:e|ᵉ|ème|er|th|st|nd|rd|\.)?[ \u00a0]{_CENTURY}(?!\w)"
)
_AFTER_CENTURY = re.compile(
    rf"(?<!\w)(?:siglos?|secol(?:o|ului|ul)|séculos?)[ \u00a0](?=[IVX])({_NUMERAL})(?!\w)", re.IGNORECASE
)
_AFTER_NAME = re.compile(rf"(?<!\w)[A-ZÀ-Þ][^\W\d_]{{2,24}}[ \u00a0](?=[IVX]{{2}})({_NUMERAL})(?![\w'’-])")


class RomanNumber(NamedTuple):
    start: int
    end: int
    value: Decimal
    is_century: bool


def roman_numbers(flat: str) -> list[RomanNumber]:
    """Every one, in order; letters that may as well be a word are none."""
    found = [*_found(_BEFORE_CENTURY, flat, True), *_found(_AFTER_CENTURY, flat, True)]
    taken = {number.start for number in found}
    found += [number for number in _found(_AFTER_NAME, flat, False) if number.start not in taken]
    return sorted(found)


def _found(pattern: re.Pattern[str], flat: str, is_century: bool) -> Iterator[RomanNumber]:
    for match in pattern.finditer(flat):
        if match[1]:
            yield RomanNumber(match.start(1), match.end(1), _value(match[1].upper()), is_century)


def _value(numeral: str) -> Decimal:
    values = [_VALUES[letter] for letter in numeral]
    following = [*values[1:], 0]
    return Decimal(sum(-one if one < two else one for one, two in zip(values, following, strict=True)))
