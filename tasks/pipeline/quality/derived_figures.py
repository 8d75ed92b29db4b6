"""Figures that no source has, but that follow from one it has: rounded, converted, or computed from two.

A careful writer rounds with "about", gives three weeks for 21 days, adds a column "Change" to a table.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import permutations

from tasks.pipeline.text.figures import Figure, FigureIndex
from tasks.pipeline.text.figures.types import FigureKind, Quantity
from tasks.pipeline.text.figures.units import PERCENT, are_compatible

# "About" before a figure.
_HEDGE = re.compile(
    r"(?:\b(?:about|around|nearly|almost|some|roughly|approximately|over|under|than|below|above|up to"
    r"|close to|circa|ca\.|knapp|rund|gut|fast|etwa|ungef[äa]hr|[üu]ber|als|unter|bis zu|beinahe|kaum"
    r"|pr[èe]s d[e']|environ|plus d[e']|moins d[e']|presque|quelque|autour de|une"
    r"|casi|un[oa]s|m[áa]s de|menos de|cerca de|alrededor de"
    r"|aproximadamente|quasi|oltre|pi[ùu] di|meno di"
    r"|quase|bijna|ongeveer|ruim|meer dan|prawie|oko[łl]o|ponad|niemal|почти|около|более|примерно"
    r"|свыше)|[~≈约近約])[ \u00a0]?\Z",
    re.IGNORECASE,
)
_HEDGED_BY = Decimal("0.05")
_FRACTION_BY = Decimal("0.12")
_LEAST_DIGITS = 2
_LEAST_YEAR = 999
# A month has no fixed number of weeks.
_SIZES = {
    "hour": ("time", Decimal(1)), "day": ("time", Decimal(24)), "week": ("time", Decimal(168)),
    "month": ("calendar", Decimal(1)), "year": ("calendar", Decimal(12)),
    "decade": ("calendar", Decimal(120)), "century": ("calendar", Decimal(1200)),
    "mm": ("length", Decimal("0.001")), "cm": ("length", Decimal("0.01")), "m": ("length", Decimal(1)),
    "km": ("length", Decimal(1000)),
    "mg": ("mass", Decimal("0.001")), "g": ("mass", Decimal(1)), "kg": ("mass", Decimal(1000)),
    "tonne": ("mass", Decimal(1_000_000)),
    "ml": ("volume", Decimal(1)), "cl": ("volume", Decimal(10)), "dl": ("volume", Decimal(100)),
    "litre": ("volume", Decimal(1000)), "l": ("volume", Decimal(1000)),
    "inch": ("length", Decimal("0.0254")), "foot": ("length", Decimal("0.3048")),
    "yard": ("length", Decimal("0.9144")), "mile": ("length", Decimal("1609.344")),
    "ounce": ("mass", Decimal("28.3495")), "pound": ("mass", Decimal("453.592")),
}  # fmt: skip
_INEXACT = frozenset({"inch", "foot", "yard", "mile", "ounce", "pound"})
_SCALES = tuple(Decimal(10) ** power for power in (0, 3, 6, 9))
_MOST_FIGURES = 40


def is_derived(
    figure: Figure, prose: str, own: Sequence[Figure], indexes: Sequence[FigureIndex], *, is_row: bool
) -> bool:
    """Whether a figure of a statement follows from those of the sources."""
    held = [quantity for index in indexes for one in index.figures for quantity in one.quantities]
    is_hedged = _HEDGE.search(prose, max(0, figure.start - 20), figure.start) is not None
    if is_row and _is_cell_of(figure, frozenset().union(*(index.values for index in indexes))):
        return True
    for quantity in figure.quantities:
        for other in held:
            value = _in_unit(other, quantity.unit)
            if value is None:
                continue
            is_foreign = (other.unit in _INEXACT) != (quantity.unit in _INEXACT)
            if not is_foreign and _is_rounded(figure, quantity.value, value, is_hedged=is_hedged):
                return True
            # "5 miles" for 8 km may as well be an error; "about 5 miles" and "4.97 miles" are a conversion.
            own_value = quantity.value.normalize()
            is_converted = is_hedged or len(own_value.as_tuple().digits) >= _LEAST_DIGITS
            if is_foreign and is_converted and abs(value - own_value) <= _quantum(own_value) / 2:
                return True
        if is_hedged and figure.kind == FigureKind.FRACTION and not quantity.unit:
            share = quantity.value * 100
            if any(one.unit == PERCENT and _is_near(one.value, share, _FRACTION_BY) for one in held):
                return True
    return _is_computed(figure, own, held, is_row=is_row)


def _in_unit(source: Quantity, unit: str) -> Decimal | None:
    """The value of a source's quantity in the draft's unit."""
    if source.unit == unit or are_compatible(source.unit, unit):
        return source.value
    size, own = _SIZES.get(source.unit), _SIZES.get(unit)
    return source.value * size[1] / own[1] if size and own and size[0] == own[0] else None


def _is_rounded(figure: Figure, own: Decimal, value: Decimal, *, is_hedged: bool) -> bool:
    if own == value:
        return True
    if figure.kind not in (FigureKind.CARDINAL, FigureKind.FRACTION) or not own:
        return False
    is_rounder = len(own.normalize().as_tuple().digits) < len(value.normalize().as_tuple().digits)
    if is_hedged and is_rounder and _is_near(value, own, _HEDGED_BY):
        return True
    if figure.kind == FigureKind.FRACTION:
        return False
    quantum = _quantum(own.normalize() if is_hedged else own)
    digits = len(own.as_tuple().digits)
    return (is_hedged or digits >= _LEAST_DIGITS) and is_rounder and abs(value - own) <= quantum / 2


def _quantum(value: Decimal) -> Decimal:
    """The unit of the last digit that is written."""
    return Decimal(1).scaleb(int(value.as_tuple().exponent))


def _is_near(value: Decimal, own: Decimal, share: Decimal) -> bool:
    return abs(value - own) <= share * abs(value)


def _is_cell_of(figure: Figure, values: frozenset[Decimal | str]) -> bool:
    """Whether the head of a column may have the magnitude and unit of a cell, or the year before."""
    if figure.kind == FigureKind.YEAR:
        return any({value - 1, value + 1} & values for value in figure.values)
    return any(value * scale in values for value in figure.values if value for scale in _SCALES)


def _is_computed(figure: Figure, own: Sequence[Figure], held: Sequence[Quantity], *, is_row: bool) -> bool:
    """Whether it is the change, difference or share of two figures, of which the statement has one."""
    stated = [quantity for one in own if one is not figure for quantity in one.quantities]
    known = {value for one in stated for value in _scaled(one.value, is_row=is_row)}
    pool = list(dict.fromkeys(one for one in held if one.value > 0))[:_MOST_FIGURES]
    for one, other in permutations(pool, 2):
        if one.value not in known or not (one.unit == other.unit or are_compatible(one.unit, other.unit)):
            continue
        both = other.value in known
        for quantity in figure.quantities:
            wanted, quantum = abs(quantity.value), _quantum(quantity.value)
            if quantity.unit == PERCENT:
                if any(abs(share - wanted) <= quantum / 2 for share in _shares(one.value, other.value, both)):
                    return True
            elif quantity.unit == "year":
                # "Three years before", where the statement has one of the two years.
                are_years = not one.unit and min(one.value, other.value) > _LEAST_YEAR
                if are_years and abs(one.value - other.value) == wanted:
                    return True
            elif both or one.unit:
                difference = abs(one.value - other.value)
                if difference and difference == wanted and are_compatible(one.unit, quantity.unit):
                    return True
    return False


def _scaled(value: Decimal, *, is_row: bool) -> Iterator[Decimal]:
    for scale in _SCALES if is_row else _SCALES[:1]:
        yield value * scale


def _shares(one: Decimal, other: Decimal, both: bool) -> Iterator[Decimal]:
    """What one is more or less than the other, in percent; where a statement has both, also the share."""
    yield abs(one - other) / other * 100
    yield abs(one - other) / one * 100
    if both:
        yield one / other * 100
        yield other / one * 100
