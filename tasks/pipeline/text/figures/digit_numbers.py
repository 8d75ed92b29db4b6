"""Numbers in digits with their sign, scale and unit."""

from __future__ import annotations

from decimal import Decimal

from tasks.pipeline.text.figures.notation import Notation
from tasks.pipeline.text.figures.tail import Tail, currency_before, tail
from tasks.pipeline.text.figures.types import Figure, FigureKind, Quantity

_ORDINAL_BY_POINT = frozenset(("de", "da", "no", "cs", "fi", "pl"))
_FEWEST_YEAR, _LAST_YEAR = 1000, 2199
# Of "the 80s".
CENTURIES = (1900, 2000, 1800)


def is_year(value: Decimal) -> bool:
    return _FEWEST_YEAR <= value <= _LAST_YEAR and value == int(value)


class DigitNumbers:
    """Reads single numbers of one text at given places."""

    def __init__(self, text: str, flat: str, code: str) -> None:
        self._text, self._flat, self._code = text, flat, code
        self._notation = Notation(flat, code)

    def _number(self, start: int, end: int, *, signed: bool = True) -> Figure | None:
        """A number with its sign, scale and unit; None where the digits are no number."""
        values = self._notation.values(self._flat[start:end])
        if not values:
            return None
        if (
            start
            and self._flat[start - 1] == "."
            and not self._flat[max(0, start - 2)].isalnum()
            and values[0] == int(values[0])
        ):
            values = (Decimal(f"0.{self._flat[start:end]}"),) if self._flat[start:end].isdigit() else values
        if start and self._flat[start - 1] == "(" and (loss := self._loss(start, end, values)):
            return loss
        found = [tail(self._flat, end, value, self._code) for value in values]
        return self._figure(start, end, found, signed=signed)

    def _loss(self, start: int, end: int, values: tuple[Decimal, ...]) -> Figure | None:
        """ "$(3) million" in accounts is a loss of three."""
        currency, begin = currency_before(self._flat, start - 1)
        if not currency or self._flat[end : end + 1] != ")":
            return None
        found = [tail(self._flat, end + 1, value, self._code) for value in values]
        quantities = tuple(Quantity(-one.value, currency) for one in found)
        stop = found[0].end
        return Figure(begin, stop, self._text[begin:stop], FigureKind.CARDINAL, quantities)

    def _figure(self, start: int, end: int, found: list[Tail], *, signed: bool) -> Figure:
        flat, first = self._flat, found[0]
        currency, begin = currency_before(flat, start)
        negative = self._is_negative(begin) if signed else False
        quantities = []
        for one in found:
            unit = currency if currency and one.unit in ("", "m") else one.unit
            if unit == "year" and flat[end : end + 1] in "年년" and end - start == 4 and is_year(one.value):
                unit = ""
            quantities.append(Quantity(one.value, unit))
            if one.other is not None:
                quantities.append(Quantity(one.other, one.unit if currency == "" else currency))
                quantities.append(Quantity(one.value, currency))
        if negative:
            quantities = [Quantity(-value, unit) for value, unit in quantities]
        elif (
            begin
            and flat[begin - 1] == "("
            and flat[first.end : first.end + 1] == ")"
            and (currency or first.is_scaled)
        ):
            quantities += [Quantity(-value, unit) for value, unit in quantities]
        plain = (
            not (currency or quantities[0].unit or first.is_scaled)
            and end - start == 4
            and flat[start:end].isdigit()
        )
        kind = FigureKind.YEAR if plain and is_year(first.value) and not negative else FigureKind.CARDINAL
        if flat[end : end + 1] in ".ºª" and end < len(flat) and self._is_ordinal(end):
            after = tail(flat, end + 1, first.value, self._code)
            if after.unit:
                first, quantities = after, [Quantity(first.value, after.unit)]
            kind = FigureKind.ORDINAL
        begin -= negative
        text = self._text[begin : first.end]
        return Figure(begin, first.end, text, kind, tuple(dict.fromkeys(quantities)), is_bare=first.is_bare)

    def _is_ordinal(self, end: int) -> bool:
        """Whether the mark after the digits makes them an ordinal, as in "19. Jahrhundert"."""
        mark, following = self._flat[end : end + 1], self._flat[end + 1 : end + 3].strip()
        return mark in ("º", "ª") or (self._code in _ORDINAL_BY_POINT and following.isalpha())

    def _is_negative(self, begin: int) -> bool:
        flat = self._flat
        sign = flat[begin - 1] if begin else ""
        if not sign or sign not in "-–":
            return False
        before = flat[begin - 2] if begin > 1 else " "
        is_within_word = before.isalnum() and before <= "\u2e7f"
        return not (is_within_word or (before > "\u2e7f" and sign != "-") or before in "-–.,:%)°")
