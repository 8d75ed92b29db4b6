"""Notifies workers and followers of every move, and stores the file that a source was saved with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models.signals import post_save
from django.dispatch import receiver

from tasks.engine import wakeups
from tasks.lifecycle import EDITABLE, Move, Status
from tasks.models import Source
from tasks.proposals import dismiss_waiting
from tasks.signals import source_stored, status_changed
from tasks.source_records import store_files

STOPPED = frozenset({Status.CANCELLED, Status.ON_HOLD})
"""Where people move a task while a worker is working on it."""


ENDS_PROPOSALS = frozenset({Status.PENDING, Status.CANCELLED})


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


@receiver(status_changed)
def dismiss_proposals(sender: type, *, moves: Sequence[Move], **_: Any) -> None:
    """A text that is written again, or whose task is cancelled, is not worth a model's reply any more."""
    if left := [move.task.pk for move in moves if move.old in EDITABLE and move.new in ENDS_PROPOSALS]:
        dismiss_waiting(left)


@receiver(post_save, sender=Source)
def store_file(sender: type[Source], instance: Source, **_: Any) -> None:
    """In the transaction of `save`: no source without its file. Those of a new brief are filed together."""
    if instance.file is None:
        return
    by = instance.file.by
    for reading in store_files([instance]):
        source_stored.send(Source, snapshot=reading.snapshot, reading=reading, by=by)
