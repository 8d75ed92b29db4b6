"""What a figure is: a number, a date or a designation with digits, as a value that can be compared."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple


class FigureKind(StrEnum):
    CARDINAL = "cardinal"
    ORDINAL = "ordinal"
    YEAR = "year"
    DATE = "date"
    BOUND = "bound"
    """One end of a range."""
    FRACTION = "fraction"
    IDENTIFIER = "identifier"
    """Compared whole, character by character: 737-800, COVID-19, 3.11.7, 14:30."""


class Quantity(NamedTuple):
    value: Decimal
    unit: str = ""
    """As in "percent" or "m²"; "" where the text names none that is known."""


class Figure(NamedTuple):
    start: int
    end: int
    written: str
    kind: FigureKind
    quantities: tuple[Quantity, ...] = ()
    """More than one where the notation has several meanings: 1.500, 5m."""
    names: tuple[str, ...] = ()
    """Of dates and identifiers, in one form: "2024-03-03", "737-800"."""
    range_name: str = ""
    """Of a bound, that of its range: "5..10"."""
    parts: tuple[Figure, ...] = ()
    """The figures that an identifier or a date has in it."""
    is_spelled: bool = False
    """Whether it is written in words."""
    is_bare: bool = True
    """Whether no word follows that may be a unit: a cell of a table, the end of a sentence."""

    @property
    def values(self) -> tuple[Decimal, ...]:
        return tuple(quantity.value for quantity in self.quantities)

    @property
    def unit(self) -> str:
        return self.quantities[0].unit if self.quantities else ""
