"""The months that have posts, found without reading the posts."""

from __future__ import annotations

from datetime import date, datetime
from typing import NamedTuple

from django.db import connection
from django.utils.timezone import get_current_timezone_name, make_aware

MONTHS = 1200
MOST_COUNTED = 1000
"""Of one month; more posts are shown as "1,000+", so that no number of posts makes the page slow."""

# From each month's start to the newest post before it: one step in the index a month, however many posts.
STEPS = """
WITH RECURSIVE months AS (
    (SELECT date_trunc('month', published_at, %(zone)s) AS month
     FROM publishing_post WHERE is_live AND NOT is_page ORDER BY published_at DESC, id DESC LIMIT 1)
    UNION ALL
    SELECT (SELECT date_trunc('month', published_at, %(zone)s)
            FROM publishing_post WHERE is_live AND NOT is_page AND published_at < months.month
            ORDER BY published_at DESC, id DESC LIMIT 1)
    FROM months WHERE months.month IS NOT NULL
)
SELECT (month AT TIME ZONE %(zone)s)::date, counted.posts
FROM (SELECT month FROM months WHERE month IS NOT NULL LIMIT %(most)s) AS months
CROSS JOIN LATERAL (
    SELECT count(*) AS posts FROM (
        SELECT FROM publishing_post
        WHERE is_live AND NOT is_page AND published_at >= month
            AND published_at < (month AT TIME ZONE %(zone)s + interval '1 month') AT TIME ZONE %(zone)s
        LIMIT %(counted)s + 1
    ) AS capped
) AS counted
"""


class Month(NamedTuple):
    first_day: date
    posts: int
    """At most MOST_COUNTED."""
    has_more: bool = False


def months() -> list[Month]:
    """Each month that has posts, newest first."""
    zone = {"zone": get_current_timezone_name()}
    with connection.cursor() as cursor:
        cursor.execute(STEPS, zone | {"most": MONTHS, "counted": MOST_COUNTED})
        rows = cursor.fetchall()
    return [Month(day, min(posts, MOST_COUNTED), posts > MOST_COUNTED) for day, posts in rows]


def bounds(year: int, month: int) -> tuple[datetime, datetime]:
    """The start of the month and of the next. Raises ValueError if there is no such month."""
    try:
        start = make_aware(datetime(year, month, 1))
        return start, make_aware(datetime(year + month // 12, month % 12 + 1, 1))
    except OverflowError as error:
        raise ValueError(f"{year}-{month} is not a month.") from error
