"""Publications, updates and removals, as entries of the audit chain and events of a draft's timeline.

The app above appends `publication` to the chain inside its own transaction.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.contrib.auth.models import User

from approvals.audit import chain
from approvals.models import AuditEntry
from tasks.models import Draft


class Publication(StrEnum):
    PUBLISHED = "published"
    UPDATED = "updated"
    """Another version of the text replaced the live one."""
    UNPUBLISHED = "unpublished"


class Published(Protocol):
    """What this app needs to know of a post."""

    pk: Any
    draft: Draft
    version: int
    content_sha256: str

    def get_absolute_url(self) -> str: ...


def publication(what: Publication, post: Published, *, by: User | None, reason: str = "") -> chain.Fact:
    """Which text was published or unpublished at which address, and by whom."""
    return chain.Fact(
        f"publication.{what}",
        object_type="publication",
        object_id=post.pk,
        task_id=post.draft.task_id,
        by=by,
        data={
            "draft": post.draft.pk,
            "version": post.version,
            "content_sha256": post.content_sha256,
            "address": post.get_absolute_url(),
            "reason": reason,
        },
    )


SENTENCES = {
    "publication.published": "Published version {version}",
    "publication.updated": "Replaced the live text with version {version}",
    "publication.unpublished": "Unpublished version {version}",
    "schedule.created": "Scheduled version {version} for {time}",
    "schedule.moved": "Rescheduled version {version} for {time}",
    "schedule.unscheduled": "Unscheduled version {version}, due at {time}",
    "schedule.voided": "The scheduled publication of version {version} at {time} became void",
    "schedule.failed": "The scheduled publication of version {version} at {time} failed",
    "schedule.given_up": "The scheduled publication of version {version} at {time} was abandoned",
}
"""A schedule that was carried out has no sentence: the publication has one."""
PLAN_SENTENCES = {
    ("update", "schedule.created"): "Planned the update of the live text to version {version} for {time}",
    ("update", "schedule.moved"): "Moved the update to version {version} to {time}",
    ("update", "schedule.unscheduled"): "Removed the plan to update to version {version} at {time}",
    ("update", "schedule.voided"): "The planned update to version {version} at {time} became void",
    ("update", "schedule.failed"): "The planned update to version {version} at {time} failed",
    ("update", "schedule.given_up"): "The planned update to version {version} at {time} was abandoned",
    ("withdraw", "schedule.created"): "Planned the withdrawal of the post for {time}",
    ("withdraw", "schedule.moved"): "Moved the withdrawal of the post to {time}",
    ("withdraw", "schedule.unscheduled"): "Removed the plan to withdraw the post at {time}",
    ("withdraw", "schedule.voided"): "The planned withdrawal of the post at {time} became void",
    ("withdraw", "schedule.failed"): "The planned withdrawal of the post at {time} failed",
    ("withdraw", "schedule.given_up"): "The planned withdrawal of the post at {time} was abandoned",
}
"""By what is planned for a live post."""


def sentence_of(entry: AuditEntry) -> str:
    """What happened, for people; empty for entries about something else."""
    of_plan = PLAN_SENTENCES.get((entry.data.get("action", ""), entry.action), "")
    sentence = of_plan or SENTENCES.get(entry.action, "")
    return sentence.format(version=entry.data["version"], time=_local(entry.data)) if sentence else ""


def _local(data: Mapping[str, Any]) -> str:
    """The time in the time zone that it was set for."""
    if "publish_at" not in data:
        return ""
    moment = datetime.fromisoformat(data["publish_at"])
    try:
        return f"{moment.astimezone(ZoneInfo(data['zone'])):%Y-%m-%d %H:%M} {data['zone']}"
    except (ZoneInfoNotFoundError, ValueError):
        return f"{moment:%Y-%m-%d %H:%M} UTC"
