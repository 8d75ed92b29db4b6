"""Letters that are joined to digits: COVID-19, A320-200, crypt(3), 21st, the 1990s."""

from __future__ import annotations

import re
from decimal import Decimal

from tasks.pipeline.text.figures.digit_numbers import CENTURIES, DigitNumbers
from tasks.pipeline.text.figures.ranges import squeezed
from tasks.pipeline.text.figures.scales import GLUED
from tasks.pipeline.text.figures.tail import currency_before, tail
from tasks.pipeline.text.figures.types import Figure, FigureKind, Quantity
from tasks.pipeline.text.figures.units import unit_of

_GLUED_BEFORE = re.compile(r"[A-Za-zÀ-ɏͰ-ϿЀ-ԯ][A-Za-zÀ-ɏͰ-ϿЀ-ԯ0-9]{0,24}-?$")
_GLUED_AFTER = re.compile(r"[A-Za-zÀ-ɏͰ-ϿЀ-ԯ]{1,24}")
_REST_OF_NAME = re.compile(r"(?:[.-]?[A-Za-z0-9]{1,12}){1,4}")
_ORDINAL = frozenset((
    "st", "nd", "rd", "th", "er", "ère", "re", "e", "ème", "eme", "de", "ste", "te", "a", "o", "ª", "º",
    "η", "ος", "й", "я", "е", "го", "му", "ый", "ая", "ой",
))  # fmt: skip
_DECADE = frozenset(("s", "er", "ern", "-tal", "talet", "erne"))
_NOT_A_NAME = frozenset((
    "mid", "pre", "post", "non", "sub", "under", "over", "early", "late", "anti", "inter", "multi",
    "über", "unter", "mitte", "anfang", "ende", "ab", "bis", "vor", "nach", "quasi", "semi", "top",
    "all", "ca",
))  # fmt: skip
_NAME_WITH_NUMBER = re.compile(r"[A-Za-z_][\w.-]{0,38}\(\d\)$")


class Designations(DigitNumbers):
    """Reads names with digits in them, and makes figures that are names."""

    def _with_prefix(self, start: int, end: int) -> Figure | None:
        """COVID-19, A320-200; None where the letters are a currency, or no part of a name."""
        flat = self._flat
        match = _GLUED_BEFORE.search(flat, max(0, start - 26), start)
        if not match or currency_before(flat, start)[0]:
            return None
        letters = match[0].rstrip("-")
        is_joined = not match[0].endswith("-")
        if not is_joined and (letters.islower() or letters.lower() in _NOT_A_NAME):
            return None
        if is_joined and len(letters) > 1 and letters.lower() in ("v", "nr", "no", "pp"):
            return None
        rest = _REST_OF_NAME.match(flat, end)
        stop = rest.end() if rest else end
        parts = () if is_joined or letters.isupper() else (self._number(start, end, signed=False),)
        name = squeezed(flat[match.start() : stop])
        return self._named(match.start(), stop, (name,), tuple(one for one in parts if one))

    def _manual_page(self, start: int, end: int) -> Figure | None:
        """Crypt(3) names a page, and so does any name with a number in brackets."""
        match = _NAME_WITH_NUMBER.search(self._flat, max(0, start - 40), end + 1)
        if not match:
            return None
        number = self._number(start, end, signed=False)
        return self._named(match.start(), end + 1, (squeezed(match[0]),), (number,) if number else ())

    def _with_suffix(self, start: int, end: int) -> Figure | None:
        """21st, 1990s, 737MAX; None where the letters are a unit or multiply the number."""
        flat = self._flat
        match = _GLUED_AFTER.match(flat, end)
        assert match is not None
        letters = match[0]
        value = Decimal(flat[start:end])
        if letters in _DECADE and value % 10 == 0 and end - start in (2, 4):
            values = [value] if value > 99 else [century + value for century in CENTURIES]
            quantities = tuple(Quantity(one, "decade") for one in values)
            begin = start - (start > 0 and flat[start - 1] == "'")
            return Figure(begin, match.end(), self._text[begin : match.end()], FigureKind.YEAR, quantities)
        if letters.lower() in _ORDINAL and not flat[match.end() : match.end() + 1].isdigit():
            found = tail(flat, match.end(), value, self._code)
            return Figure(start, found.end, self._text[start : found.end], FigureKind.ORDINAL,
                          (Quantity(value, found.unit),), is_bare=found.is_bare)  # fmt: skip
        if letters in ("x", "X") and not flat[match.end() : match.end() + 1].isalnum():
            number = self._number(start, end)
            return (
                number._replace(end=match.end(), written=self._text[number.start : match.end()])
                if number
                else None
            )
        if letters in GLUED or unit_of(letters) or re.match(r"[eExX]\d", flat[end : end + 2]):
            return None
        rest = _REST_OF_NAME.match(flat, match.end())
        stop = rest.end() if rest else match.end()
        plain = self._number(start, end)
        return self._named(start, stop, (squeezed(flat[start:stop]),), (plain,) if plain else ())

    def _named(self, start: int, end: int, names: tuple[str, ...], parts: tuple[Figure, ...] = ()) -> Figure:
        return Figure(start, end, self._text[start:end], FigureKind.IDENTIFIER, (), names, parts=parts)

    def _date(self, start: int, end: int, names: tuple[str, ...]) -> Figure:
        return Figure(start, end, self._text[start:end], FigureKind.DATE, (), names)
