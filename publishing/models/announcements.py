"""Pages of which search engines are still to be notified."""

from __future__ import annotations

from django.db import models

from tasks.delivery.outbox import OutboxEntry


class Announcement(OutboxEntry):
    """A changed page that search engines are still to be notified of: see indexnow.py.

    The row is deleted once it is delivered.
    """

    path = models.CharField(max_length=500, unique=True)
    changed_at = models.DateTimeField(help_text="A change while it is being sent has it sent again.")
    delivered_at = None

    class Meta:
        ordering = ["due_at", "id"]
        indexes = [
            models.Index(
                fields=["due_at"],
                name="publishing_announcement_due",
                condition=models.Q(due_at__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return self.path
