"""All subscribers to tasks in this process, on two connections, whatever their number.

A subscriber is at a position in its task's log. One loop reads the events after the positions, in one
statement for all tasks, and advances each subscriber; past and present events are treated alike, so none is
lost between them. Notifications only say where to look, and every second all tasks are read.
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
from tasks.engine.wakeups import EVENTS, FOLLOW, LONGEST_PAYLOAD
from tasks.events.log import EVENTS_AFTER, EventBatch, EventQuery, event_batches, query_parameters

logger = logging.getLogger(__name__)

POLL_SECONDS = 1.0
FOLLOW_SECONDS = 5.0
"""How often workers are notified which tasks are followed; it holds for 15 s."""
PAUSE_SECONDS = 0.02
"""Between two reads: what many tasks notify at once is read at once."""
QUERY_SECONDS = 10.0
BACKOFF_SECONDS = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0)
QUEUE_BYTES = 64 * 1024
"""A subscriber that has not taken this much gets no more until it has."""

Connect = Callable[[], Awaitable[psycopg.AsyncConnection[Any]]]


class Subscriber:
    """One follower of a task. Its stream ends once `is_over` and everything was taken."""

    def __init__(self, task_id: int, after: int | None, on_room: Callable[[], None]) -> None:
        self.task_id = task_id
        self.position = after
        """The last event it got; None before it has seen the task at all."""
        self.is_new = True
        self.is_over = False
        self._on_room = on_room
        self._waiting: deque[bytes] = deque()
        self._waiting_bytes = 0
        self._changed = asyncio.Event()

    @property
    def has_room(self) -> bool:
        return self._waiting_bytes < QUEUE_BYTES

    def advance(self, batch: EventBatch) -> None:
        """Take the events of `batch` after the position."""
        self.is_new = False
        if self.position is None:
            self.position = batch.seq
            self._put(batch.snapshot)
        for seq, event in batch.events:
            if seq > self.position:
                self.position = seq
                self._put(event)
        if self.position >= batch.seq and batch.end:
            self._put(batch.end)
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
    """Connects with the first subscriber, and disconnects after the last."""

    def __init__(self, connect: Connect | None = None) -> None:
        self._connect = connect or connect_async
        self._subscribers: dict[int, set[Subscriber]] = {}
        self._requested_ids: set[int] = set()
        self._has_request = asyncio.Event()
        self._unannounced: set[int] = set()
        self._running: asyncio.Task[None] | None = None
        self._is_stopped = False

    @asynccontextmanager
    async def subscribe(self, task_id: int, after: int | None) -> AsyncIterator[Subscriber]:
        subscriber = Subscriber(task_id, after, on_room=lambda: self._request([task_id]))
        self._add(subscriber)
        try:
            yield subscriber
        finally:
            self._remove(subscriber)

    def stop(self) -> None:
        """End all streams. Their clients come back, to a server that runs."""
        self._is_stopped = True
        for subscriber in self._all():
            subscriber.close()

    def _add(self, subscriber: Subscriber) -> None:
        if self._is_stopped:
            subscriber.close()
        if subscriber.task_id not in self._subscribers:
            self._subscribers[subscriber.task_id] = set()
            self._unannounced.add(subscriber.task_id)
        self._subscribers[subscriber.task_id].add(subscriber)
        self._request([subscriber.task_id])
        if self._running is None:
            self._running = asyncio.create_task(self._run())
            self._running.add_done_callback(self._on_end)

    def _remove(self, subscriber: Subscriber) -> None:
        subscribers = self._subscribers[subscriber.task_id]
        subscribers.discard(subscriber)
        if not subscribers:
            del self._subscribers[subscriber.task_id]
            self._unannounced.discard(subscriber.task_id)
        if not self._subscribers and self._running is not None:
            self._running.cancel()
            self._running = None

    def _request(self, task_ids: Iterable[int]) -> None:
        self._requested_ids.update(task_ids)
        self._has_request.set()

    # --- Connections ---

    def _on_end(self, running: asyncio.Task[None]) -> None:
        """Close all streams when reading has failed: without it they would only look alive."""
        if running.cancelled() or running.exception() is None:
            return
        logger.error("The event streams failed.", exc_info=running.exception())
        self._running = None
        for subscriber in self._all():
            subscriber.close()

    def _all(self) -> list[Subscriber]:
        return [subscriber for subscribers in self._subscribers.values() for subscriber in subscribers]

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
                self._request(self._subscribers)
            else:
                named = {int(part) for part in note.payload.split(",") if part.isdecimal()}
                self._request(named & self._subscribers.keys())

    # --- Reading ---

    async def _read(self, reader: psycopg.AsyncConnection[Any]) -> None:
        poll_at = announce_at = 0.0
        while True:
            if time.monotonic() >= poll_at:
                poll_at = time.monotonic() + POLL_SECONDS
                self._request(self._subscribers)
            if time.monotonic() >= announce_at:
                announce_at = time.monotonic() + FOLLOW_SECONDS
                self._unannounced |= self._subscribers.keys()
            async with asyncio.timeout(QUERY_SECONDS):
                await self._announce(reader)
                await self._read_once(reader)
            await asyncio.sleep(PAUSE_SECONDS)
            await self._wait_until(poll_at)

    async def _wait_until(self, poll_at: float) -> None:
        try:
            async with asyncio.timeout(max(0.0, poll_at - time.monotonic())):
                await self._has_request.wait()
        except TimeoutError:
            pass

    async def _announce(self, reader: psycopg.AsyncConnection[Any]) -> None:
        ids, self._unannounced = sorted(self._unannounced), set()
        for payload in _payloads(ids):
            await reader.execute("SELECT pg_notify(%s, %s)", [FOLLOW, payload])

    async def _read_once(self, reader: psycopg.AsyncConnection[Any]) -> None:
        """Read the new events of the requested tasks, and distribute them."""
        self._has_request.clear()
        requested, self._requested_ids = self._requested_ids, set()
        # Only present subscribers: one that comes during the query may be further back than it reads.
        ready = {
            task_id: subscribers
            for task_id in requested & self._subscribers.keys()
            if (
                subscribers := [one for one in self._subscribers[task_id] if one.has_room and not one.is_over]
            )
        }
        if not ready:
            return
        try:
            cursor = await reader.execute(
                EVENTS_AFTER, query_parameters([_query_for(*item) for item in ready.items()])
            )
            batches = event_batches(await cursor.fetchall())
        except BaseException:
            self._requested_ids |= requested
            raise
        for batch in batches:
            self._distribute(batch, ready[batch.task_id])
        for task_id in ready.keys() - {batch.task_id for batch in batches}:
            for subscriber in ready[task_id]:
                if subscriber.is_new:
                    subscriber.close()  # there is no such task

    def _distribute(self, batch: EventBatch, subscribers: list[Subscriber]) -> None:
        for subscriber in subscribers:
            subscriber.advance(batch)
        if batch.events and batch.events[-1][0] < batch.seq:
            self._request([batch.task_id])


def _query_for(task_id: int, subscribers: list[Subscriber]) -> EventQuery:
    positions = [one.position for one in subscribers if one.position is not None]
    # A new subscriber gets a snapshot and no past events: a number that none can have.
    seq = min(positions) if positions else 2**62
    return EventQuery(task_id, seq, always=any(one.is_new for one in subscribers))


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
