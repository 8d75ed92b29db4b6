"""How schedules end, and the audit entries of what becomes of them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from django.contrib.auth.models import User
from django.utils import timezone

from approvals.audit import chain
from publishing.models import Schedule
from tasks.models import Draft


def end_as_published(draft: Draft, why: str, by: User) -> None:
    """Inside the publication, by the holder of the task's lock."""
    end(
        list(Schedule.objects.open().filter(draft=draft).select_related("draft")),
        Schedule.EndReason.PUBLISHED,
        why,
        by,
    )


def end(schedules: Iterable[Schedule], outcome: Schedule.EndReason, why: str, by: User | None) -> None:
    for each in schedules:
        each.outcome, each.why, each.ended_at, each.due_at = outcome, why, timezone.now(), None
        each.save(update_fields=["outcome", "why", "ended_at", "due_at"])
        record(outcome, each, by, why=why)


def record(what: str, about: Schedule, by: User | None, **more: Any) -> None:
    fact = chain.Fact(
        f"schedule.{what}",
        object_type="schedule",
        object_id=about.pk,
        task_id=about.draft.task_id,
        by=by,
        data={
            "draft": about.draft_id,
            "version": about.version,
            "content_sha256": about.content_sha256,
            "publish_at": utc(about.publish_at),
            "zone": about.zone,
            **more,
        },
    )
    chain.add([fact])


def utc(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds")
