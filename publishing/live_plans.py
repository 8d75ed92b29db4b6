"""What is planned for live posts: an approved newer text that replaces the live one, and withdrawals.

Each verb is one transaction. Moving, removing and carrying out a plan: see schedule.py.
"""

from __future__ import annotations

from datetime import datetime

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction

from approvals.decisions import current_approval
from publishing.errors import NotApproved, ScheduleConflict
from publishing.models import Post, Schedule
from publishing.models.corrections import MAX_NOTE, checked_note
from publishing.publication_records import locked_draft
from publishing.publish import require_permission
from publishing.readiness import require_publishable
from publishing.redirects import hold_addresses
from publishing.schedule import check_time, open_schedule
from publishing.schedule_ends import record
from tasks.live_updates import Update
from tasks.models import Draft

Action = Schedule.Action


@transaction.atomic
def plan_update(
    draft: Draft,
    at: datetime,
    *,
    kind: str,
    note: str = "",
    zone: str,
    by: User,
    version: int | None = None,
) -> Schedule:
    """Have the approved newer text replace the live one at a future time, with this note to readers.

    `version` is the one that was on the screen, if it is known. Raises PermissionDenied, ValidationError for
    the time or the note, NotApproved, ScheduleConflict, and what `require_publishable` raises.
    """
    require_permission(by)
    check_time(at)
    note = checked_note(kind, note)
    draft = locked_draft(draft)
    if draft.task.update_state != Update.APPROVED or current_approval(draft) is None:
        raise NotApproved(
            "There is no newer text of a live post that has been approved, and not changed since: "
            "only such a text can be planned as an update."
        )
    if version not in {None, draft.version}:
        raise ScheduleConflict(
            f"You saw version {version}, but version {draft.version} is approved now: review it first."
        )
    hold_addresses(draft.slug)
    require_publishable(draft)
    if open_schedule(draft):
        raise ScheduleConflict("The update is already planned: move the plan instead.")
    return _create(
        draft, at, zone, by, action=Action.UPDATE, slug=draft.slug, correction_kind=kind, note=note,
        version=draft.version, content_sha256=draft.content_sha256,
    )  # fmt: skip


@transaction.atomic
def plan_withdrawal(post: Post, at: datetime, *, reason: str = "", zone: str, by: User) -> Schedule:
    """Have a live post taken off the site at a future time, whichever version is live then.

    Raises PermissionDenied, ValidationError for the time or the reason, and ScheduleConflict.
    """
    require_permission(by)
    check_time(at)
    reason = checked_reason(reason)
    draft = locked_draft(post.draft)
    live = Post.objects.published().filter(pk=post.pk).first()
    if live is None:
        raise ScheduleConflict("This post is not live: there is nothing to withdraw.")
    if open_withdrawal(draft):
        raise ScheduleConflict("The withdrawal of this post is already planned: move the plan instead.")
    return _create(
        draft, at, zone, by, action=Action.WITHDRAW, note=reason,
        version=live.version, content_sha256=live.content_sha256,
    )  # fmt: skip


def open_withdrawal(draft: Draft) -> Schedule | None:
    return Schedule.objects.open().withdrawals().filter(draft=draft).first()


def failed_withdrawal(draft: Draft) -> Schedule | None:
    """The last one, if it failed and the post has not changed since."""
    last = Schedule.objects.withdrawals().filter(draft=draft).order_by("-pk").first()
    if last is None or last.failed_at is None:
        return None
    is_over = Post.objects.filter(draft=draft, updated_at__gt=last.failed_at).exists()
    return None if is_over else last


def checked_reason(reason: str) -> str:
    """Of a withdrawal, as it is stored. Raises ValidationError."""
    reason = " ".join(reason.split())
    if len(reason) > MAX_NOTE:
        raise ValidationError({"reason": f"Use at most {MAX_NOTE} characters; this has {len(reason)}."})
    return reason


def _create(draft: Draft, at: datetime, zone: str, by: User, **values: object) -> Schedule:
    created = Schedule.objects.create(
        draft=draft, publish_at=at, due_at=at, zone=zone, by=by, by_name=by.get_username(), **values
    )
    record("created", created, by)
    return created
