"""One sender at a time: an advisory lock, which PostgreSQL releases when the process that holds it dies."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection


@contextmanager
def sole_sender(namespace: int, key: int) -> Iterator[bool]:
    """Whether nobody else sends what these name. Holds no row, and needs no transaction.

    `namespace` is the first key of the two-key locks, so that no other use of them can collide.
    """
    keys = [namespace, key % 2**31]
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", keys)
        is_alone = bool(cursor.fetchone()[0])
    try:
        yield is_alone
    finally:
        if is_alone:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", keys)
