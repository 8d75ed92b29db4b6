"""How long a model or page that was out is left alone before it is asked again."""

from __future__ import annotations

import random

FIRST_PAUSE_SECONDS = 2.0
LONGEST_PAUSE_SECONDS = 300.0
JITTER = 0.25


def pause_seconds(attempts: int, asked_for: float | None = None) -> float:
    """Four times longer after each attempt, a quarter more or less, and at least what the service asked for.

    Without the jitter, a thousand tasks that failed together would all come back together.
    """
    pause = min(FIRST_PAUSE_SECONDS * 4.0 ** min(attempts - 1, 10), LONGEST_PAUSE_SECONDS)
    pause *= random.uniform(1 - JITTER, 1 + JITTER)
    return max(pause, asked_for or 0.0)
