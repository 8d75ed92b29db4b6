"""What the desk's first page shows of tasks: what is due, what runs, and what failed."""

from __future__ import annotations

from datetime import timedelta

from django.contrib.auth.models import User
from django.db.models import Case, Q, QuerySet, When
from django.utils import timezone

from tasks.home import ROWS, HomeSection, register
from tasks.lifecycle import UNFINISHED, Status
from tasks.models import ContentTask
from tasks.navigation import permitted

DUE_WITHIN = timedelta(days=7)
FAILED_WITHIN = timedelta(days=14)


def _tasks() -> QuerySet[ContentTask]:
    return ContentTask.objects.select_related("draft").only(
        "topic", "status", "status_changed_at", "stage", "progress", "due_at", "run_after", "error",
        "update_state", "attempts", "max_attempts", "draft__title",
    )  # fmt: skip


def due_soon(user: User) -> QuerySet[ContentTask]:
    """Undecided tasks, the late ones first."""
    undecided = UNFINISHED | {Status.AWAITING_APPROVAL, Status.FAILED}
    due = _tasks().filter(status__in=undecided, due_at__isnull=False)
    return due.order_by("due_at", "pk")[: ROWS + 1]


def running(user: User) -> QuerySet[ContentTask]:
    """What is written now, then what waits for its turn."""
    is_waiting = Case(When(status=Status.IN_PROGRESS, then=0), default=1)
    running = _tasks().filter(Q(status=Status.IN_PROGRESS) | Q(status=Status.PENDING))
    return running.order_by(is_waiting, "-priority", "pk")[: ROWS + 1]


def failed(user: User) -> QuerySet[ContentTask]:
    return _tasks().filter(status=Status.FAILED).order_by("-status_changed_at")[: ROWS + 1]


sees_tasks = permitted("tasks.view_contenttask")

register(
    HomeSection(
        "due", "Due soon", 20, due_soon, "desk/home/_due.html", sees_tasks,
        empty="Nothing is due within a week.", more="publishing_desk:calendar", is_cached=True,
        is_shown=lambda task: task.due_at < timezone.now() + DUE_WITHIN,
    )
)  # fmt: skip
register(
    HomeSection(
        "running", "Running now", 30, running, "desk/home/_running.html", sees_tasks,
        empty="Nothing is being written, and nothing waits.", more="desk:queue", more_query="queue=at-work",
        is_aside=True, is_live=True,
    )
)  # fmt: skip
register(
    HomeSection(
        "wrong", "What went wrong", 50, failed, "desk/home/_failed.html", sees_tasks,
        empty="Nothing has failed in the last two weeks.", more="desk:queue", more_query="queue=failed",
        is_aside=True, is_bad=True, is_cached=True,
        is_shown=lambda task: task.status_changed_at > timezone.now() - FAILED_WITHIN,
    )
)  # fmt: skip
