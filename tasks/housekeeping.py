"""Deletes rows that are no longer needed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from django.db import connection
from django.utils import timezone

from tasks import uploads
from tasks.lifecycle import UNFINISHED
from tasks.models import IdempotencyKey

EVENT_RETENTION = timedelta(days=7)
BATCH = 1000

OLD_EVENTS = """
    DELETE FROM tasks_taskevent WHERE ctid = ANY (ARRAY (
        SELECT event.ctid FROM tasks_taskevent event JOIN tasks_contenttask task ON task.id = event.task_id
        WHERE NOT task.status = ANY (%s) AND coalesce(task.finished_at, task.status_changed_at) < %s
        LIMIT %s FOR UPDATE OF event SKIP LOCKED))
"""


def delete_old_rows() -> int:
    """Delete the events of tasks that ended a week ago, expired idempotency keys, and expired staged files.

    A thousand rows a transaction; returns how many rows were deleted.
    """
    deleted = in_batches(_delete_events) + in_batches(_delete_keys)
    return deleted + in_batches(lambda: uploads.delete_expired(BATCH))


def in_batches(delete: Callable[[], int]) -> int:
    deleted = count = delete()
    while count == BATCH:
        deleted += (count := delete())
    return deleted


def _delete_events() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            OLD_EVENTS, [[str(status) for status in UNFINISHED], timezone.now() - EVENT_RETENTION, BATCH]
        )
        return int(cursor.rowcount)


def _delete_keys() -> int:
    ended = timezone.now() - IdempotencyKey.RETENTION
    old = IdempotencyKey.objects.filter(created_at__lt=ended).order_by("id")
    return IdempotencyKey.objects.filter(pk__in=list(old.values_list("pk", flat=True)[:BATCH])).delete()[0]
