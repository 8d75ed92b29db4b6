"""The event log as it is read: what is new about many tasks at once, in the words of the stream."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from tasks.lifecycle import Status

BATCH = 500
"""Events of one task that are read at once; a long past comes in several goes."""

ENDED = frozenset(
    {Status.AWAITING_APPROVAL, Status.APPROVED, Status.PUBLISHED, Status.REJECTED, Status.FAILED,
     Status.CANCELLED}
)  # fmt: skip
"""Where the work is over, for as long as nobody asks for more. A task on hold goes on."""

# One statement, and so one moment: the row's `event_seq` and `status` belong to the events beside them.
NEWS = """
    SELECT task.id, task.event_seq, task.status,
           jsonb_build_object('status', task.status, 'stage', task.stage, 'progress', task.progress,
                              'error', task.error)::text,
           event.seq, event.kind, event.data::text
    FROM unnest(%s::bigint[], %s::bigint[], %s::boolean[]) AS asked (id, seq, always)
    JOIN tasks_contenttask task ON task.id = asked.id AND (asked.always OR task.event_seq > asked.seq)
    LEFT JOIN LATERAL (
        SELECT seq, kind, data FROM tasks_taskevent
        WHERE task_id = asked.id AND seq > asked.seq ORDER BY seq LIMIT %s
    ) event ON true
    ORDER BY task.id, event.seq
"""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is wanted of a task: its events after `seq`, and with `always` its state even if there is none."""

    task_id: int
    seq: int
    always: bool = False


@dataclass(frozen=True, slots=True)
class News:
    """A task at one moment, and the events that were asked for, encoded, by their numbers in order."""

    task_id: int
    seq: int
    """Of the last event there is. It may be beyond those in `events`: then ask again."""
    status: str
    snapshot: bytes
    events: list[tuple[int, bytes]] = field(default_factory=list)

    @property
    def end(self) -> bytes | None:
        """The last word to those who have all events; None while the work goes on."""
        if self.status not in ENDED:
            return None
        return b'event: end\ndata: {"status": "%s"}\n\n' % self.status.encode()


def parameters(asked: Sequence[Asked]) -> list[Any]:
    """The parameters of NEWS."""
    return [
        [one.task_id for one in asked],
        [one.seq for one in asked],
        [one.always for one in asked],
        BATCH,
    ]


def news_of(rows: Iterable[tuple[Any, ...]]) -> list[News]:
    """The rows of NEWS, put together by task."""
    found = []
    for (task_id, seq, status, state), events in groupby(rows, key=lambda row: row[:4]):
        encoded = [(number, event(number, kind, data)) for *_, number, kind, data in events if number]
        found.append(News(task_id, seq, status, event(seq, "status", state), encoded))
    return found


def event(seq: int, kind: str, data: str) -> bytes:
    """`data` is JSON as PostgreSQL prints it: on one line."""
    return f"id: {seq}\nevent: {kind}\ndata: {data}\n\n".encode()
