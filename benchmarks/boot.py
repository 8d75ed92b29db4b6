"""Starting an installation, and what it takes while idle: next to an earlier commit, in turn."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from django.conf import settings

from benchmarks import boot_rig
from benchmarks.boot_rig import Idle, Start
from benchmarks.figures import MeasuredFigure, at_most, show
from benchmarks.installation import open_directory

Say = Callable[[str], object]
BASELINE = "6226cb5"
OURS = "this checkout"
WHOLE, QUICK = (5, 5.0, 30.0), (1, 3.0, 10.0)
"""How many rounds, and for how many seconds an installation settles and is then left alone."""
MEMORY, FIRST_START, LATER_START, IDLE_CPU = 0.5, 0.7, 0.6, 0.7
"""What is aimed at, as a share of the baseline's."""


@dataclass
class Measured:
    """What the rounds found about one checkout."""

    first: list[Start] = field(default_factory=list)
    later: list[Start] = field(default_factory=list)
    after_first: list[Idle] = field(default_factory=list)
    idle: list[Idle] = field(default_factory=list)


def run(say: Say, *, quick: bool, baseline: Path | None = None) -> None:
    """Measure everything and print it. `quick` takes few samples: for a rough check, not for a record."""
    rounds, settle_seconds, idle_seconds = QUICK if quick else WHOLE
    say(f"{rounds} × a first start and a later one of each, then {idle_seconds:g} s of doing nothing.")
    with _baseline(baseline) as checkout:
        checkouts = {OURS: Path(settings.BASE_DIR)} | ({BASELINE: checkout} if checkout else {})
        if checkout is None:
            say(f"Absolute figures only: give --baseline DIR, a checkout of {BASELINE}.")
        for directory in checkouts.values():
            boot_rig.compile_code(directory)
        measured: dict[str, Measured] = defaultdict(Measured)
        for number in range(rounds):
            # The first one meets colder caches, so they take turns.
            for name in sorted(checkouts, reverse=bool(number % 2)):
                say(f"Round {number + 1}: {name} …")
                _measure(checkouts[name], measured[name], settle_seconds, idle_seconds)
    figures = _figures(measured[OURS], measured.get(BASELINE))
    show(figures, say)
    for name, found in measured.items():
        say(f"\nMemory of {name} by process, PSS:")
        show(_roles(found.idle), say)


@contextmanager
def _baseline(given: Path | None) -> Iterator[Path | None]:
    with nullcontext(given) if given else boot_rig.checkout_of(BASELINE, Path(settings.BASE_DIR)) as checkout:
        yield checkout


def _measure(checkout: Path, found: Measured, settle_seconds: float, idle_seconds: float) -> None:
    with open_directory() as directory:
        data_dir = directory / "data"
        with boot_rig.installation(checkout, data_dir) as installation:
            found.first.append(installation.start)
            found.after_first.append(installation.idle(settle_seconds, 0.1))
        with boot_rig.installation(checkout, data_dir) as installation:
            found.later.append(installation.start)
            found.idle.append(installation.idle(settle_seconds, idle_seconds))


def _figures(ours: Measured, theirs: Measured | None) -> list[MeasuredFigure]:
    """Medians of all rounds; a goal is for the ratio, because the machine decides about the rest."""
    rows: list[tuple[str, Callable[[Measured], Sequence[float]], str, float | None]] = [
        ("first start, to Ready", lambda found: [start.seconds for start in found.first], "s", FIRST_START),
        ("  CPU of it", lambda found: [start.cpu_seconds for start in found.first], "s", None),
        ("later start, to Ready", lambda found: [start.seconds for start in found.later], "s", LATER_START),
        ("  CPU of it", lambda found: [start.cpu_seconds for start in found.later], "s", None),
        ("idle memory", lambda found: [idle.pss_mb for idle in found.idle], "MB PSS", MEMORY),
        ("idle memory after a first start", lambda found: [idle.pss_mb for idle in found.after_first],
         "MB PSS", MEMORY),
        ("idle Python processes", lambda found: [idle.processes for idle in found.idle], "", None),
        ("idle CPU, with PostgreSQL",
         lambda found: [idle.cpu_percent + idle.postgres_cpu_percent for idle in found.idle],
         "% of a core", IDLE_CPU),
        ("  of it PostgreSQL", lambda found: [idle.postgres_cpu_percent for idle in found.idle],
         "% of a core", None),
        ("PostgreSQL's memory", lambda found: [idle.postgres_pss_mb for idle in found.idle],
         "MB PSS", None),
    ]  # fmt: skip
    figures: list[MeasuredFigure] = []
    for name, values, unit, goal in rows:
        mine = median(values(ours))
        figures.append(MeasuredFigure(name, _shown(mine, unit)))
        if theirs is not None:
            other = median(values(theirs))
            ratio = mine / other if other else 0.0
            figures.append(MeasuredFigure(f"    {BASELINE}", _shown(other, unit)))
            figures.append(
                MeasuredFigure("    ratio", f"{ratio:.2f}×")
                if goal is None
                else at_most("    ratio", ratio, goal, "×")
            )
    return figures


def _shown(value: float, unit: str) -> str:
    return f"{value:.3g} {unit}".rstrip() if value < 100 else f"{value:.0f} {unit}".rstrip()


def _roles(idle: Sequence[Idle]) -> list[MeasuredFigure]:
    """The last round's: what a process is called may differ between two starts."""
    by_role: Mapping[str, tuple[int, float]] = idle[-1].by_role
    return [
        MeasuredFigure(f"  {role[:60]}", f"{count} × {pss_mb / count:.1f} MB")
        for role, (count, pss_mb) in sorted(by_role.items(), key=lambda item: -item[1][1])
    ]
