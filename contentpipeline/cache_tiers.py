"""The cache tiers by name and maximum age; `contentpipeline.cache` implements them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

TIERS = {
    "query": timedelta(minutes=30),
    "user": timedelta(minutes=5),
    "metrics": timedelta(minutes=1),
    "content": timedelta(hours=2),
    "models": timedelta(days=1),
}
SITE_TIERS = {"query", "content"}
"""Made from published content, so each change of the site invalidates them."""


def caches_for(redis_url: str) -> dict[str, dict[str, Any]]:
    """Django's CACHES: the tiers, and `default` for Django's own use."""
    if redis_url:
        return {
            name: _in_redis(redis_url, name, timeout)
            for name, timeout in {"default": timedelta(minutes=5), **TIERS}.items()
        }
    in_memory = {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "desk"}
    return {"default": in_memory} | {
        name: {
            "BACKEND": f"contentpipeline.cache.{'SiteMemoryTier' if name in SITE_TIERS else 'MemoryTier'}",
            "LOCATION": name, "KEY_PREFIX": name, "TIMEOUT": timeout.total_seconds(),
        }
        for name, timeout in TIERS.items()
    }  # fmt: skip


def _in_redis(url: str, name: str, timeout: timedelta) -> dict[str, Any]:
    return {
        "BACKEND": f"contentpipeline.cache.{'SiteRedisTier' if name in SITE_TIERS else 'RedisTier'}",
        "LOCATION": url,
        "KEY_PREFIX": "desk" if name == "default" else f"desk:{name}",
        "TIMEOUT": timeout.total_seconds(),
        # A Redis that accepts but never answers would hold every page for 5 s, the client's default.
        "OPTIONS": {"SOCKET_CONNECT_TIMEOUT": 0.1, "SOCKET_TIMEOUT": 0.1},
    }
