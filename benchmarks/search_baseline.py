"""What a page of search costs in another checkout, measured by that checkout's own `bench search`."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from statistics import mean

from benchmarks.figures import MeasuredFigure, at_most

CPU = ", CPU of server and database"
FIGURE = re.compile(rf"^page: (.+){CPU}\s+([\d.]+) ms", re.MULTILINE)
CPU_SHARE = 0.35
"""Of the baseline's."""
NOT_FOR_IT = ("BENCH_INSIDE", "DATA_DIR", "DATABASE_URL", "ADMIN_DATABASE_URL")
"""It makes a database of its own."""


def baseline_cpu(
    checkout: Path, posts: int, say: Callable[[str], object], *, quick: bool
) -> dict[str, float]:
    """Milliseconds of a page by class of query."""
    say(f"The same in {checkout} …")
    environment = {name: value for name, value in os.environ.items() if name not in NOT_FOR_IT}
    command = [sys.executable, "manage.py", "bench", "search", "--posts", str(posts)]
    command += ["--quick"] if quick else []
    shown = subprocess.run(command, cwd=checkout, env=environment, capture_output=True, text=True)
    found = {name: float(ms) for name, ms in FIGURE.findall(shown.stdout)}
    if not found:
        say(f"It printed no figures of pages: {shown.stderr.strip()[-300:]}")
    return found


def compared_cpu(ours: dict[str, float], baseline: dict[str, float]) -> list[MeasuredFigure]:
    """Of the classes that both have."""
    both = [name for name in ours if name in baseline]
    if not both:
        return []
    figures = [
        MeasuredFigure(f"page: {name}, CPU to the baseline's", f"{ours[name] / baseline[name]:.2f} ×")
        for name in both
    ]
    share = mean(ours[name] for name in both) / mean(baseline[name] for name in both)
    return [*figures, at_most("page: CPU to the baseline's, mean", share, CPU_SHARE, "×")]
