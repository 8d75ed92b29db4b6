"""What tests ask of the processes that they start."""

from __future__ import annotations

from collections.abc import Iterable

from contentpipeline.processes.process_tree import is_alive, trees
from contentpipeline.processes.supervisor import wait_until


def are_gone(pids: Iterable[int], seconds: float = 10) -> bool:
    """Whether all of them end within that time."""
    waited_for = set(pids)
    return wait_until(lambda: not any(map(is_alive, waited_for)), seconds, 0.02)


def tree_of(pid: int) -> set[int]:
    """This process and all below it."""
    return {each.pid for each in trees([pid])}
