"""How many articles a second one thread files, approves and publishes: next to an earlier commit, in turn."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from django.conf import settings

from benchmarks.boot import BASELINE, OURS
from benchmarks.boot_rig import checkout_of
from benchmarks.figures import MeasuredFigure, show
from benchmarks.installation import open_directory

Say = Callable[[str], object]
STEPS = ("file", "approve", "publish")
SCRIPT = Path(__file__).with_name("throughput_steps.py")
WHOLE, QUICK = (3, 200), (1, 40)
"""How many runs of each checkout, and how many articles in each."""
GOAL = 2.0
"""Times the baseline's throughput."""


@dataclass(frozen=True)
class ThroughputRun:
    articles: int
    seconds: dict[str, float]
    statements: dict[str, int]

    @property
    def a_second(self) -> float:
        return self.articles / sum(self.seconds.values())

    def milliseconds(self, step: str) -> float:
        return 1000 * self.seconds[step] / self.articles


def run(say: Say, *, quick: bool, baseline: Path | None = None) -> None:
    """Measure everything and print it. `quick` takes few samples: for a rough check, not for a record."""
    rounds, articles = QUICK if quick else WHOLE
    say(f"{rounds} × {articles} articles filed, approved and published one after the other by each.")
    with nullcontext(baseline) if baseline else checkout_of(BASELINE, Path(settings.BASE_DIR)) as checkout:
        checkouts = {OURS: Path(settings.BASE_DIR)} | ({BASELINE: checkout} if checkout else {})
        if checkout is None:
            say(f"Absolute figures only: give --baseline DIR, a checkout of {BASELINE}.")
        runs: dict[str, list[ThroughputRun]] = {name: [] for name in checkouts}
        for number in range(rounds):
            # They take turns, so that neither has the quieter machine.
            for name in sorted(checkouts, reverse=bool(number % 2)):
                found = measure(checkouts[name], articles)
                say(f"Run {number + 1}: {name}, {found.a_second:.1f} articles/s")
                runs[name].append(found)
    show(figures(runs[OURS], runs.get(BASELINE)), say)


def measure(checkout: Path, articles: int) -> ThroughputRun:
    """In a process and on a database of its own."""
    with open_directory() as directory:
        environment = {name: value for name, value in os.environ.items() if "DATABASE_URL" not in name}
        environment |= {
            "DATA_DIR": str(directory / "data"),
            "SECRET_KEY": "only for a benchmark",
            "LOG_LEVEL": "CRITICAL",
        }
        command = [sys.executable, str(SCRIPT), str(articles)]
        done = subprocess.run(command, cwd=checkout, env=environment, stdout=subprocess.PIPE, check=True)
    return ThroughputRun(**json.loads(done.stdout.splitlines()[-1]))


def figures(ours: Sequence[ThroughputRun], theirs: Sequence[ThroughputRun] | None) -> list[MeasuredFigure]:
    """Medians of the runs; the goal is for the ratio, because the machine decides about the rest."""
    mine = median(one.a_second for one in ours)
    shown = [MeasuredFigure("articles filed, approved and published", f"{mine:.1f}/s")]
    if theirs is not None:
        other = median(one.a_second for one in theirs)
        shown.append(MeasuredFigure(f"    {BASELINE}", f"{other:.1f}/s"))
        ratio = mine / other
        shown.append(MeasuredFigure("    ratio", f"{ratio:.2f}×", f"≥ {GOAL:g}×", ratio >= GOAL))
    for step in STEPS:
        shown.append(MeasuredFigure(step, _cost(step, ours)))
        if theirs is not None:
            shown.append(MeasuredFigure(f"    {BASELINE}", _cost(step, theirs)))
    return shown


def _cost(step: str, runs: Sequence[ThroughputRun]) -> str:
    milliseconds = median(one.milliseconds(step) for one in runs)
    return f"{runs[0].statements[step]} statements, {milliseconds:.1f} ms"
