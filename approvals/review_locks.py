"""Who is looking at a draft, so that two editors do not do the same work.

A claim is a courtesy, not a lock: it expires, anybody who decides may take it over, and a decision by
somebody else only asks at the desk whether it is meant. The API does not ask.
"""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.utils import timezone

from approvals.errors import ClaimedByOther
from approvals.models.desk import ReviewClaim
from tasks.errors import TransitionRefused
from tasks.lifecycle import Status
from tasks.live_updates import Update
from tasks.models import Draft

# One statement, so that of two who ask at once exactly one gets it.
TAKE = """
    INSERT INTO approvals_reviewclaim AS claim (draft_id, reviewer_id, claimed_at, expires_at)
    SELECT draft.id, %(by)s, now(), now() + %(patience)s
    FROM tasks_draft draft JOIN tasks_contenttask task ON task.id = draft.task_id
    WHERE draft.id = %(draft)s AND (task.status = %(awaiting)s OR task.update_state = %(update_awaiting)s)
    ON CONFLICT (draft_id) DO UPDATE SET
        reviewer_id = EXCLUDED.reviewer_id,
        expires_at = EXCLUDED.expires_at,
        claimed_at = CASE WHEN claim.reviewer_id = EXCLUDED.reviewer_id AND claim.expires_at > now()
            THEN claim.claimed_at ELSE EXCLUDED.claimed_at END,
        taken_from_id = CASE
            WHEN claim.expires_at <= now() THEN NULL
            WHEN claim.reviewer_id = EXCLUDED.reviewer_id THEN claim.taken_from_id
            ELSE claim.reviewer_id END
    WHERE claim.reviewer_id IN (EXCLUDED.reviewer_id, %(over)s) OR claim.expires_at <= now()
    RETURNING 1
"""


def claim(draft: Draft, *, by: AbstractBaseUser, over: int | None = None) -> ReviewClaim:
    """Look at a draft for CLAIM_MINUTES, or go on doing so; `over` takes it from the user of that id.

    Raises PermissionDenied, ClaimedByOther, or TransitionRefused when there is nothing to decide.
    """
    if not by.has_perm("approvals.add_decision"):  # type: ignore[attr-defined]
        raise PermissionDenied("Only editors review drafts.")
    asked = {"draft": draft.pk, "by": by.pk, "over": over, "patience": _patience(),
             "awaiting": Status.AWAITING_APPROVAL, "update_awaiting": Update.AWAITING}  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(TAKE, asked)
        is_taken = cursor.fetchone() is not None
    found = current(draft)
    if is_taken and found:
        return found
    if found and found.reviewer_id != by.pk:
        raise ClaimedByOther(f"{found.reviewer} is looking at this draft until {_clock(found)}.")
    raise TransitionRefused("This draft does not await a decision: there is nothing to review.")


def release(draft: Draft, *, by: AbstractBaseUser) -> bool:
    """Stop looking at it. False when it was not theirs any more."""
    return bool(ReviewClaim.objects.filter(draft=draft, reviewer_id=by.pk).delete()[0])


def renew(draft: Draft, *, by: AbstractBaseUser) -> None:
    """Whoever acts on what they look at goes on looking at it."""
    now = timezone.now()
    mine = ReviewClaim.objects.filter(draft=draft, reviewer_id=by.pk, expires_at__gt=now)
    mine.update(expires_at=now + _patience())


def current(draft: Draft) -> ReviewClaim | None:
    """The claim that holds, with its reviewer, or None."""
    active = ReviewClaim.objects.filter(draft=draft, expires_at__gt=timezone.now())
    return active.select_related("reviewer").first()


def require_meant(draft: Draft, *, by: AbstractBaseUser, over: int | None) -> None:
    """Raises ClaimedByOther unless `over` names whoever else is looking at the draft, if anybody is."""
    found = current(draft)
    if found and found.reviewer_id not in {by.pk, over}:
        raise ClaimedByOther(
            f"{found.reviewer} is looking at this draft until {_clock(found)}. "
            "To decide all the same, say so below and send it again."
        )


def _patience() -> timedelta:
    return timedelta(minutes=settings.CLAIM_MINUTES)


def _clock(claim: ReviewClaim) -> str:
    return f"{timezone.localtime(claim.expires_at):%H:%M %Z}"
