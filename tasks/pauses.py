"""How long something that failed is left alone before it is tried again."""

from __future__ import annotations

import random
from datetime import timedelta


def growing_pause(attempts: int, first: timedelta, longest: timedelta, *, jitter: float = 0.0) -> timedelta:
    """`first` after the first attempt, twice as long after each other one, at most `longest`.

    `jitter` is the share by which it may be longer or shorter: what failed together does not come back so.
    """
    pause = min(first * 2 ** min(attempts - 1, 20), longest)
    return pause * random.uniform(1 - jitter, 1 + jitter)
