"""Notifies workers and followers of every move."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.dispatch import receiver

from tasks.engine import wakeups
from tasks.lifecycle import Move, Status
from tasks.signals import status_changed

STOPPED = frozenset({Status.CANCELLED, Status.ON_HOLD})
"""Where people move a task while a worker is working on it."""


@receiver(status_changed)
def notify_followers(sender: type, *, moves: Sequence[Move], **_: Any) -> None:
    if any(move.new == Status.PENDING for move in moves):
        wakeups.notify_work()
    wakeups.notify_stop(
        (move.task.pk, move.task.lease_epoch)
        for move in moves
        if move.old == Status.IN_PROGRESS and move.new in STOPPED
    )
    wakeups.notify_events(move.task.pk for move in moves)
