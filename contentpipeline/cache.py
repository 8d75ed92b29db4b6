"""The cache tiers: what may be how old, where it is kept, and how it is forgotten.

`django.core.cache.caches["content"].remember(key, compute)` is how they are used. With Redis a tier is shared
by all processes; whatever Redis does, a value is computed instead, and soon without waiting for it. A tier is
forgotten by its generation: each value carries the one it was computed under, so no key is searched for. What
is made from published posts is kept for one state of the site besides, of which Redis need not be told.
"""

from __future__ import annotations

import logging
import pickle
import secrets
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from django.core.cache.backends.locmem import LocMemCache
from django_redis.cache import RedisCache
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from contentpipeline.cache_tiers import TIERS
from contentpipeline.circuit_breaker import Breaker
from contentpipeline.counters import counters
from publishing.cache_invalidation import site_generation

logger = logging.getLogger(__name__)

GENERATION = "generation"
FAILED = (RedisError, OSError)

UNREADABLE = (pickle.UnpicklingError, AttributeError, EOFError, ImportError, IndexError)
OTHERWISE = {
    "set": False, "add": False, "delete": False, "touch": False, "has_key": False, "clear": False,
    "get_many": {}, "set_many": [], "delete_many": 0, "incr": None, "decr": None,
}  # fmt: skip
"""What a method answers for a Redis that does not."""

T = TypeVar("T")


class Remembering:
    """What all tiers have beside Django's own methods."""

    key_prefix: str

    def remember(self: Any, key: str, compute: Callable[[], T]) -> T:
        """The value of this key, computed if it is not there or was forgotten."""
        tier = self.key_prefix.rpartition(":")[2]
        found = self.get_many([GENERATION, key])
        generation = found.get(GENERATION)
        if generation is not None and found.get(key, (None, None))[0] == generation:
            counters.add(f"{tier}.hit")
            return found[key][1]
        counters.add(f"{tier}.miss")
        if generation is None:
            # Not the same for two that begin at once: one of the values is then not found again.
            generation = secrets.token_hex(8)
            self.set(GENERATION, generation, timeout=None)
        value = compute()
        # Under the generation from before: a change that came meanwhile makes it void.
        self.set(key, (generation, value))
        return value

    def forget(self: Any) -> None:
        """Forget everything; call it when the change is committed."""
        self.set(GENERATION, secrets.token_hex(8), timeout=None)


class OfTheSite:
    """Each value belongs to one state of the site, and is found in no other: what was withdrawn is not found
    again, whoever was or was not notified. Where no notification would arrive, nothing is cached.
    """

    def remember(self, key: str, compute: Callable[[], T]) -> T:
        state = site_generation.current
        return super().remember(f"{state}:{key}", compute) if state else compute()  # type: ignore[misc]


class MemoryTier(Remembering, LocMemCache):
    """Of one process."""


class SiteMemoryTier(OfTheSite, MemoryTier):
    pass


class RedisTier(Remembering, RedisCache):
    """Redis behind a breaker: every failure is a miss."""

    breakers: dict[str, Breaker] = {}
    """One for each server of Redis: its tiers fail together."""
    unheard: set[tuple[str, str]] = set()
    """Tiers whose last change Redis was not told of yet, for all threads: each has objects of its own."""

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        # Its own three attempts, with pauses of seconds, are the breaker's business.
        once = {"CONNECTION_POOL_KWARGS": {"retry": Retry(NoBackoff(), 0)}}
        super().__init__(server, params | {"OPTIONS": params.get("OPTIONS", {}) | once})
        self._tier = (server, self.key_prefix)
        self._breaker = self.breakers.setdefault(server, Breaker())

    @property
    def is_out(self) -> bool:
        return self._breaker.is_open

    @property
    def must_forget(self) -> bool:
        return self._tier in self.unheard

    def forget(self) -> None:
        """A change that Redis could not be told of is told before anything of this tier is read again."""
        self.unheard.add(self._tier)
        self._settle()

    def _settle(self) -> None:
        if self.set(GENERATION, secrets.token_hex(8), timeout=None):
            self.unheard.discard(self._tier)

    def remember(self, key: str, compute: Callable[[], T]) -> T:
        if self.must_forget:
            self._settle()
            if self.must_forget:
                return compute()
        return super().remember(key, compute)

    def _try(self, work: Callable[..., Any], otherwise: Any, *args: Any, **kwargs: Any) -> Any:
        if not self._breaker.may_try():
            return otherwise
        try:
            found = work(*args, **kwargs)
        except FAILED as error:
            if self._breaker.failed():
                logger.warning("Redis does not answer, so it is left alone for a while: %s", error)
            tier = self.key_prefix.rpartition(":")[2]
            if tier in TIERS:
                counters.add(f"{tier}.error")
            return otherwise
        except UNREADABLE:
            found = otherwise  # written by another release
        self._breaker.worked()
        return found


class SiteRedisTier(OfTheSite, RedisTier):
    pass


def _guarded(name: str, otherwise: Any) -> Callable[..., Any]:
    unguarded = getattr(RedisCache, name)

    @wraps(unguarded)
    def guarded(self: RedisTier, *args: Any, **kwargs: Any) -> Any:
        return self._try(unguarded, otherwise, self, *args, **kwargs)

    return guarded


for _name, _otherwise in OTHERWISE.items():
    setattr(RedisTier, _name, _guarded(_name, _otherwise))


def _get(self: RedisTier, key: str, default: Any = None, *args: Any, **kwargs: Any) -> Any:
    return self._try(RedisCache.get, default, self, key, default, *args, **kwargs)


RedisTier.get = _get  # type: ignore[method-assign]
