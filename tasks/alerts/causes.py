"""Failures grouped by cause: the kind of error, and its message without what differs from task to task."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import CharField, Count, F, Func, Max, Q, QuerySet, Value

from tasks.lifecycle import Status
from tasks.models import ContentTask

MAX_CAUSES = 30
MAX_EXAMPLES = 5

MAX_LOOKED_AT = 10_000
"""Comparing texts takes 15 µs each. Of more failures than this, the latest say what goes wrong now."""

DIFFERS = r"\S*(://\S*|[0-9]\S*)"
"""Addresses, and every word with a digit in it: numbers, times, ids."""

FAILED = Q(status=Status.FAILED)
RETRYING = Q(status=Status.PENDING) & ~Q(error="")
"""Waiting because a model or page was unavailable; the error is still in the row."""


class ErrorPattern(Func):
    """The beginning of an error's text, with `…` for what differs. PostgreSQL does it: errors are many."""

    template = "left(regexp_replace(left(%(expressions)s, '…', 'g'), 120)"
    arg_joiner = ", 200), "
    output_field = CharField()

    def __init__(self, text: str) -> None:
        super().__init__(F(text), Value(DIFFERS))


@dataclass(frozen=True)
class Cause:
    error_kind: str
    message: str
    count: int
    """Of failed tasks."""
    retrying: int
    """Of tasks that wait to be tried again."""
    latest_at: datetime
    task_ids: list[int]
    """The latest failed ones."""


def causes() -> list[Cause]:
    """Why tasks failed, and why others wait to be tried again, the most frequent first."""
    latest = ContentTask.objects.filter(FAILED | RETRYING).order_by("-status_changed_at")[:MAX_LOOKED_AT]
    found = (
        ContentTask.objects.filter(pk__in=latest.values("pk"))
        .order_by()
        .annotate(message=ErrorPattern("error"))
        .values("error_kind", "message")
        .annotate(
            count=Count("id", filter=FAILED),
            retrying=Count("id", filter=RETRYING),
            latest_at=Max("status_changed_at"),
            task_ids=Func(
                ArrayAgg("id", filter=FAILED, order_by=["-status_changed_at", "-id"], default=[]),
                template=f"(%(expressions)s)[1:{MAX_EXAMPLES}]",
            ),
        )
        .order_by("-count", "-retrying", "-latest_at")
    )
    return [Cause(**row) for row in found[:MAX_CAUSES]]


def tasks_of(error_kind: str, message: str) -> QuerySet[ContentTask]:
    """The tasks that one cause stands for."""
    tasks = ContentTask.objects.filter(FAILED | RETRYING, error_kind=error_kind)
    return tasks.annotate(message=ErrorPattern("error")).filter(message=message)
