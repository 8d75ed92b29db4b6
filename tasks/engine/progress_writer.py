"""Writes what the runs of a worker produce: checkpoints, live texts, and the costs of calls in progress."""

from __future__ import annotations

import asyncio
import logging

from django.db import InterfaceError, OperationalError

from tasks.engine import checkpoints, spending
from tasks.engine.active_runs import RELEASE_SECONDS, ActiveRuns
from tasks.engine.checkpoints import CheckpointWriter
from tasks.engine.live_texts import LiveTexts
from tasks.engine.threads import DatabaseThread

logger = logging.getLogger(__name__)


class ProgressWriter:
    def __init__(self, worker_id: int, in_thread: DatabaseThread, runs: ActiveRuns) -> None:
        self._worker_id = worker_id
        self._in_thread = in_thread
        self._runs = runs
        self.checkpoints = CheckpointWriter(worker_id, in_thread)
        self.live_texts = LiveTexts(runs.texts, self.checkpoints.enqueue)

    async def note_costs(self) -> None:
        """Record what calls in progress have cost so far, in case this worker dies before it books them."""
        if calls := self._runs.open_calls():
            await self._in_thread(spending.note_progress, self._worker_id, calls)

    async def book_unbooked(self) -> None:
        """Book calls that were cut off while the worker crashed: they have cost money too."""
        if unbooked := self.checkpoints.unbooked:
            try:
                async with asyncio.timeout(RELEASE_SECONDS):
                    await self._in_thread(checkpoints.book, unbooked)
            except (TimeoutError, OperationalError, InterfaceError):
                logger.error("%d model calls could not be recorded", len(unbooked))
