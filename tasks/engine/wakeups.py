"""What workers and watchers are told at once. The row is the truth: who misses a hint finds it by looking."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import connection

WORK = "desk_work"
"""A task may be taken. No payload."""
STOP = "desk_stop"
"""A task that was running must not go on: its id and the epoch of the lease that ends, as `id:epoch`."""
EVENTS = "desk_events"
"""There is news about tasks: their ids separated by commas, or `*` for too many to name."""
WATCH = "desk_watch"
"""Somebody is looking at these tasks, and wants their text as it is written: ids separated by commas."""

LONGEST_PAYLOAD = 7900  # PostgreSQL takes 7999 bytes


def tell_of_work() -> None:
    """Wake the workers once this transaction is committed."""
    _notify((WORK, ""))


def tell_to_stop(leases: Iterable[tuple[int, int]]) -> None:
    """Have the workers that hold these leases (task id, epoch) let go at once."""
    _notify(*((STOP, f"{task_id}:{epoch}") for task_id, epoch in leases))


def tell_of_events(task_ids: Iterable[int]) -> None:
    _notify((EVENTS, ids_payload(task_ids)))


def ids_payload(task_ids: Iterable[int]) -> str:
    payload = ",".join(map(str, task_ids))
    return payload if len(payload) <= LONGEST_PAYLOAD else "*"


def _notify(*messages: tuple[str, str]) -> None:
    """One statement, whatever the number: each would take the lock that all notifying commits share."""
    if not messages:
        return
    channels, payloads = zip(*messages, strict=True)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_notify(channel, payload)"
            " FROM unnest(%s::text[], %s::text[]) AS told (channel, payload)",
            [list(channels), list(payloads)],
        )
