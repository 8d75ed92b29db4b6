"""A worker: one process, one event loop, many tasks. It is crash-only.

Each of its parts runs for as long as the worker does; when one fails, all runs are cancelled and the process
ends. Another worker takes its tasks within two seconds, because its advisory lock is gone.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from django.conf import settings

from tasks.engine.active_runs import ActiveRuns
from tasks.engine.compute import ComputePool
from tasks.engine.fence import Fence
from tasks.engine.lease_taker import LeaseTaker, WorkerStopped
from tasks.engine.listener import Listener
from tasks.engine.loop_lag import LoopLag
from tasks.engine.progress_writer import ProgressWriter
from tasks.engine.proposals import ProposalTaker
from tasks.engine.registration import Registration, registered
from tasks.engine.run_context import Pipeline, RunContext
from tasks.engine.stop_request import StopRequest, StopSignal
from tasks.engine.threads import DatabaseThread, database_threads
from tasks.models import Worker
from tasks.pipeline import off_loop
from tasks.pipeline.orchestrator import produce_article
from tasks.pipeline.vendors import vendor_settings

if TYPE_CHECKING:
    from tasks.pipeline.providers.model_servers.vendor_pool import Vendors


class PipelineWorker:
    """Takes waiting tasks and writes their articles until it is stopped.

    `only` restricts it to one task; with `until_idle` it ends when there is nothing to take at the moment.
    """

    def __init__(
        self,
        *,
        max_in_flight: int | None = None,
        pipeline: Pipeline = produce_article,
        stop_signal: StopSignal | None = None,
        computing: ComputePool | None = None,
        only: int | None = None,
        until_idle: bool = False,
    ) -> None:
        self._max_in_flight = max_in_flight or settings.MAX_IN_FLIGHT
        self._pipeline = pipeline
        self._stop = StopRequest(stop_signal)
        self._compute_pool = computing
        self._only = only
        self._until_idle = until_idle

    def run(self) -> None:
        """Return when it was stopped and has released its tasks. Raises what ended it otherwise."""
        asyncio.run(self._main())

    async def _main(self) -> None:
        if self._compute_pool is not None:
            off_loop.run_elsewhere.set(self._compute_pool.run)
            off_loop.run_limited.set(self._compute_pool.run_limited)
        self._stop.listen()
        async with registered(self._max_in_flight, self._stop) as registration, open_vendors() as vendors:
            if registration is None:
                return
            # Three connections: taking tasks must not wait for writing, nor that for whole articles.
            async with database_threads("leases", "writing", "versions") as threads:
                await self._work(registration, vendors, *threads)

    async def _work(
        self,
        registration: Registration,
        vendors: Vendors | None,
        leases: DatabaseThread,
        writing: DatabaseThread,
        versions: DatabaseThread,
    ) -> None:
        worker_id = registration.worker_id
        fence, runs = Fence(registration.registered_at), ActiveRuns(self._max_in_flight)
        progress = ProgressWriter(worker_id, writing, runs)
        context = RunContext(
            progress.checkpoints, versions, self._pipeline, fence.check_lease, vendors, worker_id
        )
        proposals = self._proposal_taker(worker_id, vendors, leases, versions, fence)
        try:
            async with asyncio.TaskGroup() as parts:
                taker = LeaseTaker(
                    context, runs, parts, leases, self._stop, only=self._only, until_idle=self._until_idle
                )
                for part in self._parts(registration, fence, runs, progress, taker, parts, proposals):
                    parts.create_task(part)
        except* WorkerStopped:
            await leases(Worker.objects.filter(pk=worker_id).delete)
        finally:
            await progress.book_unbooked()

    def _parts(
        self,
        registration: Registration,
        fence: Fence,
        runs: ActiveRuns,
        progress: ProgressWriter,
        taker: LeaseTaker,
        parts: asyncio.TaskGroup,
        proposals: ProposalTaker | None,
    ) -> list[Coroutine[Any, Any, None]]:
        lag = LoopLag(lambda: len(runs) > 0)

        def on_work() -> None:
            taker.wake()
            if proposals:
                proposals.wake()

        def on_stop_proposal(proposal_id: int) -> None:
            if proposals:
                proposals.stop(proposal_id)

        listener = Listener(
            registration,
            runs,
            fence,
            lag,
            on_work=on_work,
            on_stop_proposal=on_stop_proposal,
            on_follow=progress.live_texts.follow,
            on_beat=lambda: parts.create_task(progress.note_costs()),
        )
        monitors = [] if self._compute_pool is None else [self._compute_pool.monitor()]
        return [
            listener.run(), taker.run(), taker.reap(), taker.release_on_stop(), progress.checkpoints.write(),
            progress.live_texts.run(), fence.run(), lag.run(), *monitors,
            *([proposals.run()] if proposals else []),
        ]  # fmt: skip

    def _proposal_taker(
        self,
        worker_id: int,
        vendors: Vendors | None,
        leases: DatabaseThread,
        versions: DatabaseThread,
        fence: Fence,
    ) -> ProposalTaker | None:
        """None where there is no model, and in a worker that is to do one task alone."""
        if vendors is None or self._only is not None:
            return None
        return ProposalTaker(worker_id, vendors, leases, versions, fence.check_lease, self._max_in_flight)


@asynccontextmanager
async def open_vendors() -> AsyncIterator[Vendors | None]:
    if not settings.PIPELINE_MODELS:
        yield None
        return
    from tasks.pipeline.providers.model_servers.vendor_pool import Access, Vendors  # loads aiohttp

    access = Access({setting.name: getattr(settings, setting.name) for setting in vendor_settings()})
    async with Vendors(access) as vendors:
        yield vendors


def write_one(task_id: int) -> None:
    """Take the task if it is waiting, and write it here. Returns when it has moved on."""
    PipelineWorker(only=task_id, max_in_flight=1, until_idle=True).run()
