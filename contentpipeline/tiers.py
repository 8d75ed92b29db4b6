"""The cache tiers by name, and how old what they hold may be; `cache` has what they do.

Without Redis no process could tell another to forget, so only what is forgotten by time alone is kept.
"""

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
BY_TIME_ALONE = {"metrics", "models"}


def caches_for(redis_url: str) -> dict[str, dict[str, Any]]:
    """Django's CACHES: the tiers, and `default` for the framework's own use."""
    if redis_url:
        return {
            name: _in_redis(redis_url, name, timeout)
            for name, timeout in {"default": timedelta(minutes=5), **TIERS}.items()
        }
    in_memory = {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "desk"}
    kept = {name: "MemoryTier" if name in BY_TIME_ALONE else "NoTier" for name in TIERS}
    return {"default": in_memory} | {
        name: {
            "BACKEND": f"contentpipeline.cache.{kind}", "LOCATION": name, "KEY_PREFIX": name,
            "TIMEOUT": TIERS[name].total_seconds(),
        }
        for name, kind in kept.items()
    }  # fmt: skip


def _in_redis(url: str, name: str, timeout: timedelta) -> dict[str, Any]:
    return {
        "BACKEND": "contentpipeline.cache.RedisTier",
        "LOCATION": url,
        "KEY_PREFIX": "desk" if name == "default" else f"desk:{name}",
        "TIMEOUT": timeout.total_seconds(),
        # A Redis that accepts but never answers would hold every page for 5 s, the client's default.
        "OPTIONS": {"SOCKET_CONNECT_TIMEOUT": 0.1, "SOCKET_TIMEOUT": 0.1},
    }
