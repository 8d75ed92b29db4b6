"""Hands every move on to whoever works on the task or watches it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.dispatch import receiver

from tasks.engine import wakeups
from tasks.lifecycle import Move, Status
from tasks.signals import status_changed

STOPPED = frozenset({Status.CANCELLED, Status.ON_HOLD})
"""Where people take a task to while a worker is at it."""


@receiver(status_changed)
def tell(sender: type, *, moves: Sequence[Move], **_: Any) -> None:
    if any(move.new == Status.PENDING for move in moves):
        wakeups.tell_of_work()
    wakeups.tell_to_stop(
        (move.task.pk, move.task.lease_epoch)
        for move in moves
        if move.old == Status.IN_PROGRESS and move.new in STOPPED
    )
    wakeups.tell_of_events(move.task.pk for move in moves)
