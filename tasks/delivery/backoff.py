"""How long to wait before something that failed is tried again."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import timedelta

MAX_DOUBLINGS = 20


@dataclass(frozen=True)
class Backoff:
    """Exponential, with an upper limit."""

    first: timedelta
    """After the first attempt."""
    longest: timedelta
    factor: float = 2.0
    """By which each pause is longer than the one before."""
    jitter: float = 0.0
    """The share by which a pause is shorter or longer: what failed together does not come back together."""
    max_attempts: int | None = None
    """After which it is given up; None: never."""

    def pause(self, attempts: int) -> timedelta:
        """The pause after this number of attempts."""
        pause = min(self.first * self.factor ** min(attempts - 1, MAX_DOUBLINGS), self.longest)
        return pause * random.uniform(1 - self.jitter, 1 + self.jitter)

    def is_over(self, attempts: int) -> bool:
        return self.max_attempts is not None and attempts >= self.max_attempts
