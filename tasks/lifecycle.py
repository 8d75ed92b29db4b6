"""The lifecycle of a task: one table, one method. Nothing else writes `status`."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from django.db import connection, models, transaction
from django.utils import timezone

from tasks.errors import TransitionRefused
from tasks.signals import status_changed

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from tasks.models import ContentTask


class Status(models.TextChoices):
    PENDING = "pending"
    IN_PROGRESS = "in_progress", "In progress"
    ON_HOLD = "on_hold", "On hold"
    AWAITING_APPROVAL = "awaiting_approval", "Awaiting approval"
    APPROVED = "approved"
    REJECTED = "rejected"
    PUBLISHED = "published"
    FAILED = "failed"
    CANCELLED = "cancelled"


TRANSITIONS: dict[Status, frozenset[Status]] = {
    Status.PENDING: frozenset({Status.IN_PROGRESS, Status.ON_HOLD, Status.CANCELLED}),
    Status.IN_PROGRESS: frozenset(
        {Status.AWAITING_APPROVAL, Status.PENDING, Status.FAILED, Status.CANCELLED, Status.ON_HOLD}
    ),
    Status.ON_HOLD: frozenset({Status.PENDING, Status.CANCELLED}),
    Status.AWAITING_APPROVAL: frozenset({Status.APPROVED, Status.REJECTED, Status.PENDING, Status.CANCELLED}),
    Status.APPROVED: frozenset({Status.PUBLISHED, Status.AWAITING_APPROVAL, Status.CANCELLED}),
    Status.FAILED: frozenset({Status.PENDING}),
    Status.CANCELLED: frozenset({Status.PENDING}),
    Status.REJECTED: frozenset({Status.PENDING}),
    Status.PUBLISHED: frozenset({Status.APPROVED}),
}

RESUMES_ITS_RUN = frozenset({Status.IN_PROGRESS, Status.ON_HOLD, Status.FAILED})
"""Leaving one of these for pending goes on with the same run; every other way back starts a new one."""

UNFINISHED = frozenset({Status.PENDING, Status.IN_PROGRESS, Status.ON_HOLD})
"""Where there is work to do, now or after the task is resumed."""

BRIEF_IS_OPEN = frozenset({Status.PENDING, Status.ON_HOLD, Status.FAILED, Status.CANCELLED, Status.REJECTED})
"""Where the brief may change: no worker is working on it, and no text awaits a decision."""

EDITABLE = frozenset(
    {
        Status.AWAITING_APPROVAL, Status.APPROVED, Status.REJECTED, Status.CANCELLED, Status.FAILED,
        Status.PUBLISHED,
    }
)  # fmt: skip
"""Where a person may change the text; what is published stays as it is. Elsewhere a worker writes it."""


@dataclass(frozen=True)
class Move:
    """One change of state; `by` is None when no person made it."""

    task: ContentTask
    old: Status
    new: Status
    by: User | None = None
    reason: str = ""


class Lifecycle(models.Model):
    """The state of a task and the only way to change it."""

    status = models.CharField(max_length=20, choices=Status, default=Status.PENDING, editable=False)
    status_changed_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        abstract = True

    def move_to(
        self,
        new: Status,
        *,
        by: User | None = None,
        reason: str = "",
        **fields: Any,
    ) -> None:
        """Change `status`, and `fields` with it, and announce it. Raises TransitionRefused."""
        old = Status(self.status)
        if not move_all([(self, reason, fields)], new, by=by):
            found = type(self)._default_manager.values_list("status", flat=True).get(pk=self.pk)
            raise TransitionRefused(f"Task {self.pk} is {found}, no longer {old}: it did not become {new}.")


MoveRequest = tuple[Lifecycle, str, Mapping[str, Any]]
"""A task, the reason for its move, and the other fields that change with it."""


def move_all(requests: Sequence[MoveRequest], new: Status, *, by: User | None = None) -> list[Move]:
    """Move many tasks, in one statement and with one announcement; return the moves that were made.

    All change the same fields. A task whose row has another state is left out. Raises
    TransitionRefused when the table does not allow one of the moves.
    """
    if not requests:
        return []
    for task, _, _ in requests:
        if new not in TRANSITIONS[Status(task.status)]:
            raise TransitionRefused(f"Task {task.pk} is {task.status}: it cannot become {new}.")
    now = timezone.now()
    changes = [(task, {**fields, "status": new, "status_changed_at": now}) for task, _, fields in requests]
    # No savepoint: an error here has to undo what the caller did with the move.
    with transaction.atomic(savepoint=False):
        event_seqs = _compare_and_swap(changes)
        moves = []
        for (task, values), (_, reason, _) in zip(changes, requests, strict=True):
            if task.pk not in event_seqs:
                continue
            moves.append(Move(cast("ContentTask", task), Status(task.status), new, by, reason))
            for name, value in (values | {"event_seq": event_seqs[task.pk]}).items():
                setattr(task, name, value)
        if moves:
            status_changed.send(type(moves[0].task), moves=moves)
    return moves


def _compare_and_swap(changes: Sequence[tuple[Lifecycle, Mapping[str, Any]]]) -> dict[int, int]:
    """Write the new values where the status is still the one that was read, and an event for each.

    Two processes may hold the same task: one update wins. Returns the number of the event by task.
    """
    meta, names = type(changes[0][0])._meta, list(changes[0][1])
    by_name = {field.name: field for field in meta.concrete_fields}
    fields = [by_name[name] for name in names]
    rows = [
        {"id": task.pk, "old_status": task.status}
        | {str(field.column): field.get_prep_value(values[field.name]) for field in fields}
        for task, values in changes
    ]
    columns = [connection.ops.quote_name(str(field.column)) for field in fields]
    types = [f"{column} {field.db_type(connection)}" for column, field in zip(columns, fields, strict=True)]
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            WITH moved AS (
                UPDATE {meta.db_table} task
                SET event_seq = event_seq + 1, {", ".join(f"{name} = wanted.{name}" for name in columns)}
                FROM jsonb_to_recordset(%s::jsonb)
                    AS wanted (id bigint, old_status text, {", ".join(types)})
                WHERE task.id = wanted.id AND task.status = wanted.old_status
                RETURNING task.id, task.event_seq, task.status, task.stage, task.progress, task.error
            ), logged AS (
                INSERT INTO tasks_taskevent (task_id, seq, kind, data)
                SELECT id, event_seq, 'status', jsonb_build_object(
                    'status', status, 'stage', stage, 'progress', progress, 'error', error)
                FROM moved
            )
            SELECT id, event_seq FROM moved
            """,
            [json.dumps(rows, default=str)],
        )
        return dict(cursor.fetchall())
