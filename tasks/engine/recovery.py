"""Finds tasks that nobody works on: their worker was killed, their job went with it, or a retry is due.

django-q2 delivers the job of a killed worker again only after its `retry` time, which has to exceed the
longest task. The task's own row and lock say so at once.
"""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from tasks.actions import queue
from tasks.engine.ownership import owned_task_ids
from tasks.lifecycle import Status
from tasks.models import ContentTask

JOB_IS_LATE_AFTER = timedelta(seconds=60)
FIRST_PAUSE = timedelta(seconds=2)
LONGEST_PAUSE = timedelta(minutes=5)


def pause_after(attempts: int) -> timedelta:
    """How long a model or page that was out is left alone: four times longer after each attempt."""
    return min(FIRST_PAUSE * 4 ** min(attempts - 1, 10), LONGEST_PAUSE)


class Recovery:
    """Queues each stranded task once. One object lives as long as its cluster."""

    def __init__(self) -> None:
        self._queued: set[tuple[int, str, int, int]] = set()

    def sweep(self) -> int:
        """Queue what is stranded and was not queued before; return how many that were."""
        stranded = {(task.pk, task.status, task.run, task.attempts): task for task in _stranded()}
        fresh = [task for key, task in stranded.items() if key not in self._queued]
        self._queued = set(stranded)
        for task in fresh:
            queue(task)
        return len(fresh)


def _stranded() -> list[ContentTask]:
    # The rows first: a task that is taken in between then shows its lock.
    running = list(ContentTask.objects.filter(status=Status.IN_PROGRESS))
    owned = owned_task_ids() if running else set()
    waiting = ContentTask.objects.filter(status=Status.PENDING)
    return [task for task in running if task.pk not in owned] + [task for task in waiting if is_due(task)]


def is_due(task: ContentTask) -> bool:
    """Whether a waiting task has waited long enough for somebody to run it without being told to."""
    pause = pause_after(task.attempts) if task.waits_for_a_retry else JOB_IS_LATE_AFTER
    return task.status_changed_at < timezone.now() - pause
