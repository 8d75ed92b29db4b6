"""Distinguishes a worker that is silent from a clock that was changed."""

from __future__ import annotations

import time
from collections.abc import Iterable
from datetime import datetime

from tasks.models.operations import LEASE_SECONDS

CONFIRM_SECONDS = 3.0
"""Longer than the time between two beats: a worker that lives has beaten meanwhile."""

WorkerStatus = tuple[int | None, datetime | None, bool, bool]
"""A worker's id, its last beat, whether it has no lock, and whether by the database's clock that is old."""


class Heartbeats:
    """The beats that one process has seen, and for how long by its own monotonic clock they are the last.

    The database's clock may be changed: forward, and every worker would be dead at once; back, and a frozen
    worker would be alive for as long as the jump was.
    """

    def __init__(self) -> None:
        self._last: dict[int | None, tuple[datetime | None, float]] = {}
        self._looked_at = 0.0

    def are_silent(self, found: Iterable[WorkerStatus]) -> dict[int | None, bool]:
        """Call it every second or so: what happened between two distant calls is not known."""
        now = time.monotonic()
        if now - self._looked_at > CONFIRM_SECONDS:
            self._last.clear()
        self._looked_at = now
        before, self._last = self._last, {}
        silent = {}
        for worker_id, beat_at, _, is_old in found:
            last_at, since = before.get(worker_id, (beat_at, now))
            since = since if last_at == beat_at else now
            self._last[worker_id] = beat_at, since
            silent[worker_id] = now - since >= (CONFIRM_SECONDS if is_old else LEASE_SECONDS)
        return silent
