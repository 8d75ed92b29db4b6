"""A worker: one process, one event loop, many tasks. It is crash-only.

Each of its parts runs for as long as the worker does; when one fails, all runs are cancelled and the process
ends. What it held is taken over by another worker within two seconds, because its advisory lock is gone.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import socket
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, Protocol

import psycopg
from django.conf import settings
from django.db import InterfaceError, OperationalError

from tasks.advisory_locks import Call, Lock, statement
from tasks.database_connections import connect_async
from tasks.engine import checkpoints, leases, spending, wakeups
from tasks.engine.checkpoints import Checkpoints, Lease
from tasks.engine.compute import Computing
from tasks.engine.heartbeats import Heartbeats
from tasks.engine.live_texts import LiveTexts
from tasks.engine.runner import Host, Pipeline, Run
from tasks.engine.threads import DatabaseThread
from tasks.models import Worker as Row
from tasks.pipeline import off_loop
from tasks.pipeline.errors import LeaseLost
from tasks.pipeline.orchestrator import produce_article

if TYPE_CHECKING:
    from tasks.pipeline.providers.vendors import Vendors

logger = logging.getLogger(__name__)

CLAIM_AT_ONCE = 100
POLL_SECONDS = 2.0
LOOK_AGAIN_SECONDS = 0.05
BEAT_SECONDS = 2.0
REAP_SECONDS, IDLE_REAP_SECONDS = 0.5, 2.0
"""While other workers have tasks, and while none has."""
FENCE_SECONDS = leases.LEASE_SECONDS - 2
FENCE_MARGIN_SECONDS = 0.05
LAG_SECONDS, IDLE_LAG_SECONDS = 0.25, 2.0
RELEASE_SECONDS = 2.0
CONNECT_AGAIN_SECONDS = 0.2


class Fenced(Exception):
    """Others may take this worker for dead, or have done so: it must end at once."""


class _Stop(Exception):
    """Everything is given back: the parts can end."""


class StopSignal(Protocol):
    """What other processes set to have this one stop."""

    def is_set(self) -> bool: ...

    def fileno(self) -> int:
        """A file that can be read once it is set."""
        ...


class Worker:
    """Takes waiting tasks and writes their articles until it is told to stop.

    `only` restricts it to one task; with `until_idle` it ends when there is nothing to take at the moment.
    """

    def __init__(
        self,
        *,
        max_in_flight: int | None = None,
        pipeline: Pipeline = produce_article,
        stop_signal: StopSignal | None = None,
        computing: Computing | None = None,
        only: int | None = None,
        until_idle: bool = False,
    ) -> None:
        self._max_in_flight = max_in_flight or settings.MAX_IN_FLIGHT
        self._pipeline = pipeline
        self._stop_signal = stop_signal
        self._computing = computing
        self._only = only
        self._until_idle = until_idle
        self._runs: dict[Lease, tuple[Run, asyncio.Task[None]]] = {}
        self._beat_at = 0.0
        self._lag_ms = 0.0
        self._is_stopping = False

    def run(self) -> None:
        """Return when it was stopped and has given everything back. Raises what ended it otherwise."""
        asyncio.run(self._main())

    # --- From start to end ---

    async def _main(self) -> None:
        self._wake, self._stopping = asyncio.Event(), asyncio.Event()
        if self._computing is not None:
            off_loop.run_elsewhere.set(self._computing.run)
            off_loop.run_limited.set(self._computing.run_limited)
        if threading.current_thread() is threading.main_thread():
            asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, self._stopping.set)
        if self._stop_signal is not None:
            asyncio.get_running_loop().add_reader(self._stop_signal.fileno(), self._hear_stop)
        async with self._listening() as listener, _vendors() as vendors:
            if listener is None:
                return
            async with self._threads():
                await self._drive(listener, vendors)

    async def _drive(self, listener: psycopg.AsyncConnection[Any], vendors: Vendors | None) -> None:
        self._checkpoints = Checkpoints(self._id, self._writing)
        self._live_texts = LiveTexts(self._writing_now, self._checkpoints.tell)
        self._host = Host(
            self._checkpoints, self._versions, self._pipeline, self._check_fence, vendors, self._id
        )
        try:
            await self._work(listener)
        except* _Stop:
            await self._claiming(Row.objects.filter(pk=self._id).delete)
        finally:
            await self._book_the_rest()

    async def _work(self, listener: psycopg.AsyncConnection[Any]) -> None:
        async with asyncio.TaskGroup() as self._parts:
            for part in (
                self._listen(listener), self._claim(), self._reap(), self._checkpoints.write(),
                self._fence(), self._measure_lag(), self._live_texts.run(), self._give_back(),
            ):  # fmt: skip
                self._parts.create_task(part)
            if self._computing is not None:
                self._parts.create_task(self._computing.watch())

    @asynccontextmanager
    async def _threads(self) -> AsyncIterator[None]:
        """Three connections: what takes tasks must not wait for what writes, nor that for whole articles."""
        names = ("claiming", "writing", "versions")
        self._claiming, self._writing, self._versions = threads = [DatabaseThread(name) for name in names]
        try:
            yield
        except BaseException:
            for thread in threads:
                thread.abandon()
            raise
        for thread in threads:
            thread.close()

    @asynccontextmanager
    async def _listening(self) -> AsyncIterator[psycopg.AsyncConnection[Any] | None]:
        """A connection that hears what is told and whose lock says that this worker lives."""
        listener = await self._connected()
        if listener is None:
            yield None
            return
        async with listener:
            cursor = await listener.execute("SELECT nextval(pg_get_serial_sequence('tasks_worker', 'id'))")
            (self._id,) = await cursor.fetchone() or (0,)
            # The lock before the row: a row without a lock is a dead worker's.
            await listener.execute(statement(Call.SESSION, Lock.WORKER, self._id))
            await listener.execute(
                "INSERT INTO tasks_worker (id, host, pid, in_flight, max_in_flight, loop_lag_ms)"
                " VALUES (%s, %s, %s, 0, %s, 0)",
                [self._id, socket.gethostname(), os.getpid(), self._max_in_flight],
            )
            self._beat_at = time.monotonic()
            for channel in (wakeups.WORK, wakeups.STOP, wakeups.WATCH):
                await listener.execute(f"LISTEN {channel}")
            yield listener

    async def _connected(self) -> psycopg.AsyncConnection[Any] | None:
        """Connect as Django does, and wait for a database that is starting; None when stopped meanwhile."""
        is_away = False
        while not self._must_stop():
            try:
                return await connect_async()
            except psycopg.OperationalError as error:
                if not is_away:
                    logger.warning("Waiting for the database: %s", str(error).splitlines()[0])
                is_away = True
                await asyncio.sleep(CONNECT_AGAIN_SECONDS)
        return None

    # --- Being alive ---

    async def _listen(self, listener: psycopg.AsyncConnection[Any]) -> None:
        beat_at = time.monotonic() + BEAT_SECONDS
        while True:
            async for note in listener.notifies(timeout=max(0.0, beat_at - time.monotonic())):
                self._hear(note)
            await self._beat(listener)
            beat_at = time.monotonic() + BEAT_SECONDS

    def _hear(self, note: psycopg.Notify) -> None:
        match note.channel:
            case wakeups.WORK:
                self._wake.set()
            case wakeups.STOP:
                task_id, _, epoch = note.payload.partition(":")
                self._cancel(Lease(int(task_id), int(epoch)))
            case wakeups.WATCH:
                self._live_texts.follow(map(int, note.payload.split(",")))

    async def _beat(self, listener: psycopg.AsyncConnection[Any]) -> None:
        """Say that this worker lives, and let go of whatever is no longer its own."""
        began_at, running = time.monotonic(), list(self._runs)
        beaten = await listener.execute(
            "UPDATE tasks_worker SET heartbeat_at = now(), in_flight = %s, loop_lag_ms = %s WHERE id = %s",
            [len(running), self._lag_ms, self._id],
        )
        if not beaten.rowcount:
            raise Fenced("Another worker took this one for dead.")
        self._beat_at, self._lag_ms = began_at, 0.0
        if not running:
            return
        held = await listener.execute(
            "SELECT id, lease_epoch FROM tasks_contenttask WHERE status = 'in_progress' AND lease_owner = %s",
            [self._id],
        )
        for lease in set(running) - {Lease(*row) for row in await held.fetchall()}:
            self._cancel(lease)
        self._parts.create_task(self._note_costs())

    async def _note_costs(self) -> None:
        """What open calls have cost so far, in case this worker dies before it books them."""
        calls = {
            lease: call
            for lease, (run, _) in self._runs.items()
            if run.chain is not None and (call := run.chain.call_under_way()) is not None
        }
        if calls:
            await self._writing(spending.note_progress, self._id, calls)

    async def _fence(self) -> None:
        while True:
            self._check_beat()
            # Until the present beat would be too old: then there is a newer one, or this worker ends.
            left_seconds = self._beat_at + FENCE_SECONDS - time.monotonic()
            await asyncio.sleep(max(left_seconds, 0.0) + FENCE_MARGIN_SECONDS)

    def _check_beat(self) -> None:
        silent = time.monotonic() - self._beat_at
        if silent > FENCE_SECONDS:
            raise Fenced(f"No heartbeat for {silent:.1f} seconds: others may have the tasks by now.")

    def _check_fence(self) -> None:
        """Before anything new begins: a process that was frozen must not go on where it stood."""
        try:
            self._check_beat()
        except Fenced as error:
            raise LeaseLost(str(error)) from None

    async def _measure_lag(self) -> None:
        while True:
            pause_seconds = LAG_SECONDS if self._runs else IDLE_LAG_SECONDS
            began_at = time.monotonic()
            await asyncio.sleep(pause_seconds)
            late_ms = (time.monotonic() - began_at - pause_seconds) * 1000
            self._lag_ms = max(self._lag_ms, late_ms)

    # --- Taking tasks ---

    async def _claim(self) -> None:
        while not self._is_stopping:
            self._wake.clear()
            if await self._claim_all():
                continue
            if self._until_idle and not self._runs:
                self._stopping.set()
            # A task whose row was locked a moment ago may be free then; one filed meanwhile does not wait.
            if not await self._is_woken(LOOK_AGAIN_SECONDS) and not await self._claim_all():
                await self._until_something_waits()

    async def _claim_all(self) -> int:
        """Take what there is room for; return how many tasks that were."""
        free = min(self._max_in_flight - len(self._runs), CLAIM_AT_ONCE)
        # Asked again here: what a neighbour gives back because all are stopping must not begin anew.
        if free <= 0 or self._must_stop():
            return 0
        tasks = await self._claiming(leases.claim, self._id, free, self._only)
        if self._is_stopping:
            return 0  # they are given back together with the others
        for task in tasks:
            run = Run(task, self._host)
            work = self._parts.create_task(self._until_done(run))
            self._runs[run.lease] = run, work
        return len(tasks)

    async def _until_something_waits(self) -> None:
        # What may be taken now, and just was not, is locked by somebody else: not at once again.
        due = await self._claiming(leases.seconds_until_due)
        while due != 0.0:
            if await self._is_woken(POLL_SECONDS if due is None else min(max(due, 0.0), POLL_SECONDS)):
                return
            due = await self._claiming(leases.seconds_until_work)

    async def _is_woken(self, seconds: float) -> bool:
        """Wait for news of work, so long at most; say whether there was some."""
        try:
            async with asyncio.timeout(seconds):
                return await self._wake.wait()
        except TimeoutError:
            return False

    async def _until_done(self, run: Run) -> None:
        try:
            await run.work()
        except asyncio.CancelledError:
            if not self._is_stopping:
                await run.stopped()
            raise
        finally:
            was_full = len(self._runs) >= self._max_in_flight
            self._runs.pop(run.lease, None)
            if was_full or self._until_idle:
                self._wake.set()

    def _writing_now(self) -> Iterator[tuple[Lease, str, str]]:
        for lease, (run, _) in self._runs.items():
            yield lease, *run.writing

    def _cancel(self, lease: Lease) -> None:
        if lease in self._runs:
            _, work = self._runs[lease]
            work.cancel()

    async def _reap(self) -> None:
        heartbeats = Heartbeats()
        while True:
            others_work = await self._claiming(leases.reap_and_look, self._id, heartbeats)
            await asyncio.sleep(REAP_SECONDS if others_work else IDLE_REAP_SECONDS)

    # --- Stopping ---

    def _hear_stop(self) -> None:
        assert self._stop_signal is not None
        asyncio.get_running_loop().remove_reader(self._stop_signal.fileno())  # it stays readable
        self._stopping.set()

    def _must_stop(self) -> bool:
        return self._stopping.is_set() or (self._stop_signal is not None and self._stop_signal.is_set())

    async def _give_back(self) -> None:
        """Once it is told to stop: cancel every run, so that streams are closed, and give the tasks back."""
        await self._stopping.wait()
        self._is_stopping = True
        works = [work for _, work in self._runs.values()]
        for work in works:
            work.cancel()
        if works:
            await asyncio.wait(works, timeout=RELEASE_SECONDS)
        await self._claiming(leases.release, self._id, "The worker that was writing it was stopped.")
        raise _Stop

    async def _book_the_rest(self) -> None:
        """Calls that were cut off while the worker crashed have cost money too."""
        if unbooked := self._checkpoints.unbooked:
            try:
                async with asyncio.timeout(RELEASE_SECONDS):
                    await self._writing(checkpoints.book, unbooked)
            except (TimeoutError, OperationalError, InterfaceError):
                logger.error("%d calls of models could not be booked", len(unbooked))


@asynccontextmanager
async def _vendors() -> AsyncIterator[Vendors | None]:
    if not settings.PIPELINE_MODELS:
        yield None
        return
    from tasks.pipeline.providers.vendors import Access, Vendors  # brings aiohttp along

    access = Access(
        openai_api_key=settings.OPENAI_API_KEY,
        openai_base_url=settings.OPENAI_BASE_URL,
        anthropic_api_key=settings.ANTHROPIC_API_KEY,
    )
    async with Vendors(access) as vendors:
        yield vendors


def write_one(task_id: int) -> None:
    """Take the task if it is waiting, and write it here. Returns when it has moved on."""
    Worker(only=task_id, max_in_flight=1, until_idle=True).run()
