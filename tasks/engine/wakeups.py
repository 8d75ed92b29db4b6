"""Notifications between processes. The row is the truth: a missed notification is found by polling."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import connection

WORK = "desk_work"
"""A task may be taken. No payload."""
STOP = "desk_stop"
"""A task that was running must not go on: its id and the epoch of the lease that ends, as `id:epoch`."""
STOP_PROPOSAL = "desk_stop_proposal"
"""A proposal that a model is working on is not wanted any more: its id."""
EVENTS = "desk_events"
"""Tasks have new events: their ids separated by commas, or `*` for too many to name."""
FOLLOW = "desk_watch"
"""These tasks are followed, and their text is sent as it is written: ids separated by commas."""

LONGEST_PAYLOAD = 7900  # PostgreSQL takes 7999 bytes


def notify_work() -> None:
    """Wake the workers once this transaction is committed."""
    _notify((WORK, ""))


def notify_stop(leases: Iterable[tuple[int, int]]) -> None:
    """Make the workers that hold these leases (task id, epoch) drop them at once."""
    _notify(*((STOP, f"{task_id}:{epoch}") for task_id, epoch in leases))


def notify_stop_proposals(ids: Iterable[int]) -> None:
    _notify(*((STOP_PROPOSAL, str(proposal_id)) for proposal_id in ids))


def notify_events(task_ids: Iterable[int]) -> None:
    _notify((EVENTS, ids_payload(task_ids)))


def ids_payload(task_ids: Iterable[int]) -> str:
    payload = ",".join(map(str, task_ids))
    return payload if len(payload) <= LONGEST_PAYLOAD else "*"


def _notify(*messages: tuple[str, str]) -> None:
    """One statement for all: each would take the lock that all notifying commits share."""
    if not messages:
        return
    channels, payloads = zip(*messages, strict=True)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_notify(channel, payload)"
            " FROM unnest(%s::text[], %s::text[]) AS note (channel, payload)",
            [list(channels), list(payloads)],
        )
