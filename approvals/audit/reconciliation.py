"""Whether what readers see today was approved. The apps above say what readers see."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple


class Shown(NamedTuple):
    """One thing that readers see, and what about it nobody approved; empty when all of it was."""

    what: str
    unapproved: str = ""


Check = Callable[[], Iterator[Shown]]
checks: list[Check] = []


def reconcile() -> Iterator[Shown]:
    """Everything that is online at this moment."""
    for check in checks:
        yield from check()
