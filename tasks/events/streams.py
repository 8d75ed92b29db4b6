"""One stream: the bytes that one client is sent, from the first to the last."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator

from tasks.events import handover
from tasks.events.hub import Hub, Subscriber

HEARTBEAT_SECONDS = 15.0
LIFE_SECONDS = 3600.0
"""Then the client has to connect and authenticate again."""
RETRY_MS = 2000
HELLO = b"retry: %d\n\n" % RETRY_MS
HEARTBEAT = b": hb\n\n"


class TaskStreams:
    """The streams of one process. Made before there is an event loop, used in one."""

    def __init__(self) -> None:
        self._hub: Hub | None = None

    async def open(self, name: str) -> AsyncIterator[bytes]:
        """The stream that `handover.name` named."""
        if self._hub is None:
            self._hub = Hub()
        async with self._hub.subscribe(*handover.parse(name)) as subscriber:
            yield HELLO
            async for piece in _pieces(subscriber):
                yield piece

    def stop(self) -> None:
        if self._hub is not None:
            self._hub.stop()


async def _pieces(subscriber: Subscriber) -> AsyncIterator[bytes]:
    ends_at = time.monotonic() + LIFE_SECONDS
    while (seconds_left := ends_at - time.monotonic()) > 0:
        try:
            async with asyncio.timeout(min(HEARTBEAT_SECONDS, seconds_left)):
                piece = await subscriber.take()
        except TimeoutError:
            piece = HEARTBEAT
        if piece:
            yield piece
        if subscriber.is_over and not piece:
            return
