"""Scheduled publication: create, move and remove a schedule, carry out what is due, void what was edited.

Each verb is one transaction. A schedule is changed only by the holder of its task's lock, so that no two
transactions wait for each other.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.contrib.auth import get_user_model
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Min
from django.db.models.functions import Now
from django.utils import timezone

from approvals.decisions import current_approval
from publishing.errors import NotApproved, ScheduleConflict
from publishing.models import Post, Schedule
from publishing.publication_records import locked_draft
from publishing.publish import publish, require_permission, unpublish, update_live
from publishing.readiness import require_publishable
from publishing.redirects import hold_addresses
from publishing.schedule_ends import end, notify_planner, record, utc
from tasks.delivery.backoff import Backoff
from tasks.handover import register
from tasks.lifecycle import Move, Status
from tasks.live_updates import Update
from tasks.models import ContentTask, Draft

FARTHEST = timedelta(days=5 * 366)
"""A later time is a typing error."""
BACKOFF = Backoff(timedelta(seconds=2), timedelta(minutes=5), max_attempts=9)

EndReason = Schedule.EndReason


@transaction.atomic
def schedule(
    draft: Draft, publish_at: datetime, *, zone: str, by: User, version: int | None = None
) -> Schedule:
    """Schedule the approved text to go online at a future time.

    `version` is the one that was on the screen, if it is known. Raises PermissionDenied, ValidationError
    for the time, NotApproved, ScheduleConflict, and what `require_publishable` raises: it would stop the
    publication too. From now on no other text can be published or scheduled at this address.
    """
    require_permission(by)
    check_time(publish_at)
    draft = locked_draft(draft)
    _require_approval(draft)
    if version is not None and version != draft.version:
        raise ScheduleConflict(
            f"You saw version {version}, but version {draft.version} is approved now: review it first."
        )
    hold_addresses(draft.slug)
    require_publishable(draft)
    if open_schedule(draft):
        raise ScheduleConflict("This draft is already scheduled: move its schedule instead.")
    created = Schedule.objects.create(
        draft=draft,
        version=draft.version,
        content_sha256=draft.content_sha256,
        slug=draft.slug,
        publish_at=publish_at,
        due_at=publish_at,
        zone=zone,
        by=by,
        by_name=by.get_username(),
    )
    record("created", created, by)
    return created


@transaction.atomic
def reschedule(
    found: Schedule,
    publish_at: datetime,
    *,
    zone: str,
    by: User,
    kind: str = "",
    note: str | None = None,
    was: datetime | None = None,
) -> Schedule:
    """Move it to another time; the user who moves it becomes the publisher. Raises as `schedule` does.

    `kind` and `note` replace those of an update, `note` the reason of a withdrawal. `was` is the time that
    was on the screen, if it is known: another one is a ScheduleConflict.
    """
    require_permission(by)
    check_time(publish_at)
    moved = _locked(found)
    before = moved.publish_at
    if was is not None and was != before:
        raise ScheduleConflict(
            f"Someone moved this meanwhile: it is planned for {moved.local_clock} now. Nothing was changed."
        )
    if moved.is_update and kind:
        moved.correction_kind, moved.note = kind, note or ""
    elif moved.is_withdrawal and note is not None:
        moved.note = note
    moved.publish_at = moved.due_at = publish_at
    moved.zone, moved.by, moved.by_name = zone, by, by.get_username()
    moved.attempts, moved.last_error = 0, ""
    moved.save()
    record("moved", moved, by, was=utc(before))
    return moved


@transaction.atomic
def unschedule(found: Schedule, *, by: User, reason: str = "") -> Schedule:
    """Remove the schedule; the approval stands. Raises PermissionDenied or ScheduleConflict."""
    require_permission(by)
    ended = _locked(found)
    end([ended], EndReason.UNSCHEDULED, reason or f"Removed from the schedule by {by.get_username()}", by)
    return ended


@register
@transaction.atomic
def hand_over_schedules(old_user: User, new_user: User | None) -> None:
    """Open schedules of an account that ends go to a successor who may publish.

    Without one they fail at their time, and say why: nothing is published in nobody's name.
    """
    if new_user is None or not new_user.has_perm("publishing.publish_post"):
        return
    for found in Schedule.objects.open().filter(by=old_user).order_by("pk"):
        moved = _locked(found)
        moved.by, moved.by_name = new_user, new_user.get_username()
        moved.save(update_fields=["by", "by_name"])
        record("handed_over", moved, new_user, was_by=old_user.get_username())


def open_schedule(draft: Draft) -> Schedule | None:
    """Of its text: of a first publication, or of an update."""
    return Schedule.objects.open().of_texts().filter(draft=draft).first()


def failed_schedule(draft: Draft) -> Schedule | None:
    """The last one of its text, if it failed and the draft was neither edited nor published since."""
    last = Schedule.objects.of_texts().filter(draft=draft).order_by("-pk").first()
    if last is None or last.failed_at is None or last.version != draft.version:
        return None
    is_over = Post.objects.filter(draft=draft, updated_at__gt=last.failed_at).exists()
    return None if is_over else last


# --- The publication scheduler ------------------------------------------------------------------------


def due_ids() -> list[int]:
    """What is due, the longest overdue first."""
    return list(Schedule.objects.due().order_by("due_at", "pk").values_list("pk", flat=True))


def seconds_until_next() -> float | None:
    """Until something is due, by the database's clock; None if nothing is scheduled."""
    wait = Schedule.objects.open().aggregate(wait=Min("due_at") - Now())["wait"]
    return wait.total_seconds() if wait is not None else None


