"""Figures over all tasks: what waits, what is being written, what failed, what was late, what it cost."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db.models import (
    Aggregate,
    Count,
    DurationField,
    ExpressionWrapper,
    F,
    Max,
    Min,
    Q,
    Sum,
    Value,
)
from django.utils import timezone

from tasks.alerts import breaches
from tasks.alerts.causes import causes
from tasks.engine import spending
from tasks.lifecycle import Status
from tasks.models import ContentTask, ModelCall, Stage, TaskKind, Worker
from tasks.models.operations import LEASE_SECONDS, Clock, HoldsLock

SUCCEEDED = (Status.AWAITING_APPROVAL, Status.APPROVED, Status.PUBLISHED, Status.REJECTED)
ENDED = (*SUCCEEDED, Status.FAILED)
WORKER_FIELDS = (
    "id", "host", "pid", "in_flight", "max_in_flight", "started_at", "heartbeat_at", "loop_lag_ms",
)  # fmt: skip


class MedianAndP95(Aggregate):
    """Both from one sort; PostgreSQL interpolates between the two nearest values."""

    template = "percentile_cont(ARRAY[0.5, 0.95]) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = ArrayField(DurationField())


def task_metrics() -> dict[str, Any]:
    """Every figure there is. Seven statements, each of which reads indexes or the few rows it is about."""
    now = timezone.now()
    by_status, by_stage = _counts()
    workers = list(live_and_dead_workers())
    return {
        "by_status": by_status,
        "by_stage": by_stage,
        "success_rate": _success_rate(by_status),
        **queue_metrics(),
        **_ended(now),
        **_costs(),
        "in_flight": sum(worker["in_flight"] for worker in workers if worker["is_alive"]),
        "workers": workers,
        "failures": [asdict(cause) for cause in causes()],
        "breaches": _breaches(now),
    }


def queue_metrics() -> dict[str, Any]:
    """What waits for a worker, and for how long; also tasks whose worker is gone."""
    now = timezone.now()
    is_due, is_pending = breaches.due(now), Q(status=Status.PENDING, kind=TaskKind.ARTICLE)
    found = ContentTask.objects.filter(is_pending | Q(status=Status.IN_PROGRESS)).aggregate(
        waiting=Count("id", filter=is_due),
        scheduled=Count("id", filter=is_pending & ~is_due),
        retries_waiting=Count("id", filter=is_pending & ~Q(error="")),
        orphaned=Count("id", filter=breaches.orphaned()),
        oldest=Min(breaches.WAITING_SINCE, filter=is_due),
    )
    oldest = found.pop("oldest")
    waited = max((now - oldest).total_seconds(), 0.0) if oldest else None
    return found | {"oldest_waiting_seconds": waited}


def live_and_dead_workers() -> list[dict[str, Any]]:
    """Every worker that has a row; one that died keeps its row until another notices."""
    age = ExpressionWrapper(Clock() - F("heartbeat_at"), output_field=DurationField())
    workers = Worker.objects.annotate(age=age, is_held=HoldsLock("id")).values(
        *WORKER_FIELDS, "age", "is_held"
    )
    return [
        {
            **{name: worker[name] for name in WORKER_FIELDS},
            "heartbeat_age_seconds": max(worker["age"].total_seconds(), 0.0),
            "is_alive": worker["is_held"] and worker["age"].total_seconds() < LEASE_SECONDS,
        }
        for worker in workers
    ]


def count_live_workers() -> int:
    return Worker.objects.alive().count()


def _counts() -> tuple[dict[str, int], dict[str, int]]:
    tasks = ContentTask.objects.order_by()
    statuses = tasks.values("status").annotate(what=Value("status"), n=Count("id"))
    stages = (
        tasks.filter(status=Status.IN_PROGRESS).values("stage").annotate(what=Value("stage"), n=Count("id"))
    )
    found = {(what, name): n for name, what, n in statuses.values_list("status", "what", "n").union(
        stages.values_list("stage", "what", "n"), all=True
    )}  # fmt: skip
    return (
        {status: found.get(("status", status), 0) for status in Status.values},
        {stage: found.get(("stage", stage), 0) for stage in Stage.values},
    )


def _success_rate(by_status: dict[str, int]) -> float | None:
    succeeded = sum(by_status[status] for status in SUCCEEDED)
    ended = succeeded + by_status[Status.FAILED]
    return succeeded / ended if ended else None


def _ended(now: datetime) -> dict[str, Any]:
    found = ContentTask.objects.filter(status__in=ENDED, finished_at__isnull=False).aggregate(
        ended_last_5_minutes=Count("id", filter=Q(finished_at__gte=now - timedelta(minutes=5))),
        ended_last_hour=Count("id", filter=Q(finished_at__gte=now - timedelta(hours=1))),
        durations=MedianAndP95(
            F("finished_at") - F("started_at"), filter=Q(status__in=SUCCEEDED, started_at__isnull=False)
        ),
    )
    median, p95 = found.pop("durations") or (None, None)
    return found | {
        "ended_per_minute": found["ended_last_5_minutes"] / 5,
        "median_seconds": _seconds(median),
        "p95_seconds": _seconds(p95),
    }


def _costs() -> dict[str, Any]:
    # A call that sent nothing, because it was refused, costs nothing and needs no price.
    unpriced = Q(cost_usd=None) & ~Q(input_tokens=0, output_tokens=0)
    costs = ModelCall.objects.aggregate(
        cost=Sum("cost_usd"),
        unpriced=Count("id", filter=unpriced),
        today=Sum("cost_usd", filter=Q(created_at__gte=spending.midnight())),
        reserved=Max(spending.RESERVED),
    )
    day = spending.DaySpending(
        spending.daily_budget_usd(), costs["today"] or Decimal(0), costs["reserved"] or Decimal(0)
    )
    return {
        "cost_usd": costs["cost"] or 0,
        "unpriced_calls": costs["unpriced"],
        "today": {**asdict(day), "is_spent": day.is_spent},
    }


def _breaches(now: datetime) -> dict[str, Any]:
    stages: list[dict[str, Any]] = list(breaches.by_stage(now))
    return {
        "open": sum(stage["open"] for stage in stages),
        "last_24_hours": sum(stage["recent"] for stage in stages),
        "worst_late_seconds": _seconds(max((stage["worst"] for stage in stages), default=None)),
        "by_stage": [
            {
                "stage": stage["breached_stage"],
                "open": stage["open"],
                "last_24_hours": stage["recent"],
                "worst_late_seconds": _seconds(stage["worst"]),
            }
            for stage in stages
        ],
    }


def _seconds(duration: timedelta | None) -> float | None:
    return None if duration is None else duration.total_seconds()
