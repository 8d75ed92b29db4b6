"""Measures how late the event loop of a worker runs its timers."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import NoReturn

BUSY_SECONDS, IDLE_SECONDS = 0.25, 2.0


class LoopLag:
    def __init__(self, is_busy: Callable[[], bool]) -> None:
        self._is_busy = is_busy
        self.longest_ms = 0.0
        """Since the last `reset`."""

    def reset(self) -> None:
        self.longest_ms = 0.0

    async def run(self) -> NoReturn:
        while True:
            pause_seconds = BUSY_SECONDS if self._is_busy() else IDLE_SECONDS
            began_at = time.monotonic()
            await asyncio.sleep(pause_seconds)
            late_ms = (time.monotonic() - began_at - pause_seconds) * 1000
            self.longest_ms = max(self.longest_ms, late_ms)
