"""Telling search engines that pages changed, by the IndexNow protocol: durably, and never in a reader's way.

What is to be told is a row, written in the transaction of the change itself. Sending happens later, outside
of any transaction: rows are claimed by moving `deliver_at` into the future, and deleted when the answer was
good. Whoever dies in between leaves them to another. Telling twice does no harm.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from publishing.addresses import absolute
from publishing.models import Announcement
from tasks.pauses import growing_pause
from tasks.pipeline.lazy_import import LazyModule

if TYPE_CHECKING:
    import aiohttp
else:
    aiohttp = LazyModule("aiohttp")

SECONDS = 10.0
"""For all of a call: the name's address, the connection, the answer."""
PATHS_A_CALL = 1000
CLAIM = timedelta(seconds=60)
FIRST_PAUSE = timedelta(seconds=30)
LONGEST_PAUSE = timedelta(hours=6)
MAX_ATTEMPTS = 24


def enqueue(paths: Iterable[str]) -> None:
    """Have these pages told of, in the transaction of their change: once, however often they change before.

    Without a key nothing is kept.
    """
    if not settings.INDEXNOW_KEY:
        return
    now = timezone.now()
    # In one order, so that two transactions cannot wait for each other.
    rows = [Announcement(path=path, changed_at=now, deliver_at=now) for path in sorted(set(paths))]
    Announcement.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["path"],
        update_fields=["changed_at", "deliver_at", "attempts", "last_error"],
    )


def announce_due() -> int:
    """Tell of what is due, in one call; return how many pages it was about. Not inside a transaction."""
    if not settings.INDEXNOW_KEY:
        return 0
    claimed = _claim()
    if not claimed:
        return 0
    error = _why_not_told([row.path for row in claimed])
    for row in claimed:
        # Only as it was claimed: a change meanwhile is to be told by itself.
        as_claimed = Announcement.objects.filter(pk=row.pk, changed_at=row.changed_at)
        if error:
            as_claimed.update(last_error=error, deliver_at=_next(row.attempts))
        else:
            as_claimed.delete()
    return len(claimed)


def pause_after(attempts: int) -> timedelta:
    """30 seconds, 1, 2, 4 … minutes, at most 6 hours."""
    return growing_pause(attempts, FIRST_PAUSE, LONGEST_PAUSE)


def _next(attempts: int) -> datetime | None:
    return timezone.now() + pause_after(attempts) if attempts < MAX_ATTEMPTS else None


@transaction.atomic
def _claim() -> list[Announcement]:
    due = Announcement.objects.filter(deliver_at__lte=timezone.now()).order_by("deliver_at", "pk")
    claimed = list(due.select_for_update(skip_locked=True)[:PATHS_A_CALL])
    for row in claimed:
        row.attempts += 1
        row.deliver_at = timezone.now() + CLAIM
    Announcement.objects.bulk_update(claimed, ["attempts", "deliver_at"])
    return claimed


def _why_not_told(paths: list[str]) -> str:
    """Empty when the search engine took them; otherwise one sentence, without the key."""
    told = {
        "host": urlsplit(settings.SITE_URL).netloc,
        "key": settings.INDEXNOW_KEY,
        "keyLocation": absolute(reverse("indexnow-key", args=[settings.INDEXNOW_KEY])),
        "urlList": [absolute(path) for path in paths],
    }
    try:
        status = asyncio.run(_post(settings.INDEXNOW_URL, told))
    except TimeoutError:
        return f"No answer within {SECONDS:g} seconds."
    except (aiohttp.ClientError, OSError, ValueError) as error:
        return f"It cannot be reached: {type(error).__name__}."
    return "" if status in {200, 202} else f"It answered {status}."


async def _post(url: str, told: dict[str, object]) -> int:
    limit = aiohttp.ClientTimeout(total=SECONDS)
    async with (
        aiohttp.ClientSession(timeout=limit) as session,
        session.post(url, json=told, allow_redirects=False) as answer,
    ):
        return answer.status
