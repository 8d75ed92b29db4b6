"""The months that have posts, found without reading the posts."""

from __future__ import annotations

from datetime import date, datetime

from django.db import connection
from django.utils.timezone import get_default_timezone_name, make_aware

MONTHS = 1200

# From each month's start to the newest post before it: one step in the index a month, however many posts.
STEPS = """
WITH RECURSIVE months AS (
    (SELECT date_trunc('month', published_at, %(zone)s) AS month
     FROM publishing_post WHERE is_live ORDER BY published_at DESC, id DESC LIMIT 1)
    UNION ALL
    SELECT (SELECT date_trunc('month', published_at, %(zone)s)
            FROM publishing_post WHERE is_live AND published_at < months.month
            ORDER BY published_at DESC, id DESC LIMIT 1)
    FROM months WHERE months.month IS NOT NULL
)
SELECT (month AT TIME ZONE %(zone)s)::date FROM months WHERE month IS NOT NULL LIMIT %(most)s
"""


def months() -> list[date]:
    """The first day of each month that has posts, newest first."""
    with connection.cursor() as cursor:
        cursor.execute(STEPS, {"zone": get_default_timezone_name(), "most": MONTHS})
        return [month for (month,) in cursor.fetchall()]


def bounds(year: int, month: int) -> tuple[datetime, datetime]:
    """The start of the month and of the next. Raises ValueError if there is no such month."""
    try:
        start = make_aware(datetime(year, month, 1))
        return start, make_aware(datetime(year + month // 12, month % 12 + 1, 1))
    except OverflowError as error:
        raise ValueError(f"{year}-{month} is not a month.") from error
