"""A circuit breaker: after some failures in a row no caller waits for a service until one call succeeds."""

from __future__ import annotations

import threading
import time

FAILURES = 3
OPEN_SECONDS = 5.0
"""How long no call is tried; then one call tries, and all others go on without."""


class CircuitBreaker:
    """Of one process, for all its threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._failures = 0
        self._try_at = 0.0

    @property
    def is_open(self) -> bool:
        return self._failures >= FAILURES

    def may_try(self) -> bool:
        if not self.is_open:
            return True
        with self._lock:
            now = time.monotonic()
            if now < self._try_at:
                return False
            self._try_at = now + OPEN_SECONDS  # this caller tries; if it fails, the next one waits as long
            return True

    def failed(self) -> bool:
        """True when this failure opened it."""
        with self._lock:
            self._failures += 1
            if self.is_open:
                self._try_at = time.monotonic() + OPEN_SECONDS
            return self._failures == FAILURES

    def worked(self) -> None:
        self._failures = 0
