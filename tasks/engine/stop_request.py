"""Whether a worker is to stop: on SIGTERM, on a signal of its parent process, or because it is idle."""

from __future__ import annotations

import asyncio
import signal
import threading
from typing import Protocol


class StopSignal(Protocol):
    """Set by another process to have this one stop."""

    def is_set(self) -> bool: ...

    def fileno(self) -> int:
        """A file that can be read once it is set."""
        ...


class StopRequest:
    def __init__(self, outside: StopSignal | None = None) -> None:
        self._outside = outside
        self._requested = asyncio.Event()

    def listen(self) -> None:
        """Call it in the event loop. SIGTERM is handled in a main thread only."""
        loop = asyncio.get_running_loop()
        if threading.current_thread() is threading.main_thread():
            loop.add_signal_handler(signal.SIGTERM, self._requested.set)
        if self._outside is not None:
            loop.add_reader(self._outside.fileno(), self._on_outside, self._outside)

    def set(self) -> None:
        self._requested.set()

    def is_set(self) -> bool:
        return self._requested.is_set() or (self._outside is not None and self._outside.is_set())

    async def wait(self) -> None:
        await self._requested.wait()

    def _on_outside(self, outside: StopSignal) -> None:
        asyncio.get_running_loop().remove_reader(outside.fileno())  # it stays readable
        self._requested.set()
