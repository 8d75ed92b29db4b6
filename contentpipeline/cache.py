"""Django cache backends for the cache tiers, with invalidation of a whole tier at once.

Use `caches["content"].get_or_compute(key, compute)`. With Redis a tier is shared by all processes;
when Redis fails, values are computed instead, and after a few failures without waiting for it. A tier is
invalidated by its generation: each value carries the one it was computed under, so no key is searched for.
What is made from published posts also belongs to one site generation, of which Redis need not be notified.
"""

from __future__ import annotations

import logging
import pickle
import secrets
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from django.core.cache import caches
from django.core.cache.backends.locmem import LocMemCache
from django_redis.cache import RedisCache
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from contentpipeline.cache_tiers import TIERS
from contentpipeline.circuit_breaker import CircuitBreaker
from contentpipeline.counters import counters
from publishing.cache_invalidation import site_generation

logger = logging.getLogger(__name__)

GENERATION = "generation"
CONNECTION_ERRORS = (RedisError, OSError)

UNPICKLING_ERRORS = (pickle.UnpicklingError, AttributeError, EOFError, ImportError, IndexError)
FALLBACKS = {
    "set": False, "add": False, "delete": False, "touch": False, "has_key": False, "clear": False,
    "get_many": {}, "set_many": [], "delete_many": 0, "incr": None, "decr": None,
}  # fmt: skip
"""What a method returns when Redis fails."""

T = TypeVar("T")


class CacheTier:
    """Mixin: what all tiers add to Django's own methods."""

    key_prefix: str

    def get_or_compute(self: Any, key: str, compute: Callable[[], T]) -> T:
        """The value of this key, computed if it is missing or was invalidated."""
        tier = self.key_prefix.rpartition(":")[2]
        found = self.get_many([GENERATION, key])
        generation = found.get(GENERATION)
        if generation is not None and found.get(key, (None, None))[0] == generation:
            counters.add(f"{tier}.hit")
            cached: T = found[key][1]
            return cached
        counters.add(f"{tier}.miss")
        if generation is None:
            # Two that begin at once choose different ones: one of the values is then not found again.
            generation = secrets.token_hex(8)
            self.set(GENERATION, generation, timeout=None)
        value = compute()
        # Under the generation from before: a change that came meanwhile makes it void.
        self.set(key, (generation, value))
        return value

    def invalidate(self: Any) -> None:
        """Invalidate every value; call it when the change is committed."""
        self.set(GENERATION, secrets.token_hex(8), timeout=None)


class SiteGenerationTier:
    """Mixin: each value belongs to one site generation and is found in no other.

    So a withdrawn text is not found again even if Redis missed an invalidation. Where no notification would
    arrive, nothing is cached.
    """

    def get_or_compute(self, key: str, compute: Callable[[], T]) -> T:
        generation = site_generation.current
        return super().get_or_compute(f"{generation}:{key}", compute) if generation else compute()  # type: ignore[misc]  # a mixin


def tier(name: str) -> CacheTier:
    """The tier of this name, as CACHES configures it."""
    found = caches[name]
    assert isinstance(found, CacheTier), name
    return found


class MemoryTier(CacheTier, LocMemCache):
    """In the memory of one process."""


class SiteMemoryTier(SiteGenerationTier, MemoryTier):
    pass


class RedisTier(CacheTier, RedisCache):  # type: ignore[misc]  # django-redis has no types
    """Redis behind a circuit breaker: every failure is a miss."""

    breakers: dict[str, CircuitBreaker] = {}
    """One for each Redis server: its tiers fail together."""
    pending_invalidations: set[tuple[str, str]] = set()
    """Tiers whose last invalidation has not reached Redis. Shared by threads, whose objects differ."""

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        # Not the client's three attempts with pauses of seconds: the circuit breaker decides about retries.
        once = {"CONNECTION_POOL_KWARGS": {"retry": Retry(NoBackoff(), 0)}}
        super().__init__(server, params | {"OPTIONS": params.get("OPTIONS", {}) | once})
        self._tier = (server, self.key_prefix)
        self._breaker = self.breakers.setdefault(server, CircuitBreaker())

    @property
    def is_circuit_open(self) -> bool:
        return self._breaker.is_open

    @property
    def has_pending_invalidation(self) -> bool:
        return self._tier in self.pending_invalidations

    def invalidate(self) -> None:
        """Invalidate every value. If that does not reach Redis, it is repeated before the tier is read."""
        self.pending_invalidations.add(self._tier)
        self._send_invalidation()

    def _send_invalidation(self) -> None:
        if self.set(GENERATION, secrets.token_hex(8), timeout=None):
            self.pending_invalidations.discard(self._tier)

    def get_or_compute(self, key: str, compute: Callable[[], T]) -> T:
        if self.has_pending_invalidation:
            self._send_invalidation()
            if self.has_pending_invalidation:
                return compute()
        return super().get_or_compute(key, compute)

    def _try(self, operation: Callable[..., Any], fallback: Any, *args: Any, **kwargs: Any) -> Any:
        if not self._breaker.may_try():
            return fallback
        try:
            found = operation(*args, **kwargs)
        except CONNECTION_ERRORS as error:
            if self._breaker.failed():
                logger.warning("Redis does not answer, so it is not used for a while: %s", error)
            tier = self.key_prefix.rpartition(":")[2]
            if tier in TIERS:
                counters.add(f"{tier}.error")
            return fallback
        except UNPICKLING_ERRORS:
            found = fallback  # written by another release
        self._breaker.worked()
        return found


class SiteRedisTier(SiteGenerationTier, RedisTier):
    pass


def _guarded(name: str, fallback: Any) -> Callable[..., Any]:
    unguarded = getattr(RedisCache, name)

    @wraps(unguarded)
    def guarded(self: RedisTier, *args: Any, **kwargs: Any) -> Any:
        return self._try(unguarded, fallback, self, *args, **kwargs)

    return guarded


for _name, _fallback in FALLBACKS.items():
    setattr(RedisTier, _name, _guarded(_name, _fallback))


def _get(self: RedisTier, key: str, default: Any = None, *args: Any, **kwargs: Any) -> Any:
    return self._try(RedisCache.get, default, self, key, default, *args, **kwargs)


RedisTier.get = _get
