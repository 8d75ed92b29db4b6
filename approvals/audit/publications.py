"""What went online, was changed there or taken off, as events of the audit chain and of a draft's timeline.

The app above calls `record_publication` from inside its own transaction, for each such event.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.contrib.auth.models import AbstractBaseUser

from approvals.audit import chain
from approvals.models import AuditEntry
from tasks.models import Draft


class Publication(StrEnum):
    PUBLISHED = "published"
    UPDATED = "updated"
    """Another version of the text went live in place of the one that was."""
    UNPUBLISHED = "unpublished"


class Published(Protocol):
    """A post, as far as this app knows one."""

    pk: Any
    draft: Draft
    version: int
    content_sha256: str

    def get_absolute_url(self) -> str: ...


def publication(
    what: Publication, post: Published, *, by: AbstractBaseUser | None, reason: str = ""
) -> chain.Fact:
    """Which text readers got, or no longer get, at which address, and who saw to it."""
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


def record_publication(
    what: Publication, post: Published, *, by: AbstractBaseUser | None, reason: str = ""
) -> AuditEntry:
    return chain.record_all([publication(what, post, by=by, reason=reason)])[0]


SAID = {
    "publication.published": "Published version {version}",
    "publication.updated": "Put version {version} online in place of the one before",
    "publication.unpublished": "Took version {version} offline",
    "schedule.created": "Scheduled version {version} for {time}",
    "schedule.moved": "Moved the publication of version {version} to {time}",
    "schedule.unscheduled": "Took back the publication of version {version} at {time}",
    "schedule.voided": "The publication of version {version} at {time} was voided",
    "schedule.failed": "The publication of version {version} at {time} failed",
    "schedule.given_up": "The publication of version {version} at {time} was given up",
}
"""That a schedule was kept is told by the publication itself."""


def in_words(entry: AuditEntry) -> str:
    """What happened, for people; empty when it is nothing about a publication."""
    said = SAID.get(entry.action, "")
    return said.format(version=entry.data["version"], time=_local(entry.data)) if said else ""


def _local(data: Mapping[str, Any]) -> str:
    """The time as the clocks of the place show it for which it was set."""
    if "publish_at" not in data:
        return ""
    moment = datetime.fromisoformat(data["publish_at"])
    try:
        return f"{moment.astimezone(ZoneInfo(data['zone'])):%Y-%m-%d %H:%M} {data['zone']}"
    except (ZoneInfoNotFoundError, ValueError):
        return f"{moment:%Y-%m-%d %H:%M} UTC"
