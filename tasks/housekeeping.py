"""Forgetting what nobody asks for any more."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from django.db import connection
from django.utils import timezone

from tasks import uploads
from tasks.lifecycle import UNFINISHED
from tasks.models import IdempotencyKey

KEPT = timedelta(days=7)
BATCH = 1000

OLD_EVENTS = """
    DELETE FROM tasks_taskevent WHERE ctid = ANY (ARRAY (
        SELECT event.ctid FROM tasks_taskevent event JOIN tasks_contenttask task ON task.id = event.task_id
        WHERE NOT task.status = ANY (%s) AND coalesce(task.finished_at, task.status_changed_at) < %s
        LIMIT %s FOR UPDATE OF event SKIP LOCKED))
"""


def forget_old_rows() -> int:
    """Delete the events of tasks whose work ended a week ago, idempotency keys that hold no longer, and files
    that were chosen a day ago for what was never filed.

    A thousand rows at a time, each thousand by itself; returns how many rows that were.
    """
    forgotten = in_batches(_forget_events) + in_batches(_forget_keys)
    return forgotten + in_batches(lambda: uploads.forget_old(BATCH))


def in_batches(forget: Callable[[], int]) -> int:
    forgotten = count = forget()
    while count == BATCH:
        forgotten += (count := forget())
    return forgotten


def _forget_events() -> int:
    with connection.cursor() as cursor:
        cursor.execute(OLD_EVENTS, [[str(status) for status in UNFINISHED], timezone.now() - KEPT, BATCH])
        return cursor.rowcount


def _forget_keys() -> int:
    ended = timezone.now() - IdempotencyKey.RETENTION
    old = IdempotencyKey.objects.filter(created_at__lt=ended).order_by("id")
    return IdempotencyKey.objects.filter(pk__in=list(old.values_list("pk", flat=True)[:BATCH])).delete()[0]
