"""A newer text of a published article: one table, one method. The task stays published meanwhile.

Readers go on seeing the text that was approved; only `publishing` puts the newer one in its place.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import models
from django.utils import timezone

from tasks.errors import TransitionRefused
from tasks.lifecycle import Lifecycle, Status
from tasks.signals import update_changed

if TYPE_CHECKING:
    from django.contrib.auth.models import User


class Update(models.TextChoices):
    NONE = "", "None"
    AWAITING = "awaiting", "Awaits approval"
    APPROVED = "approved", "Approved, not live yet"
    DECLINED = "declined", "Declined"


STEPS: dict[Update, frozenset[Update]] = {
    Update.NONE: frozenset({Update.AWAITING}),
    Update.AWAITING: frozenset({Update.AWAITING, Update.APPROVED, Update.DECLINED}),
    Update.APPROVED: frozenset({Update.AWAITING, Update.NONE}),
    Update.DECLINED: frozenset({Update.AWAITING}),
}
"""An edit leads to awaiting from anywhere, going live from approved to none."""

NO_UPDATE = {"update_state": Update.NONE, "update_changed_at": None}
"""Fields of a move that ends being live: the newer text, if there is one, is the task's own text then."""


class WithUpdates(Lifecycle):
    """The state of a task, and that of a newer text while an older one is live."""

    update_state = models.CharField(
        "update of the live text",
        max_length=10,
        choices=Update,
        blank=True,
        default=Update.NONE,
        db_default="",
        editable=False,
    )
    update_changed_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        abstract = True

    @property
    def awaits_decision(self) -> bool:
        """Whether an editor is to decide about its present text."""
        return self.status == Status.AWAITING_APPROVAL or self.update_state == Update.AWAITING

    @property
    def waiting_since(self) -> datetime:
        return self.update_changed_at or self.status_changed_at

    def move_update(self, new: Update, *, by: User | None, reason: str = "") -> None:
        """Change the state of the newer text, and announce it. Raises TransitionRefused.

        The caller holds the lock of the task's row.
        """
        old = Update(self.update_state)
        as_read = type(self)._default_manager.filter(pk=self.pk, status=Status.PUBLISHED, update_state=old)
        changed_at = timezone.now() if new else None
        if new not in STEPS[old] or not as_read.update(update_state=new, update_changed_at=changed_at):
            raise TransitionRefused(
                f"Task {self.pk} is {self.status}, and the update of its live text is "
                f"{old.label.lower()}: it cannot become {new.label.lower()}."
            )
        self.update_state, self.update_changed_at = new, changed_at
        update_changed.send(type(self), task=self, old=old, new=new, by=by, reason=reason)
