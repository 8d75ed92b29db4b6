"""Tasks that exceeded a time limit: which limit, and by how much."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Case, Count, DateTimeField, F, Max, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce, Greatest
from django.utils import timezone

from tasks.lifecycle import UNFINISHED, Status
from tasks.models import ContentTask, TaskKind, Worker

QUEUE = "queue"
"""Instead of a stage: the limit is on how long a due task may wait for a worker."""
BATCH = 10_000
DEADLINE_GRACE = timedelta(seconds=5)
"""How long a live worker may take to end a task whose time is over."""

RECENT = timedelta(hours=24)


def due(now: datetime) -> Q:
    """Waiting tasks that a worker may take."""
    return Q(status=Status.PENDING, kind=TaskKind.ARTICLE) & (Q(run_after=None) | Q(run_after__lte=now))


def orphaned() -> Q:
    """Tasks in progress whose worker ended or is silent, and which were not given back yet."""
    return Q(status=Status.IN_PROGRESS) & ~Q(lease_owner__in=Worker.objects.alive().values("pk"))


_LAST_BEAT = Worker.objects.filter(pk=OuterRef("lease_owner")).values("heartbeat_at")[:1]
ORPHANED_SINCE = Coalesce(Subquery(_LAST_BEAT), "status_changed_at")

WAITING_SINCE = Greatest("status_changed_at", "run_after")  # in PostgreSQL the greatest that is not NULL


def mark_overdue_in_queue() -> int:
    """Mark due tasks that wait for longer than QUEUE_LIMIT_SECONDS; return how many were marked.

    One statement of at most 10,000 rows. It skips rows that are being changed: waiting for one while holding
    others could end in a deadlock.
    """
    now, limit = timezone.now(), timedelta(seconds=settings.QUEUE_LIMIT_SECONDS)
    overdue = (
        ContentTask.objects.filter(due(now), breached_at=None, status_changed_at__lt=now - limit)
        .filter(Q(run_after=None) | Q(run_after__lt=now - limit))
        .order_by("status_changed_at")
        .select_for_update(skip_locked=True)
    )
    with transaction.atomic():
        return ContentTask.objects.filter(pk__in=overdue.values("pk")[:BATCH]).update(
            breached_stage=QUEUE, breached_at=WAITING_SINCE + limit
        )


def mark_overdue_at_deadline() -> int:
    """Mark tasks whose time is over and that no worker has ended; return how many were marked.

    A worker ends its own in that moment and says in which stage. So these are tasks without one.
    """
    limit = timezone.now() - DEADLINE_GRACE
    overdue = ContentTask.objects.filter(
        status__in=[Status.PENDING, Status.IN_PROGRESS], deadline_at__lt=limit, breached_at=None
    ).select_for_update(skip_locked=True)
    stage = Case(When(status=Status.PENDING, then=Value(QUEUE)), default=F("stage"))
    with transaction.atomic():
        return ContentTask.objects.filter(pk__in=overdue.values("pk")[:BATCH]).update(
            breached_stage=stage, breached_at=F("deadline_at")
        )


def current(now: datetime) -> QuerySet[ContentTask]:
    """Breaches of work that is not done yet, and all of the last 24 hours; `late` is their `lateness`."""
    ended_at = Case(
        When(status__in=UNFINISHED, then=now),
        default=Coalesce("finished_at", "status_changed_at"),
        output_field=DateTimeField(),
    )
    return (
        ContentTask.objects.filter(breached_at__isnull=False)
        .filter(Q(status__in=UNFINISHED) | Q(breached_at__gte=now - RECENT))
        .annotate(late=ended_at - F("breached_at"))
    )


def by_stage(now: datetime) -> list[dict[str, object]]:
    """For each limit: open and recent breaches, and the worst lateness."""
    rows = (
        current(now)
        .order_by()
        .values("breached_stage")
        .annotate(
            open=Count("id", filter=Q(status__in=UNFINISHED)),
            recent=Count("id", filter=Q(breached_at__gte=now - RECENT)),
            worst=Max("late"),
        )
        .order_by("breached_stage")
    )
    return [dict(row) for row in rows]


def in_words(duration: timedelta, day: str = "d") -> str:
    """As in "1 d 3 h", "3 h 20 min", "2 min 5 s", "7 s": the two largest parts; `day` is a unit's symbol."""
    seconds = max(round(duration.total_seconds()), 0)
    sizes = ((day, 86_400), ("h", 3600), ("min", 60), ("s", 1))
    first = next((place for place, (_, size) in enumerate(sizes) if seconds >= size), len(sizes) - 1)
    parts: list[str] = []
    for name, size in sizes[first : first + 2]:
        count, seconds = divmod(seconds, size)
        if count or not parts:
            parts.append(f"{count} {name}")
    return " ".join(parts)
