"""Which of the cluster's processes write articles, and how they live inside django-q2.

A worker that django-q2 has spawned first takes a worker slot of the engine, if one is free, and holds it
until it ends; the others do jobs. Within half a second the sentinel replaces a process that ended.
"""

from __future__ import annotations

import fcntl
import logging
import os
import signal
import tempfile
import time
from typing import Any

from django_q.signals import post_spawn
from setproctitle import setproctitle

from contentpipeline.processes.lifetime import allow_many_files
from tasks.engine.compute import ComputePool
from tasks.engine.run_context import Pipeline
from tasks.engine.stop_request import StopSignal
from tasks.engine.worker import PipelineWorker

logger = logging.getLogger(__name__)

SHORT_LIFE_SECONDS = 5.0
PAUSE_SECONDS = 1.0
"""After a short life: whatever ended it may last, and a crash loop would take a whole core."""


class WorkerSlots:
    """A number of slots shared by forked processes; the kernel frees the slot of a process that dies."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._file, path = tempfile.mkstemp(prefix="desk-slots-")
        os.unlink(path)  # open is enough, and leaves nothing behind

    def take(self) -> bool:
        """Take a free slot for the lifetime of this process; False when there is none."""
        for slot in range(self._count):
            try:
                # Not flock, which belongs to the open file: forks share that.
                fcntl.lockf(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, slot)
            except OSError:
                continue
            return True
        return False


def install(count: int, pipeline: Pipeline, stop_signal: StopSignal) -> None:
    """Make `count` workers of this process's clusters write articles until they are asked to stop."""
    slots = WorkerSlots(count)

    def host(**_: Any) -> None:
        if slots.take():
            _write_articles(pipeline, stop_signal)
        # Ignored so far, as in the sentinel; a worker that does jobs ends by it when its job takes too long.
        signal.signal(signal.SIGTERM, signal.SIG_DFL)

    post_spawn.connect(host, weak=False, dispatch_uid="engine")


def _write_articles(pipeline: Pipeline, stop_signal: StopSignal) -> None:
    """Never returns: this process is not to become a worker for jobs."""
    started_at = time.monotonic()
    setproctitle("qcluster: computations of an engine worker")
    computing = ComputePool()  # which forks
    setproctitle("qcluster: engine worker")
    allow_many_files()
    try:
        PipelineWorker(pipeline=pipeline, computing=computing, stop_signal=stop_signal).run()
    except BaseException:
        logger.exception("A worker ends; its tasks go to another")
        if time.monotonic() - started_at < SHORT_LIFE_SECONDS:
            time.sleep(PAUSE_SECONDS)
        os._exit(1)
    os._exit(0)
