"""Counts a client's requests in a time window, over all processes and hosts: one statement in PostgreSQL.

The table is UNLOGGED: after a crash of the server counts start again, and no request waits for the disk.
"""

from __future__ import annotations

from math import ceil
from typing import NamedTuple

from django.db import connection

# clock_timestamp(), because now() is the start of the transaction.
COUNT = """
INSERT INTO approvals_requestcount AS counted (key, count, ends_at)
VALUES (%(key)s, 1, clock_timestamp() + %(seconds)s * interval '1 second')
ON CONFLICT (key) DO UPDATE SET
    count = CASE WHEN counted.ends_at <= clock_timestamp() THEN 1 ELSE counted.count + 1 END,
    ends_at = CASE WHEN counted.ends_at <= clock_timestamp() THEN excluded.ends_at ELSE counted.ends_at END
RETURNING count, extract(epoch FROM ends_at - clock_timestamp())::float8
"""


class RequestsCounted(NamedTuple):
    number: int
    seconds_left: int
    """Until the window ends; at least 1."""


def count(key: str, seconds: float) -> RequestsCounted:
    """Count one more under this key, of up to 100 characters. The window begins with the first."""
    # Through the driver itself: half the work of Django's cursor, and every API request does it.
    connection.close_if_health_check_failed()
    connection.ensure_connection()
    with connection.wrap_database_errors:
        found = connection.connection.execute(COUNT, {"key": key, "seconds": seconds})
        counted, left = found.fetchone()
    return RequestsCounted(counted, max(1, ceil(left)))
