"""Figures and how they are shown."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median, quantiles


@dataclass(frozen=True)
class Figure:
    """One row of a table: `is_met` is None where there is no goal."""

    name: str
    value: str
    goal: str = ""
    is_met: bool | None = None


def p50_p95(values: Sequence[float]) -> tuple[float, float]:
    return median(values), quantiles(values, n=20)[-1] if len(values) > 1 else values[0]


def milliseconds(name: str, values: Sequence[float], goal: tuple[float, float] | None = None) -> Figure:
    """Median and 95th percentile of seconds, in milliseconds."""
    middle, high = (1000 * value for value in p50_p95(values))
    shown = f"p50 {middle:.1f} ms, p95 {high:.1f} ms, max {1000 * max(values):.0f} ms, n={len(values)}"
    if goal is None:
        return Figure(name, shown)
    wanted = f"≤ {goal[0]:g} / {goal[1]:g} ms"
    return Figure(name, shown, wanted, middle <= goal[0] and high <= goal[1])


def at_most(name: str, value: float, limit: float, unit: str) -> Figure:
    return Figure(name, f"{_short(value)} {unit}", f"≤ {limit:g} {unit}", value <= limit)


def at_least(name: str, value: float, limit: float, unit: str) -> Figure:
    return Figure(name, f"{_short(value)} {unit}", f"≥ {limit:g} {unit}", value >= limit)


def _short(value: float) -> str:
    return f"{value:.0f}" if value >= 1000 else f"{value:.3g}"


def show(figures: Sequence[Figure], say: Callable[[str], object]) -> None:
    name_width = max(len(figure.name) for figure in figures)
    value_width = max(len(figure.value) for figure in figures)
    for figure in figures:
        verdict = {None: "", True: "met", False: "MISSED"}[figure.is_met]
        row = f"{figure.name:<{name_width}}  {figure.value:<{value_width}}  {figure.goal:<14} {verdict}"
        say(row.rstrip())
