"""Checks that everything online was approved. The apps above say what is online."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple


class Shown(NamedTuple):
    """One thing that is online, and what about it was not approved; empty when all of it was."""

    what: str
    unapproved: str = ""


Check = Callable[[], Iterator[Shown]]
checks: list[Check] = []


def reconcile() -> Iterator[Shown]:
    """Everything that is online now."""
    for check in checks:
        yield from check()