@transaction.atomic
def publish_scheduled(schedule_id: int) -> Post | None:
    """Carry out what is due. None if another process is doing so, or it is no longer due.

    The task's lock is the lease: it ends with the process that holds it. Publication and the end of the
    schedule are one transaction, so that nothing is lost and nothing published twice. Raises what `publish`,
    `update_live` and `unpublish` raise.
    """
    due = Schedule.objects.due().filter(pk=schedule_id)
    task_id = due.values_list("draft__task_id", flat=True).first()
    if task_id is None:
        return None
    if not ContentTask.objects.select_for_update(skip_locked=True).filter(pk=task_id).exists():
        return None
    found = due.select_for_update(of=["self"]).select_related("draft").first()
    if found is None:
        return None
    if found.is_withdrawal:
        return unpublish(found.draft.post, by=_publisher(found), reason=found.note)
    if (found.version, found.content_sha256) != (found.draft.version, found.draft.content_sha256):
        raise NotApproved(
            f"Version {found.version} was scheduled, but the draft is at version {found.draft.version}."
        )
    if found.is_update:
        return update_live(
            found.draft,
            by=_publisher(found),
            kind=found.correction_kind,
            note=found.note,
            version=found.version,
        )
    return publish(
        found.draft, by=_publisher(found), reason=f"published version {found.version}, {_as_scheduled(found)}"
    )


@transaction.atomic
def postpone(schedule_id: int, error: str) -> None:
    """Record why it failed and retry it: after 2, 4, 8 … s, at most 5 minutes.

    The ninth failure, some nine minutes after the first, is final.
    """
    found = _still_open(schedule_id)
    if found is None or found.publish_at > timezone.now():
        return  # it has ended, or was moved, in the meantime
    found.attempts += 1
    found.last_error = error
    found.due_at = timezone.now() + BACKOFF.pause(found.attempts)
    found.save(update_fields=["attempts", "last_error", "due_at"])
    if BACKOFF.is_over(found.attempts):
        _end_as_failed(found, EndReason.GIVEN_UP, error)
    elif found.attempts == 1:
        record("failed", found, None, error=error)


@transaction.atomic
def mark_failed(schedule_id: int, error: str) -> None:
    """End it because a retry would not help; its publisher and the operators are notified."""
    found = _still_open(schedule_id)
    if found is None or found.publish_at > timezone.now():
        return
    found.attempts += 1
    found.last_error = error
    found.save(update_fields=["attempts", "last_error"])
    _end_as_failed(found, EndReason.GIVEN_UP, error)


@transaction.atomic
def void(schedule_id: int, why: str) -> None:
    """End it because its text is not, or no longer, approved: a retry would not help."""
    found = _still_open(schedule_id)
    if found is not None:
        _end_as_failed(found, EndReason.VOIDED, why)


