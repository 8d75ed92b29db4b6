"""Figures and how they are shown."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

ENOUGH_FOR_P95 = 20
"""With fewer values the 95th percentile is nothing but the maximum."""


@dataclass(frozen=True)
class MeasuredFigure:
    """One row of a table: `is_met` is None where there is no goal."""

    name: str
    value: str
    goal: str = ""
    is_met: bool | None = None


def percentile(values: Sequence[float], percent: int) -> float:
    """By nearest rank: the smallest of the values that at least `percent` per cent of them do not exceed."""
    ordered = sorted(values)
    return ordered[max(1, math.ceil(percent * len(ordered) / 100)) - 1]


def upper(values: Sequence[float]) -> tuple[str, float]:
    """The 95th percentile and its name, or the maximum where there are too few values for one."""
    return ("p95", percentile(values, 95)) if len(values) >= ENOUGH_FOR_P95 else ("max", max(values))


def milliseconds(
    name: str, values: Sequence[float], goal: tuple[float, float] | None = None
) -> MeasuredFigure:
    """Median, 95th percentile and maximum of seconds, in milliseconds. A goal is for the first two."""
    middle = percentile(values, 50)
    parts = {"p50": middle} | dict([upper(values)]) | {"max": max(values)}
    shown = ", ".join(f"{label} {1000 * value:.1f} ms" for label, value in parts.items())
    shown = f"{shown}, n={len(values)}"
    if goal is None:
        return MeasuredFigure(name, shown)
    high = upper(values)[1]
    wanted = f"≤ {goal[0]:g} / {goal[1]:g} ms"
    return MeasuredFigure(name, shown, wanted, 1000 * middle <= goal[0] and 1000 * high <= goal[1])


def at_most(name: str, value: float, limit: float, unit: str) -> MeasuredFigure:
    return MeasuredFigure(name, f"{_short(value)} {unit}", f"≤ {limit:g} {unit}", value <= limit)


def at_least(name: str, value: float, limit: float, unit: str) -> MeasuredFigure:
    return MeasuredFigure(name, f"{_short(value)} {unit}", f"≥ {limit:g} {unit}", value >= limit)


def _short(value: float) -> str:
    return f"{value:.0f}" if value >= 1000 else f"{value:.3g}"


def show(figures: Sequence[MeasuredFigure], say: Callable[[str], object]) -> None:
    name_width = max(len(figure.name) for figure in figures)
    value_width = max(len(figure.value) for figure in figures)
    for figure in figures:
        verdict = {None: "", True: "met", False: "MISSED"}[figure.is_met]
        row = f"{figure.name:<{name_width}}  {figure.value:<{value_width}}  {figure.goal:<14} {verdict}"
        say(row.rstrip())
