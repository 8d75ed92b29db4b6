"""Incidents: detecting that something is wrong, and that it is over. `deliveries` sends the alerts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Case, Count, Max, Min, QuerySet, When
from django.utils import timezone

from tasks.advisory_locks import Lock, try_lock_until_commit
from tasks.alerts.breaches import ORPHANED_SINCE, WAITING_SINCE, due, orphaned
from tasks.lifecycle import Status
from tasks.models import ContentTask, Incident, Worker

QUIET = timedelta(minutes=10)
"""How long nothing new must have happened before an incident closes."""
LOOK_BACK = timedelta(days=1)
"""What is older opens no incident, and no alert of it is sent any more."""
PATIENCE = timedelta(seconds=10)
"""How long a task may be without a worker, before the first one takes it or after its own has died."""
MAX_TASK_IDS = 10


@dataclass(frozen=True)
class Findings:
    """What there is of one kind of incident since a moment."""

    count: int
    first_at: datetime
    latest_at: datetime
    task_ids: list[int]
    by: dict[str, int]
    """The count by kind of error or by stage."""


@transaction.atomic
def check() -> None:
    """Open, update and close incidents. Any number of processes may call it: all but one of them return."""
    if not try_lock_until_commit(Lock.INCIDENTS):
        return
    now = timezone.now()
    open_incidents = {incident.kind: incident for incident in Incident.objects.filter(closed_at=None)}
    for kind, detect in DETECTORS.items():
        incident = open_incidents.get(kind)
        since = datetime.fromisoformat(incident.details["since"]) if incident else _covered_until(kind, now)
        seen = detect(now, since)
        if incident is None:
            if seen is not None:
                _open(kind, seen, since, now)
        elif seen is not None and _is_new(incident, seen):
            _update(incident, seen, now)
        elif kind == Incident.Kind.NO_WORKER or now - incident.seen_at > QUIET:
            _close(incident, now)


def _covered_until(kind: str, now: datetime) -> datetime:
    """Up to where earlier incidents of this kind cover what happened."""
    last = Incident.objects.filter(kind=kind).aggregate(latest_at=Max("latest_at"))["latest_at"]
    return max(last or now - LOOK_BACK, now - LOOK_BACK)


def _is_new(incident: Incident, seen: Findings) -> bool:
    if incident.kind == Incident.Kind.NO_WORKER:
        return True  # for as long as it is so
    return seen.latest_at > incident.latest_at or seen.count > incident.details["count"]


def _open(kind: str, seen: Findings, since: datetime, now: datetime) -> None:
    Incident.objects.create(
        kind=kind,
        opened_at=now,
        latest_at=seen.latest_at,
        seen_at=now,
        due_at=now,
        details=_details(seen) | {"since": since.isoformat()},
    )


def _update(incident: Incident, seen: Findings, now: datetime) -> None:
    known = incident.details
    # Tasks that were retried since have left the count, but they did fail.
    incident.details |= _details(seen) | {
        "count": max(seen.count, known["count"]),
        "first_at": known["first_at"],
        "task_ids": list(dict.fromkeys([*known["task_ids"], *seen.task_ids]))[:MAX_TASK_IDS],
    }
    incident.latest_at, incident.seen_at = max(seen.latest_at, incident.latest_at), now
    incident.save(update_fields=["details", "latest_at", "seen_at"])


def _close(incident: Incident, now: datetime) -> None:
    incident.closed_at = now
    incident.save(update_fields=["closed_at"])


def _details(seen: Findings) -> dict[str, Any]:
    return {
        "count": seen.count,
        "first_at": seen.first_at.isoformat(),
        "task_ids": seen.task_ids,
        "by": seen.by,
    }


def _failures(now: datetime, since: datetime) -> Findings | None:
    failed = ContentTask.objects.filter(status=Status.FAILED, status_changed_at__gt=since)
    return findings_in(failed, "status_changed_at", "error_kind")


def _late(now: datetime, since: datetime) -> Findings | None:
    return findings_in(ContentTask.objects.filter(breached_at__gt=since), "breached_at", "breached_stage")


def _unattended(now: datetime, since: datetime) -> Findings | None:
    if Worker.objects.alive().exists():
        return None
    waits_from = Case(When(status=Status.IN_PROGRESS, then=ORPHANED_SINCE), default=WAITING_SINCE)
    waiting = ContentTask.objects.filter(due(now) | orphaned()).annotate(since=waits_from)
    seen = findings_in(waiting, "since", "status", newest=now)
    return seen if seen and seen.first_at < now - PATIENCE else None


def findings_in(
    tasks: QuerySet[ContentTask], time: str, group: str, newest: datetime | None = None
) -> Findings | None:
    groups = list(
        tasks.order_by()
        .values(group)
        .annotate(count=Count("id"), first_at=Min(time), latest_at=Max(time))
        .order_by("-count")
    )
    if not groups:
        return None
    return Findings(
        count=sum(row["count"] for row in groups),
        first_at=min(row["first_at"] for row in groups),
        latest_at=newest or max(row["latest_at"] for row in groups),
        task_ids=list(tasks.order_by(time, "id").values_list("pk", flat=True)[:MAX_TASK_IDS]),
        by={row[group] or "unknown": row["count"] for row in groups},
    )


Detector = Callable[[datetime, datetime], Findings | None]
"""Takes the present moment, and since when something would be new."""
DETECTORS: dict[str, Detector] = {
    Incident.Kind.FAILURES: _failures,
    Incident.Kind.SLA_BREACH: _late,
    Incident.Kind.NO_WORKER: _unattended,
}
"""An app further up adds its own."""
