"""How schedules end, and the audit entries of what becomes of them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from django.contrib.auth.models import User
from django.utils import timezone

from approvals.audit import chain
from approvals.notifications.enqueue import enqueue_schedule_ended
from publishing.models import Schedule
from tasks.models import Draft


def end_as_published(draft: Draft, why: str, by: User) -> None:
    """Inside the publication, by the holder of the task's lock."""
    end(
        list(Schedule.objects.open().of_texts().filter(draft=draft).select_related("draft")),
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
            **_of_live_post(about),
            **more,
        },
    )
    chain.add([fact])


def notify_planner(ended: Schedule, why: str) -> None:
    """Of what will not happen."""
    what = f"Version {ended.version} was scheduled for {ended.local_clock} and will not go online then."
    if ended.is_withdrawal:
        what = f"The post was to be withdrawn at {ended.local_clock}, and that will not happen."
    text = f"{what} {why}"
    enqueue_schedule_ended(ended.draft, scheduled_by=ended.by_id, version=ended.version, text=text)


def _of_live_post(about: Schedule) -> dict[str, str]:
    if about.action == Schedule.Action.PUBLISH:
        return {}
    return {"action": about.action, "correction_kind": about.correction_kind, "note": about.note}


def utc(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds")
