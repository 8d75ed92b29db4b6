"""Notifying search engines of changed pages, by the IndexNow protocol.

A row is written in the transaction of the change itself. Sending happens later, outside of any transaction:
rows are leased, and deleted once they are delivered. To notify twice does no harm.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from publishing.addresses import absolute
from publishing.models import Announcement
from tasks.delivery import http
from tasks.delivery.backoff import Backoff
from tasks.delivery.errors import DeliveryFailed

PATHS_A_CALL = 1000
LEASE = timedelta(seconds=60)
BACKOFF = Backoff(timedelta(seconds=30), timedelta(hours=6), max_attempts=24)


def enqueue(paths: Iterable[str]) -> None:
    """Enqueue these pages, in the transaction of their change: once, however often they change before.

    Without a key nothing is written.
    """
    if not settings.INDEXNOW_KEY:
        return
    now = timezone.now()
    # In one order, so that two transactions cannot wait for each other.
    rows = [Announcement(path=path, changed_at=now, due_at=now) for path in sorted(set(paths))]
    Announcement.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["path"],
        update_fields=["changed_at", "due_at", "attempts", "last_error"],
    )


def announce_due() -> int:
    """Announce what is due, in one call; return how many pages that were. Not inside a transaction."""
    if not settings.INDEXNOW_KEY:
        return 0
    leased = Announcement.objects.lease(LEASE, PATHS_A_CALL)
    if not leased:
        return 0
    error = _send([row.path for row in leased])
    for row in leased:
        # Only as it was leased: a change meanwhile is announced by itself.
        as_leased = Announcement.objects.filter(pk=row.pk, changed_at=row.changed_at)
        if error:
            as_leased.record_failure(error, row.attempts, BACKOFF)
        else:
            as_leased.delete()
    return len(leased)


def _send(paths: Sequence[str]) -> str:
    """Empty when the search engine accepted them; otherwise one sentence, without the key."""
    body = {
        "host": urlsplit(settings.SITE_URL).netloc,
        "key": settings.INDEXNOW_KEY,
        "keyLocation": absolute(reverse("indexnow-key", args=[settings.INDEXNOW_KEY])),
        "urlList": [absolute(path) for path in paths],
    }
    try:
        http.post(settings.INDEXNOW_URL, json.dumps(body).encode(), {}, receiver="IndexNow")
    except DeliveryFailed as error:
        return str(error)
    return ""
