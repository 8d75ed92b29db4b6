"""Who is running a task: the session that holds its advisory lock. A dead process holds none."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

NAMESPACE = 0x7A5C
"""First key of the two-key advisory locks, so that no other use of them can collide."""


@contextmanager
def owned(task_id: int) -> Iterator[bool]:
    """Hold the task's lock while the block runs; yields False when another session holds it."""
    keys = [NAMESPACE, task_id % 2**31]
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", keys)
        is_ours = bool(cursor.fetchone()[0])
    try:
        yield is_ours
    finally:
        if is_ours:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", keys)


def owned_task_ids() -> set[int]:
    """Which tasks some living process runs at this moment."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT objid FROM pg_locks WHERE locktype = 'advisory' AND classid = %s AND granted"
            " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
            [NAMESPACE],
        )
        return {int(row[0]) for row in cursor.fetchall()}
