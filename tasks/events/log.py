"""The event log as it is read: the new events of many tasks at once, encoded for the stream."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from tasks.lifecycle import Status

BATCH = 500
"""Events of one task that are read at once; a long past takes several reads."""

ENDED = frozenset(
    {Status.AWAITING_APPROVAL, Status.APPROVED, Status.PUBLISHED, Status.REJECTED, Status.FAILED,
     Status.CANCELLED}
)  # fmt: skip
"""Where the work is over, unless more is asked for. A task on hold goes on."""

# One statement, and so one moment: the row's `event_seq` and `status` belong to its events.
EVENTS_AFTER = """
    SELECT task.id, task.event_seq, task.status,
           jsonb_build_object('status', task.status, 'stage', task.stage, 'progress', task.progress,
                              'error', task.error)::text,
           event.seq, event.kind, event.data::text
    FROM unnest(%s::bigint[], %s::bigint[], %s::boolean[]) AS query (id, seq, always)
    JOIN tasks_contenttask task ON task.id = query.id AND (query.always OR task.event_seq > query.seq)
    LEFT JOIN LATERAL (
        SELECT seq, kind, data FROM tasks_taskevent
        WHERE task_id = query.id AND seq > query.seq ORDER BY seq LIMIT %s
    ) event ON true
    ORDER BY task.id, event.seq
"""


@dataclass(frozen=True, slots=True)
class EventQuery:
    """Asks for a task's events after `seq`, and with `always` for its state even if there are none."""

    task_id: int
    seq: int
    always: bool = False


@dataclass(frozen=True, slots=True)
class EventBatch:
    """A task at one moment, and the requested events, encoded, by their numbers in order."""

    task_id: int
    seq: int
    """Of the last event there is. It may be after those in `events`: then query again."""
    status: str
    snapshot: bytes
    events: list[tuple[int, bytes]] = field(default_factory=list)

    @property
    def end(self) -> bytes | None:
        """The final event for those who have all others; None while the work goes on."""
        if self.status not in ENDED:
            return None
        return b'event: end\ndata: {"status": "%s"}\n\n' % self.status.encode()


def query_parameters(queries: Sequence[EventQuery]) -> list[Any]:
    """The parameters of EVENTS_AFTER."""
    return [
        [query.task_id for query in queries],
        [query.seq for query in queries],
        [query.always for query in queries],
        BATCH,
    ]


def event_batches(rows: Iterable[tuple[Any, ...]]) -> list[EventBatch]:
    """The rows of EVENTS_AFTER, grouped by task."""
    found = []
    for (task_id, seq, status, state), events in groupby(rows, key=lambda row: row[:4]):
        encoded = [(number, event(number, kind, data)) for *_, number, kind, data in events if number]
        found.append(EventBatch(task_id, seq, status, event(seq, "status", state), encoded))
    return found


def event(seq: int, kind: str, data: str) -> bytes:
    """`data` is JSON as PostgreSQL prints it: on one line."""
    return f"id: {seq}\nevent: {kind}\ndata: {data}\n\n".encode()