def void_with_moves(moves: Sequence[Move]) -> None:
    """End the schedules of tasks that leave approved (edited, cancelled) or published. Inside the move.

    What is published has its schedule ended by `publish`.
    """
    leaving = {move.task.pk: move for move in moves if _leaves(move)}
    if not leaving:
        return
    found = Schedule.objects.open().filter(draft__task__in=leaving).select_related("draft")
    for each in found.select_for_update(of=["self"]).order_by("pk"):
        move = leaving[each.draft.task_id]
        if each.is_withdrawal:
            end([each], EndReason.WITHDRAWN, move.reason, move.by)
            continue
        label = "withdrawn" if move.old == Status.PUBLISHED else Status(move.new).label.lower()
        what = "post" if each.is_update else "draft"
        _void(each, f"The {what} is now {label}. {move.reason}", move.by)


def void_with_update(task: ContentTask, old: Update, new: Update, by: User | None, reason: str) -> None:
    """Void the plan of an update whose text was edited after its approval. Inside the change."""
    if old != Update.APPROVED or new == Update.NONE:
        return
    found = Schedule.objects.open().of_texts().filter(draft__task=task).select_related("draft")
    for each in found.select_for_update(of=["self"]):
        _void(each, f"The newer text is now: {new.label.lower()}. {reason}", by)


def _leaves(move: Move) -> bool:
    return move.old == Status.PUBLISHED or (move.old == Status.APPROVED and move.new != Status.PUBLISHED)


def _void(found: Schedule, why: str, by: User | None) -> None:
    why = f"{why.strip()}{f' ({by.get_username()})' if by else ''}"
    end([found], EndReason.VOIDED, why, by)
    if by is None or by.pk != found.by_id:
        notify_planner(found, why)


# --- Parts --------------------------------------------------------------------------------------------


def check_time(publish_at: datetime) -> None:
    now = timezone.now()
    if publish_at <= now:
        raise ValidationError(
            {"publish_at": "This time has passed. Leave it out to publish at once."}, code="past"
        )
    if publish_at > now + FARTHEST:
        raise ValidationError(
            {"publish_at": "This is more than five years from now: check the year."}, code="far"
        )


def _require_approval(draft: Draft) -> None:
    if draft.task.status != Status.APPROVED or current_approval(draft) is None:
        raise NotApproved(
            f"This draft is {draft.task.get_status_display().lower()}: "
            "only a text that has been approved, and not changed since, can be scheduled."
        )


def _still_open(schedule_id: int) -> Schedule | None:
    found = Schedule.objects.open().filter(pk=schedule_id)
    task_id = found.values_list("draft__task_id", flat=True).first()
    if task_id is None:
        return None
    ContentTask.objects.select_for_update().get(pk=task_id)
    return found.select_for_update(of=["self"]).select_related("draft").first()


def _locked(as_read: Schedule) -> Schedule:
    found = _still_open(as_read.pk)
    if found is None:
        ended = Schedule.objects.get(pk=as_read.pk)
        raise ScheduleConflict(
            f"This schedule has ended ({ended.get_outcome_display().lower()}). {ended.why}"
        )
    return found


def _publisher(found: Schedule) -> User:
    by = get_user_model().objects.filter(pk=found.by_id).first()
    if by is None:
        raise PermissionDenied(f"{found.by_name}, who scheduled it, no longer has an account: reschedule it.")
    if not by.has_perm("publishing.publish_post"):
        raise PermissionDenied(f"{found.by_name}, who scheduled it, may no longer publish: reschedule it.")
    return by


def _end_as_failed(found: Schedule, outcome: EndReason, why: str) -> None:
    """End a schedule that failed. The next incident check raises the alert."""
    found.failed_at = timezone.now()
    found.save(update_fields=["failed_at"])
    end([found], outcome, why, None)
    notify_planner(found, why)


def _as_scheduled(found: Schedule) -> str:
    return f"as scheduled by {found.by_name} for {found.local_time:%Y-%m-%d %H:%M} {found.zone}"
