"""Who is reviewing a draft, so that two editors do not do the same work.

A review lock is advisory: it expires, any editor may take it over, and a decision by another editor only has
to be confirmed at the desk. The API does not ask for a confirmation.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.utils import timezone

from approvals.errors import LockedByOther
from approvals.models.desk import ReviewLock
from tasks.errors import TransitionRefused
from tasks.handover import register
from tasks.lifecycle import Status
from tasks.live_updates import Update
from tasks.models import Draft

# One statement, so that of two editors at once exactly one gets it.
TAKE_LOCK = """
    INSERT INTO approvals_reviewclaim AS lock (draft_id, reviewer_id, claimed_at, expires_at)
    SELECT draft.id, %(by)s, now(), now() + %(duration)s
    FROM tasks_draft draft JOIN tasks_contenttask task ON task.id = draft.task_id
    WHERE draft.id = %(draft)s AND (task.status = %(awaiting)s OR task.update_state = %(update_awaiting)s)
    ON CONFLICT (draft_id) DO UPDATE SET
        reviewer_id = EXCLUDED.reviewer_id,
        expires_at = EXCLUDED.expires_at,
        claimed_at = CASE WHEN lock.reviewer_id = EXCLUDED.reviewer_id AND lock.expires_at > now()
            THEN lock.claimed_at ELSE EXCLUDED.claimed_at END,
        taken_from_id = CASE
            WHEN lock.expires_at <= now() THEN NULL
            WHEN lock.reviewer_id = EXCLUDED.reviewer_id THEN lock.taken_from_id
            ELSE lock.reviewer_id END
    WHERE lock.reviewer_id IN (EXCLUDED.reviewer_id, %(take_over_from)s) OR lock.expires_at <= now()
    RETURNING 1
"""


def take(draft: Draft, *, by: User, take_over_from: int | None = None) -> ReviewLock:
    """Lock a draft for CLAIM_MINUTES, or renew the lock; `take_over_from` is the id of its holder.

    Raises PermissionDenied, LockedByOther, or TransitionRefused when there is nothing to decide.
    """
    if not by.has_perm("approvals.add_decision"):
        raise PermissionDenied("Only editors can review drafts.")
    parameters: dict[str, Any] = {
        "draft": draft.pk, "by": by.pk, "take_over_from": take_over_from, "duration": _lock_duration(),
        "awaiting": Status.AWAITING_APPROVAL, "update_awaiting": Update.AWAITING,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(TAKE_LOCK, parameters)
        is_taken = cursor.fetchone() is not None
    found = current(draft)
    if is_taken and found:
        return found
    if found and found.reviewer_id != by.pk:
        raise LockedByOther(f"{found.reviewer} is reviewing this draft until {_clock(found)}.")
    raise TransitionRefused("This draft is not awaiting a decision, so there is nothing to review.")


def release(draft: Draft, *, by: User) -> bool:
    """Give up the lock. False when it was not theirs any more."""
    return bool(ReviewLock.objects.filter(draft=draft, reviewer_id=by.pk).delete()[0])


@register
def release_all(old_user: User, new_user: User | None) -> None:
    """When an account ends, so do its locks; the drafts are back in the queue of everybody."""
    ReviewLock.objects.filter(reviewer=old_user).delete()


def renew(draft: Draft, *, by: User) -> None:
    """Extend the lock of a reviewer who acts on the draft."""
    now = timezone.now()
    own = ReviewLock.objects.filter(draft=draft, reviewer_id=by.pk, expires_at__gt=now)
    own.update(expires_at=now + _lock_duration())


def current(draft: Draft) -> ReviewLock | None:
    """The lock that is in force, with its reviewer, or None."""
    active = ReviewLock.objects.filter(draft=draft, expires_at__gt=timezone.now())
    return active.select_related("reviewer").first()


def require_confirmed(draft: Draft, *, by: User, overridden_reviewer: int | None) -> None:
    """Raises LockedByOther if another user holds the lock, unless that is `overridden_reviewer`."""
    found = current(draft)
    if found and found.reviewer_id not in {by.pk, overridden_reviewer}:
        raise LockedByOther(
            f"{found.reviewer} is reviewing this draft until {_clock(found)}. "
            "To decide anyway, select the box below and submit the form again."
        )


def _lock_duration() -> timedelta:
    return timedelta(minutes=settings.CLAIM_MINUTES)


def _clock(lock: ReviewLock) -> str:
    return f"{timezone.localtime(lock.expires_at):%H:%M %Z}"
