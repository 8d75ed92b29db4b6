"""Dispatches notifications to the parts of a worker, and writes its heartbeat on the same connection."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import NoReturn

import psycopg

from tasks.engine import wakeups
from tasks.engine.active_runs import ActiveRuns
from tasks.engine.checkpoints import Lease
from tasks.engine.fence import Fence, Fenced
from tasks.engine.loop_lag import LoopLag
from tasks.engine.registration import Registration

BEAT_SECONDS = 2.0


class Listener:
    def __init__(
        self,
        registration: Registration,
        runs: ActiveRuns,
        fence: Fence,
        lag: LoopLag,
        *,
        on_work: Callable[[], None],
        on_stop_proposal: Callable[[int], None],
        on_follow: Callable[[Iterable[int]], None],
        on_beat: Callable[[], object],
    ) -> None:
        self._connection, self._worker_id, _ = registration
        self._runs = runs
        self._fence = fence
        self._lag = lag
        self._on_work = on_work
        self._on_stop_proposal = on_stop_proposal
        self._on_follow = on_follow
        self._on_beat = on_beat
        """Called after each heartbeat while tasks are being written."""

    async def run(self) -> NoReturn:
        """Raises Fenced when another process has treated this worker as dead."""
        beat_at = time.monotonic() + BEAT_SECONDS
        while True:
            async for note in self._connection.notifies(timeout=max(0.0, beat_at - time.monotonic())):
                self._dispatch(note)
            await self._beat()
            beat_at = time.monotonic() + BEAT_SECONDS

    def _dispatch(self, note: psycopg.Notify) -> None:
        match note.channel:
            case wakeups.WORK:
                self._on_work()
            case wakeups.STOP:
                task_id, _, epoch = note.payload.partition(":")
                self._runs.cancel(Lease(int(task_id), int(epoch)))
            case wakeups.STOP_PROPOSAL:
                self._on_stop_proposal(int(note.payload))
            case wakeups.FOLLOW:
                self._on_follow(map(int, note.payload.split(",")))

    async def _beat(self) -> None:
        """Write the heartbeat, and cancel the runs whose lease is lost."""
        began_at, running = time.monotonic(), self._runs.leases
        beaten = await self._connection.execute(
            "UPDATE tasks_worker SET heartbeat_at = now(), in_flight = %s, loop_lag_ms = %s WHERE id = %s",
            [len(running), self._lag.longest_ms, self._worker_id],
        )
        if not beaten.rowcount:
            raise Fenced("Another process has treated this worker as dead.")
        self._fence.renew(began_at)
        self._lag.reset()
        if not running:
            return
        held = await self._connection.execute(
            "SELECT id, lease_epoch FROM tasks_contenttask WHERE status = 'in_progress' AND lease_owner = %s",
            [self._worker_id],
        )
        for lease in running - {Lease(*row) for row in await held.fetchall()}:
            self._runs.cancel(lease)
        self._on_beat()
