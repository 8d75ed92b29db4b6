"""What the desk's pages cost at ten thousand drafts, next to an earlier commit that answers in turn."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from django.conf import settings

from benchmarks.boot import OURS
from benchmarks.boot_rig import checkout_of
from benchmarks.figures import MeasuredFigure, percentile, show
from benchmarks.installation import open_directory

Say = Callable[[str], object]
BASELINE = "6226cb5"
SCRIPT = Path(__file__).with_name("desk_steps.py")
WHOLE, QUICK = (10_000, 20), (2_000, 8)
"""How many drafts, and how often each page is asked for."""
GOAL = 0.7
"""Times the baseline's 95th percentile."""
PALETTE_MS = 50
COLD = (" (cold)", ("Home", "Desk, queue mine", "Review page", "Published"))
"""With empty caches, as after every action of anybody."""


@dataclass(frozen=True)
class PageCost:
    """CPU time of the process and its waiting for the database."""

    seconds: float
    queries: int


class Desk:
    """A checkout's desk in a process of its own, which answers one request at a time."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self.pages: list[str] = self._answer()["pages"]

    def ask(self, page: str) -> PageCost:
        """Raises RuntimeError when the page is not there, or the process ended."""
        assert self._process.stdin
        self._process.stdin.write(f"{page}\n")
        self._process.stdin.flush()
        answer = self._answer()
        if answer["status"] != 200:
            raise RuntimeError(f"{page} was answered with {answer['status']}.")
        return PageCost(answer["seconds"], answer["queries"])

    def _answer(self) -> dict[str, Any]:
        assert self._process.stdout
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("The process that answers has ended.")
        answer: dict[str, Any] = json.loads(line)
        return answer


def run(say: Say, *, quick: bool, baseline: Path | None = None) -> None:
    """Measure everything and print it. `quick` takes few samples: for a rough check, not for a record."""
    drafts, samples = QUICK if quick else WHOLE
    say(f"{drafts} drafts, {samples} requests of each page …")
    with ExitStack() as stack:
        given = nullcontext(baseline) if baseline else checkout_of(BASELINE, Path(settings.BASE_DIR))
        checkout = stack.enter_context(given)
        if checkout is None:
            say(f"Absolute figures only: give --baseline DIR, a checkout of {BASELINE}.")
        checkouts = {OURS: Path(settings.BASE_DIR)} | ({BASELINE: checkout} if checkout else {})
        desks = {name: stack.enter_context(desk(path, drafts)) for name, path in checkouts.items()}
        costs = measure(desks, samples)
    show(figures(costs), say)


@contextmanager
def desk(checkout: Path, drafts: int) -> Iterator[Desk]:
    """On a database of its own."""
    with open_directory() as directory:
        environment = {name: value for name, value in os.environ.items() if "DATABASE_URL" not in name}
        environment |= {
            "DATA_DIR": str(directory / "data"),
            "SECRET_KEY": "only for a benchmark",
            "LOG_LEVEL": "CRITICAL",
        }
        process = subprocess.Popen(
            [sys.executable, str(SCRIPT), str(drafts)], cwd=checkout, env=environment, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip
        try:
            yield Desk(process)
        finally:
            assert process.stdin
            process.stdin.close()
            process.wait(60)


def measure(desks: dict[str, Desk], samples: int) -> dict[str, dict[str, list[PageCost]]]:
    """The costs of each page in each checkout. They take turns, so that neither has the quieter machine."""
    suffix, cold = COLD
    emptied = [f"{name}{suffix}" for name in cold]
    costs: dict[str, dict[str, list[PageCost]]] = {page: {} for page in (*desks[OURS].pages, *emptied)}
    for pages in (desks[OURS].pages, emptied):  # these last: they empty the caches of the others
        for number in range(samples + 1):
            for page in pages:
                for name in sorted(desks, reverse=bool(number % 2)):
                    if page.removesuffix(suffix) not in desks[name].pages:
                        continue
                    cost = desks[name].ask(page)
                    if number:  # the first fills caches
                        costs[page].setdefault(name, []).append(cost)
    return costs


def figures(costs: dict[str, dict[str, list[PageCost]]]) -> list[MeasuredFigure]:
    """Of each page, what it costs, and what of what it cost before; the goal is for the ratio."""
    shown = []
    for page, by_checkout in costs.items():
        ours, theirs = by_checkout[OURS], by_checkout.get(BASELINE)
        value, goal, is_met = _shown(ours), "", None
        if theirs:
            ratio = _p95(ours) / _p95(theirs)
            value += f"; before: {_shown(theirs)}; p95 × {ratio:.2f}"
            goal, is_met = f"≤ {GOAL:g} ×", ratio <= GOAL
        elif page.startswith("Palette"):
            goal, is_met = f"≤ {PALETTE_MS} ms", 1000 * _p95(ours) <= PALETTE_MS
        shown.append(MeasuredFigure(page, value, goal, is_met))
    return shown


def _p95(costs: Sequence[PageCost]) -> float:
    return percentile([cost.seconds for cost in costs], 95)


def _shown(costs: Sequence[PageCost]) -> str:
    middle = median(cost.seconds for cost in costs)
    return f"{1000 * middle:.0f} / {1000 * _p95(costs):.0f} ms, {costs[-1].queries} queries"
