"""Everybody in this process who follows tasks, on two connections, whatever their number.

A watcher is at a position in its task's log. One loop reads what is beyond the positions, in one statement
for all tasks with news, and moves each watcher on; whether that is the past or the present makes no
difference, so there is no seam between the two. Notifications only say where to look, and every second all
are looked at.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from typing import Any

import psycopg

from tasks.database_connections import connect_async
from tasks.engine.wakeups import EVENTS, LONGEST_PAYLOAD, WATCH
from tasks.events.log import NEWS, Asked, News, news_of, parameters

logger = logging.getLogger(__name__)

POLL_SECONDS = 1.0
WATCH_SECONDS = 5.0
"""How often workers are told which tasks are watched; they forget after 15 s."""
PAUSE_SECONDS = 0.02
"""Between two looks: what many tasks announce at once is read at once."""
QUERY_SECONDS = 10.0
BACKOFF_SECONDS = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0)
QUEUE_BYTES = 64 * 1024
"""A watcher that has not taken this much is given no more until it has."""

Connect = Callable[[], Awaitable[psycopg.AsyncConnection[Any]]]


class Watcher:
    """One who follows a task. It is over once `is_over` and everything was taken."""

    def __init__(self, task_id: int, after: int | None, on_room: Callable[[], None]) -> None:
        self.task_id = task_id
        self.position = after
        """The last event it was given; None before it has seen the task at all."""
        self.is_new = True
        self.is_over = False
        self._on_room = on_room
        self._waiting: deque[bytes] = deque()
        self._waiting_bytes = 0
        self._changed = asyncio.Event()

    @property
    def has_room(self) -> bool:
        return self._waiting_bytes < QUEUE_BYTES

    def move_on(self, news: News) -> None:
        """Take from `news` what lies beyond the position."""
        self.is_new = False
        if self.position is None:
            self.position = news.seq
            self._put(news.snapshot)
        for seq, event in news.events:
            if seq > self.position:
                self.position = seq
                self._put(event)
        if self.position >= news.seq and news.end:
            self._put(news.end)
            self.close()

    def _put(self, piece: bytes) -> None:
        self._waiting.append(piece)
        self._waiting_bytes += len(piece)
        self._changed.set()

    def close(self) -> None:
        self.is_over = True
        self._changed.set()

    async def take(self) -> bytes:
        """Everything that waits; empty when it is over. Waits for something."""
        await self._changed.wait()
        self._changed.clear()
        if self.is_over:
            self._changed.set()
        had_room, piece = self.has_room, b"".join(self._waiting)
        self._waiting.clear()
        self._waiting_bytes = 0
        if not had_room:
            self._on_room()
        return piece


class Hub:
    """Connects with the first watcher, and disconnects after the last."""

    def __init__(self, connect: Connect | None = None) -> None:
        self._connect = connect or connect_async
        self._watchers: dict[int, set[Watcher]] = {}
        self._asked_for: set[int] = set()
        self._is_asked = asyncio.Event()
        self._unannounced: set[int] = set()
        self._running: asyncio.Task[None] | None = None
        self._is_stopped = False

    @asynccontextmanager
    async def watching(self, task_id: int, after: int | None) -> AsyncIterator[Watcher]:
        watcher = Watcher(task_id, after, on_room=lambda: self._ask([task_id]))
        self._add(watcher)
        try:
            yield watcher
        finally:
            self._remove(watcher)

    def stop(self) -> None:
        """End all streams. Their clients come back, to a server that runs."""
        self._is_stopped = True
        for watcher in self._all():
            watcher.close()

    def _add(self, watcher: Watcher) -> None:
        if self._is_stopped:
            watcher.close()
        if watcher.task_id not in self._watchers:
            self._watchers[watcher.task_id] = set()
            self._unannounced.add(watcher.task_id)
        self._watchers[watcher.task_id].add(watcher)
        self._ask([watcher.task_id])
        if self._running is None:
            self._running = asyncio.create_task(self._run())
            self._running.add_done_callback(self._ran)

    def _remove(self, watcher: Watcher) -> None:
        watchers = self._watchers[watcher.task_id]
        watchers.discard(watcher)
        if not watchers:
            del self._watchers[watcher.task_id]
            self._unannounced.discard(watcher.task_id)
        if not self._watchers and self._running is not None:
            self._running.cancel()
            self._running = None

    def _ask(self, task_ids: Iterable[int]) -> None:
        self._asked_for.update(task_ids)
        self._is_asked.set()

    # --- Connections ---

    def _ran(self, running: asyncio.Task[None]) -> None:
        """Never in vain: without a loop that reads, streams would only look alive."""
        if running.cancelled() or running.exception() is None:
            return
        logger.error("The event streams failed.", exc_info=running.exception())
        self._running = None
        for watcher in self._all():
            watcher.close()

    def _all(self) -> list[Watcher]:
        return [watcher for watchers in self._watchers.values() for watcher in watchers]

    async def _run(self) -> None:
        failures = 0
        while True:
            connected_at = time.monotonic()
            try:
                await self._serve()
            except* (psycopg.Error, OSError, TimeoutError) as errors:
                logger.warning("The event streams lost the database: %s", errors.exceptions[0])
            failures = 0 if time.monotonic() - connected_at > BACKOFF_SECONDS[-1] else failures + 1
            await asyncio.sleep(BACKOFF_SECONDS[min(failures, len(BACKOFF_SECONDS) - 1)])

    async def _serve(self) -> None:
        async with await self._connect() as listener, await self._connect() as reader:
            await listener.execute(f"LISTEN {EVENTS}")
            async with asyncio.TaskGroup() as parts:
                parts.create_task(self._listen(listener))
                parts.create_task(self._read(reader))

    async def _listen(self, listener: psycopg.AsyncConnection[Any]) -> None:
        async for note in listener.notifies():
            if note.payload == "*":
                self._ask(self._watchers)
            else:
                named = {int(part) for part in note.payload.split(",") if part.isdecimal()}
                self._ask(named & self._watchers.keys())

    # --- Reading ---

    async def _read(self, reader: psycopg.AsyncConnection[Any]) -> None:
        poll_at = announce_at = 0.0
        while True:
            if time.monotonic() >= poll_at:
                poll_at = time.monotonic() + POLL_SECONDS
                self._ask(self._watchers)
            if time.monotonic() >= announce_at:
                announce_at = time.monotonic() + WATCH_SECONDS
                self._unannounced |= self._watchers.keys()
            async with asyncio.timeout(QUERY_SECONDS):
                await self._announce(reader)
                await self._look(reader)
            await asyncio.sleep(PAUSE_SECONDS)
            await self._wait_until(poll_at)

    async def _wait_until(self, poll_at: float) -> None:
        try:
            async with asyncio.timeout(max(0.0, poll_at - time.monotonic())):
                await self._is_asked.wait()
        except TimeoutError:
            pass

    async def _announce(self, reader: psycopg.AsyncConnection[Any]) -> None:
        ids, self._unannounced = sorted(self._unannounced), set()
        for payload in _payloads(ids):
            await reader.execute("SELECT pg_notify(%s, %s)", [WATCH, payload])

    async def _look(self, reader: psycopg.AsyncConnection[Any]) -> None:
        """Read what is new about the tasks that were asked for, and hand it out."""
        self._is_asked.clear()
        asked_for, self._asked_for = self._asked_for, set()
        # Only those who are here now: who comes during the query may be further back than it looks.
        ready = {
            task_id: watchers
            for task_id in asked_for & self._watchers.keys()
            if (watchers := [one for one in self._watchers[task_id] if one.has_room and not one.is_over])
        }
        if not ready:
            return
        try:
            cursor = await reader.execute(NEWS, parameters([_asked(*item) for item in ready.items()]))
            found = news_of(await cursor.fetchall())
        except BaseException:
            self._asked_for |= asked_for
            raise
        for news in found:
            self._hand_out(news, ready[news.task_id])
        for task_id in ready.keys() - {news.task_id for news in found}:
            for watcher in ready[task_id]:
                if watcher.is_new:
                    watcher.close()  # there is no such task

    def _hand_out(self, news: News, watchers: list[Watcher]) -> None:
        for watcher in watchers:
            watcher.move_on(news)
        if news.events and news.events[-1][0] < news.seq:
            self._ask([news.task_id])


def _asked(task_id: int, watchers: list[Watcher]) -> Asked:
    positions = [one.position for one in watchers if one.position is not None]
    # Who sees the task for the first time wants no events: a number that none can have.
    seq = min(positions) if positions else 2**62
    return Asked(task_id, seq, always=any(one.is_new for one in watchers))


def _payloads(ids: Iterable[int]) -> Iterable[str]:
    """As many ids in each as a notification can hold."""
    payload = ""
    for task_id in ids:
        longer = f"{payload},{task_id}" if payload else str(task_id)
        if len(longer) > LONGEST_PAYLOAD:
            yield payload
            longer = str(task_id)
        payload = longer
    if payload:
        yield payload
