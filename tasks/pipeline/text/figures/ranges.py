"""What the two ends of a range share, and the one form of a name."""

from __future__ import annotations

import re
from decimal import Decimal

from tasks.pipeline.text.figures.notation import plain
from tasks.pipeline.text.figures.types import Figure, FigureKind, Quantity


def squeezed(name: str) -> str:
    """COVID-19 and Covid 19 are one name."""
    return re.sub(r"[^\w.]", "", name.casefold()) if not name.replace("-", "").isdigit() else name


def range_name(one: Quantity, other: Quantity) -> str:
    return f"{one.value.normalize():f}..{other.value.normalize():f}"


def bounds(one: Figure, other: Figure, *, is_short_year: bool = False) -> tuple[Figure, Figure]:
    """Both ends of a range: what is said of the second, such as "percent", holds for the first."""
    one = sharing(one, other)
    firsts, seconds = one.quantities, other.quantities
    if is_short_year:
        century = firsts[0].value // 100 * 100
        seconds = (Quantity(century + seconds[0].value), *seconds)
    unit = other.unit or one.unit
    if unit:
        firsts = tuple(Quantity(value, own or unit) for value, own in firsts)
        seconds = tuple(Quantity(value, own or unit) for value, own in seconds)
    name = range_name(firsts[0], seconds[0])
    return (
        one._replace(
            kind=FigureKind.BOUND, quantities=firsts, range_name=name, is_bare=one.is_bare or bool(unit)
        ),
        other._replace(kind=FigureKind.BOUND, quantities=seconds, range_name=name),
    )


def sharing(one: Figure, other: Figure) -> Figure:
    """ "3 and 4 million euros": the first may be meant in millions of euros, too."""
    unit = "" if one.unit else other.unit
    scale = _scale(other)
    if not unit and not scale:
        return one
    quantities = tuple(Quantity(value, own or unit) for value, own in one.quantities)
    if scale and abs(one.values[0]) < 1000:
        quantities = (*(Quantity(value * scale, own) for value, own in quantities), *quantities)
    return one._replace(quantities=quantities, is_bare=True)


def _scale(figure: Figure) -> Decimal | None:
    """What a word such as "million" multiplied the figure by, as far as its digits show."""
    value = figure.values[0]
    if figure.is_spelled and value >= 1000 and value % 1000 == 0:
        return next(Decimal(scale) for scale in (10**9, 10**6, 1000) if value % scale == 0)
    digits = re.search(r"\d[\d.,]{0,12}", plain(figure.written))
    if not digits or abs(value) < 1000:
        return None
    try:
        bare = Decimal(digits[0].rstrip(".,").replace(",", "."))
    except ArithmeticError:
        return None
    ratio = value / bare if bare else Decimal(0)
    return ratio if ratio in (10**3, 10**4, 10**6, 10**8, 10**9, 10**12) else None
