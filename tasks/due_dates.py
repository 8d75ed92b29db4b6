"""Moving the due date of a brief."""

from __future__ import annotations

from datetime import datetime

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import transaction

from tasks.errors import DueDateMoved, TransitionRefused
from tasks.lifecycle import UNFINISHED, Status
from tasks.models import ContentTask

UNDECIDED = UNFINISHED | {Status.AWAITING_APPROVAL, Status.FAILED}
"""Statuses in which a due date still applies."""


@transaction.atomic
def move_due_date(task: ContentTask, due_at: datetime, *, by: User, was: datetime | None) -> ContentTask:
    """`was` is the due date that was on the screen.

    Raises PermissionDenied, TransitionRefused for a task that is decided, and DueDateMoved when `was` is no
    longer true.
    """
    if not by.has_perm("tasks.change_contenttask"):
        raise PermissionDenied("Only those who file briefs can move their due dates.")
    current = ContentTask.objects.select_for_update(of=("self",)).get(pk=task.pk)
    if current.status not in UNDECIDED:
        label = current.get_status_display().lower()
        raise TransitionRefused(f"“{current.topic}” is {label}: its due date no longer applies.")
    if current.due_at != was:
        raise DueDateMoved("Someone moved this due date meanwhile. Nothing was changed.")
    if current.due_at != due_at:
        current.due_at = due_at
        current._history_user = by
        current._change_reason = "moved the due date"
        current.save(update_fields=["due_at"])
    return current
