"""Takes tasks while a worker has room, returns those of dead workers, and releases its own at the end."""

from __future__ import annotations

import asyncio
from typing import NoReturn

from tasks.engine import leases
from tasks.engine.active_runs import ActiveRuns
from tasks.engine.heartbeats import Heartbeats
from tasks.engine.run_context import RunContext
from tasks.engine.runner import Run
from tasks.engine.stop_request import StopRequest
from tasks.engine.threads import DatabaseThread

MAX_TAKEN_AT_ONCE = 100
POLL_SECONDS = 2.0
RECHECK_SECONDS = 0.05
REAP_SECONDS, IDLE_REAP_SECONDS = 0.5, 2.0
"""While other workers have tasks, and while none has."""


class WorkerStopped(Exception):
    """All leases are released: the worker can end."""


class LeaseTaker:
    """`only` restricts it to one task; with `until_idle` it requests a stop when nothing can be taken."""

    def __init__(
        self,
        context: RunContext,
        runs: ActiveRuns,
        parts: asyncio.TaskGroup,
        in_thread: DatabaseThread,
        stop: StopRequest,
        *,
        only: int | None = None,
        until_idle: bool = False,
    ) -> None:
        self._context = context
        self._runs = runs
        self._parts = parts
        self._in_thread = in_thread
        self._stop = stop
        self._only = only
        self._until_idle = until_idle
        self._wake = asyncio.Event()

    def wake(self) -> None:
        """A task may be waiting."""
        self._wake.set()

    async def run(self) -> None:
        while not self._runs.is_stopping:
            self._wake.clear()
            if await self._take():
                continue
            if self._until_idle and not len(self._runs):
                self._stop.set()
            # A task whose row was locked a moment ago may be free then; one filed meanwhile does not wait.
            if not await self._is_woken(RECHECK_SECONDS) and not await self._take():
                await self._until_work()

    async def reap(self) -> NoReturn:
        """Return the tasks of dead workers to the queue, again and again."""
        heartbeats = Heartbeats()
        while True:
            others_work = await self._in_thread(
                leases.reap_and_check_others, self._context.worker_id, heartbeats
            )
            await asyncio.sleep(REAP_SECONDS if others_work else IDLE_REAP_SECONDS)

    async def release_on_stop(self) -> NoReturn:
        """Wait for the stop request, cancel every run, and release all leases. Raises WorkerStopped."""
        await self._stop.wait()
        await self._runs.stop()
        await self._in_thread(
            leases.release_leases, self._context.worker_id, "The worker that was writing it was stopped."
        )
        raise WorkerStopped

    async def _take(self) -> int:
        """Take what there is room for; return how many tasks that were."""
        limit = min(self._runs.room, MAX_TAKEN_AT_ONCE)
        # Checked here too: tasks that another stopping worker has just released must not be started again.
        if limit <= 0 or self._stop.is_set():
            return 0
        tasks = await self._in_thread(leases.take_leases, self._context.worker_id, limit, self._only)
        if self._runs.is_stopping:
            return 0  # they are released together with the others
        for task in tasks:
            self._runs.start(Run(task, self._context), self._parts, on_end=self._on_end)
        return len(tasks)

    def _on_end(self, was_full: bool) -> None:
        if was_full or self._until_idle:
            self.wake()

    async def _until_work(self) -> None:
        # What is due now, and just was not taken, is locked by another process: do not retry at once.
        due = await self._in_thread(leases.seconds_until_due)
        while due != 0.0:
            if await self._is_woken(POLL_SECONDS if due is None else min(max(due, 0.0), POLL_SECONDS)):
                return
            due = await self._in_thread(leases.seconds_until_work)

    async def _is_woken(self, seconds: float) -> bool:
        """Wait at most `seconds` for a notification of work; return whether there was one."""
        try:
            async with asyncio.timeout(seconds):
                return await self._wake.wait()
        except TimeoutError:
            return False
