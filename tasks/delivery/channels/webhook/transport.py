"""Posting to a webhook. Each attempt has its own time and signature."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence

from django.conf import settings
from django.views.decorators.debug import sensitive_variables

from tasks.delivery.channels.webhook import legacy, signature
from tasks.delivery.http import Resolver, post


@sensitive_variables("keys", "legacy_key", "headers")
def deliver(
    url: str,
    body: bytes,
    *,
    message_id: str,
    keys: Sequence[bytes],
    legacy_version: str,
    legacy_key: bytes | None,
    more_headers: Mapping[str, str] | None = None,
    resolve: Resolver | None = None,
) -> int:
    """Post and return the status. The first key is the current one. Raises DeliveryFailed."""
    timestamp = int(time.time())
    headers = {
        "User-Agent": f"EditorialDesk/1.0 (+{settings.SITE_URL})",
        **signature.headers(message_id, timestamp, body, keys),
        **legacy.headers(legacy_version, timestamp, body, legacy_key),
        **(more_headers or {}),
    }
    return post(url, body, headers, resolve=resolve)
