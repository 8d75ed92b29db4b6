"""The lifecycle of a task: one table, one method. Nothing else writes `status`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models, transaction
from django.utils import timezone

from tasks.errors import TransitionRefused
from tasks.signals import status_changed

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser


class Status(models.TextChoices):
    PENDING = "pending"
    IN_PROGRESS = "in_progress"
    ON_HOLD = "on_hold"
    AWAITING_APPROVAL = "awaiting_approval"
    APPROVED = "approved"
    REJECTED = "rejected"
    PUBLISHED = "published"
    FAILED = "failed"
    CANCELLED = "cancelled"


TRANSITIONS: dict[Status, frozenset[Status]] = {
    Status.PENDING: frozenset({Status.IN_PROGRESS, Status.ON_HOLD, Status.CANCELLED}),
    Status.IN_PROGRESS: frozenset(
        {Status.AWAITING_APPROVAL, Status.PENDING, Status.FAILED, Status.CANCELLED, Status.ON_HOLD}
    ),
    Status.ON_HOLD: frozenset({Status.PENDING, Status.CANCELLED}),
    Status.AWAITING_APPROVAL: frozenset({Status.APPROVED, Status.REJECTED, Status.PENDING, Status.CANCELLED}),
    Status.APPROVED: frozenset({Status.PUBLISHED, Status.AWAITING_APPROVAL, Status.CANCELLED}),
    Status.FAILED: frozenset({Status.PENDING}),
    Status.CANCELLED: frozenset({Status.PENDING}),
    Status.REJECTED: frozenset({Status.PENDING}),
    Status.PUBLISHED: frozenset({Status.APPROVED}),
}

RESUMES_ITS_RUN = frozenset({Status.IN_PROGRESS, Status.ON_HOLD, Status.FAILED})
"""Leaving one of these for pending goes on with the same run; every other way back starts a new one."""

BRIEF_IS_OPEN = frozenset({Status.PENDING, Status.ON_HOLD, Status.FAILED, Status.CANCELLED, Status.REJECTED})
"""Where the brief may change: no worker is at it, and nobody is reading what came of it."""

EDITABLE = frozenset(
    {Status.AWAITING_APPROVAL, Status.APPROVED, Status.REJECTED, Status.CANCELLED, Status.FAILED}
)
"""Where a person may change the text. Elsewhere a worker is about to, or readers see it."""


class Lifecycle(models.Model):
    """The state of a task and the only way to change it."""

    status = models.CharField(max_length=20, choices=Status, default=Status.PENDING, editable=False)
    status_changed_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        abstract = True

    def move_to(
        self,
        new: Status,
        *,
        by: AbstractBaseUser | None = None,
        reason: str = "",
        **fields: Any,
    ) -> None:
        """Change `status`, and `fields` with it, and announce it. Raises TransitionRefused."""
        old = Status(self.status)
        if new not in TRANSITIONS[old]:
            raise TransitionRefused(f"Task {self.pk} is {old}: it cannot become {new} from there.")
        now = timezone.now()
        fields |= {"status": new, "status_changed_at": now}
        with transaction.atomic():
            # Compare and swap: two processes may hold the same task, one update wins.
            as_read = type(self)._default_manager.filter(pk=self.pk, status=old)
            if not as_read.update(**fields):
                found = type(self)._default_manager.values_list("status", flat=True).get(pk=self.pk)
                raise TransitionRefused(
                    f"Task {self.pk} is {found} by now, no longer {old}: it did not become {new}."
                )
            for name, value in fields.items():
                setattr(self, name, value)
            status_changed.send(type(self), task=self, old=old, new=new, by=by, reason=reason)
