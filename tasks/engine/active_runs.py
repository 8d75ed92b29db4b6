"""The runs of one worker: started, cancelled by lease, and stopped together."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from tasks.engine.checkpoints import Lease
from tasks.engine.runner import Run

if TYPE_CHECKING:
    from tasks.pipeline.providers.model_calls.calls import CallRecord

RELEASE_SECONDS = 2.0


class ActiveRuns:
    def __init__(self, max_in_flight: int) -> None:
        self._max_in_flight = max_in_flight
        self._runs: dict[Lease, tuple[Run, asyncio.Task[None]]] = {}
        self.is_stopping = False

    def __len__(self) -> int:
        return len(self._runs)

    @property
    def room(self) -> int:
        """How many more may be started."""
        return self._max_in_flight - len(self._runs)

    @property
    def leases(self) -> set[Lease]:
        return set(self._runs)

    def start(self, run: Run, parts: asyncio.TaskGroup, *, on_end: Callable[[bool], None]) -> None:
        """`on_end` is called with whether there was no room before it ended."""
        self._runs[run.lease] = run, parts.create_task(self._until_done(run, on_end))

    def cancel(self, lease: Lease) -> None:
        if lease in self._runs:
            _, work = self._runs[lease]
            work.cancel()

    async def stop(self) -> None:
        """Cancel all, so that their streams are closed, and give them a moment to end."""
        self.is_stopping = True
        works = [work for _, work in self._runs.values()]
        for work in works:
            work.cancel()
        if works:
            await asyncio.wait(works, timeout=RELEASE_SECONDS)

    def texts(self) -> Iterator[tuple[Lease, str, str]]:
        """For each run, the stage in which a model is writing, and its text so far."""
        for lease, (run, _) in self._runs.items():
            yield lease, *run.text_so_far

    def open_calls(self) -> dict[Lease, CallRecord]:
        """The calls in progress that have a reservation, as they would be booked now."""
        return {
            lease: call
            for lease, (run, _) in self._runs.items()
            if run.chain is not None and (call := run.chain.call_in_progress()) is not None
        }

    async def _until_done(self, run: Run, on_end: Callable[[bool], None]) -> None:
        try:
            await run.work()
        except asyncio.CancelledError:
            if not self.is_stopping:
                await run.save_after_stop()
            raise
        finally:
            was_full = self.room <= 0
            self._runs.pop(run.lease, None)
            on_end(was_full)
