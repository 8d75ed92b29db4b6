"""What a cluster's processes share, made so that it outlives any of them.

A worker of django-q2 waits for its next job inside the standard library's queue, holding the queue's lock.
That lock is a semaphore, which stays taken when its holder is killed: no worker would get a job again. The
same goes for the locks of those that write to a queue, and of counters and timers. An event's `set` waits for
every process that waited, dead ones too.
"""

from __future__ import annotations

import fcntl
import multiprocessing
import os
import tempfile
import time
from typing import Any

from django.utils import timezone
from django_q import cluster, pusher
from django_q.models import OrmQ
from django_q.queues import Queue

from contentpipeline.processes.stop_flag import StopFlag

PAUSE_SECONDS = 1.0
"""How long the pusher waits when the database does not answer. Its own ten seconds cannot be interrupted:
a cluster that was to stop meanwhile had to kill it, and no job began."""


class KernelLock:
    """A lock between forked processes that the kernel releases when its holder dies.

    Its holder may take it again.
    """

    def __init__(self) -> None:
        self._depth = 0
        self._file, path = tempfile.mkstemp(prefix="desk-queue-")
        os.unlink(path)  # open is enough, and leaves nothing behind

    def acquire(self, block: bool = True, timeout: float | None = None) -> bool:
        """Take the lock. A wait with a limit does not exist here: django-q2 waits for ever or not at all."""
        if timeout is not None:
            raise NotImplementedError("This lock cannot be waited for with a timeout.")
        try:
            # Granted again to the process that has it. Not flock: the lock would be that of all forks.
            fcntl.lockf(self._file, fcntl.LOCK_EX if block else fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        self._depth += 1
        return True

    def release(self) -> None:
        self._depth -= 1
        if self._depth == 0:
            fcntl.lockf(self._file, fcntl.LOCK_UN)

    def __enter__(self) -> None:
        self.acquire()

    def __exit__(self, *_: object) -> None:
        self.release()


class JobQueue(Queue):  # type: ignore[misc]  # django-q2 has no types
    def __init__(self, maxsize: int = 0) -> None:
        super().__init__(maxsize)
        self._rlock, self._wlock = KernelLock(), KernelLock()
        self.size.count = value("i", 0)


def value(kind: str, initial: float) -> Any:
    """A `multiprocessing.Value` with a kernel lock."""
    return multiprocessing.Value(kind, initial, lock=KernelLock())  # type: ignore[call-overload]  # locks by shape alone


def install() -> None:
    """Make the clusters of this process use these."""
    cluster.Queue = JobQueue
    cluster.Event = StopFlag
    cluster.Value = value
    pusher.sleep = lambda _: time.sleep(PAUSE_SECONDS)


def requeue_jobs() -> None:
    """Put the jobs that a cluster was running when it died back into the queue."""
    now = timezone.now()
    OrmQ.objects.filter(lock__gt=now).update(lock=now)
