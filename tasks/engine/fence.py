"""Ends a worker whose heartbeat is overdue before others take its tasks."""

from __future__ import annotations

import asyncio
import time
from typing import NoReturn

from tasks.models.operations import LEASE_SECONDS
from tasks.pipeline.errors import LeaseLost

FENCE_SECONDS = LEASE_SECONDS - 2
MARGIN_SECONDS = 0.05


class Fenced(Exception):
    """Others may treat this worker as dead, or have done so: it must end at once."""


class Fence:
    def __init__(self, beat_at: float) -> None:
        self._beat_at = beat_at

    def renew(self, beat_at: float) -> None:
        """A heartbeat that began at this monotonic time has been written."""
        self._beat_at = beat_at

    def check(self) -> None:
        """Raises Fenced when the last heartbeat is too old."""
        silent_seconds = time.monotonic() - self._beat_at
        if silent_seconds > FENCE_SECONDS:
            raise Fenced(f"No heartbeat for {silent_seconds:.1f} seconds: others may have taken its tasks.")

    def check_lease(self) -> None:
        """Before anything new begins: a process that was frozen must not go on. Raises LeaseLost."""
        try:
            self.check()
        except Fenced as error:
            raise LeaseLost(str(error)) from None

    async def run(self) -> NoReturn:
        """Raises Fenced as soon as a heartbeat is overdue."""
        while True:
            self.check()
            # Until the present heartbeat would be too old: then there is a newer one, or this worker ends.
            left_seconds = self._beat_at + FENCE_SECONDS - time.monotonic()
            await asyncio.sleep(max(left_seconds, 0.0) + MARGIN_SECONDS)
