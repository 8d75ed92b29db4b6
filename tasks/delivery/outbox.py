"""A row that is to be delivered: leased by one process at a time, postponed, delivered or given up.

A lease is `due_at` in the future: when the process dies, the row is due again then. So a delivery happens at
least once. Where twice would do harm, a process that sends also holds an advisory lock.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Self, TypeVar

from django.db import models, transaction
from django.db.models import F
from django.db.models.functions import Now

from tasks.delivery.backoff import Backoff

Row = TypeVar("Row", bound="OutboxEntry", covariant=True)


class OutboxQuerySet(models.QuerySet[Row]):
    """Times are those of the database's clock, which is the same for every process."""

    def waiting(self) -> Self:
        """Neither delivered nor given up."""
        return self.filter(due_at__isnull=False)

    def due(self) -> Self:
        return self.filter(due_at__lte=Now())

    def lease(self, duration: timedelta, at_most: int = 1) -> list[Row]:
        """Take due rows that no other process is taking, the longest due first, each for one attempt."""
        with transaction.atomic():
            due = self.due().order_by("due_at", "pk").select_for_update(skip_locked=True)
            rows = list(due[:at_most])
            leased = self.model._default_manager.filter(pk__in=[row.pk for row in rows])
            leased.update(due_at=Now() + duration, attempts=F("attempts") + 1)
        for row in rows:
            row.attempts += 1
        return rows

    def mark_delivered(self, **fields: Any) -> int:
        return self.update(due_at=None, delivered_at=Now(), last_error="", **fields)

    def postpone(self, pause: timedelta, error: str, **fields: Any) -> int:
        return self.update(due_at=Now() + pause, last_error=error, **fields)

    def give_up(self, error: str, **fields: Any) -> int:
        return self.update(due_at=None, last_error=error, **fields)

    def record_failure(self, error: str, attempts: int, backoff: Backoff) -> int:
        """Postpone what failed at this attempt, or give it up after the last one."""
        if backoff.is_over(attempts):
            return self.give_up(error)
        return self.postpone(backoff.pause(attempts), error)


class OutboxEntry(models.Model):
    """Written in the transaction of what happened, and delivered outside of any."""

    due_at = models.DateTimeField(
        null=True,
        help_text="When it is to be sent: a later time while it is being sent, or after it could not be. "
        "Empty once it is delivered or given up.",
    )
    attempts = models.PositiveIntegerField(default=0)
    last_error = models.TextField(blank=True)
    delivered_at: models.DateTimeField[Any, Any] | None = models.DateTimeField(null=True)

    objects = OutboxQuerySet.as_manager()

    class Meta:
        abstract = True
