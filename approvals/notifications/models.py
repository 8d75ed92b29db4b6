"""Notifications that are to be sent, and how each account wants them."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from tasks.delivery.outbox import OutboxEntry
from tasks.models import ContentTask, Draft


class Kind(models.TextChoices):
    DECISION = "decision", "A decision about what you filed or edited"
    AWAITING = "awaiting", "A draft that awaits your decision"
    SCHEDULE = "plan", "A publication that you scheduled and that will not happen"
    MENTION = "mention", "A comment that mentions you, or a reply in a thread of yours"
    ASSIGNED = "assigned", "A task that is assigned to you, to write or to review"


class Pace(models.TextChoices):
    NOW = "now", "Immediately"
    DAILY = "daily", "Once a day"
    NEVER = "never", "Never"


class NotificationSettings(models.Model):
    """How an account is notified. Without a row, the defaults hold."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        primary_key=True,
        related_name="notification_settings",
    )
    decision = models.CharField(
        Kind.DECISION.label, max_length=10, choices=Pace, default=Pace.NOW,
        help_text="With its reason. You are not notified of your own decisions.",
    )  # fmt: skip
    awaiting = models.CharField(
        Kind.AWAITING.label, max_length=10, choices=Pace, default=Pace.DAILY,
        help_text="Only drafts that you may decide about, and that still wait when the mail is sent.",
    )  # fmt: skip
    plan = models.CharField(
        Kind.SCHEDULE.label, max_length=10, choices=Pace, default=Pace.NOW, db_default=Pace.NOW,
        help_text="Because it failed, or because another person changed the text.",
    )  # fmt: skip
    mention = models.CharField(
        Kind.MENTION.label, max_length=10, choices=Pace, default=Pace.NOW, db_default=Pace.NOW,
        help_text="With its words.",
    )  # fmt: skip
    assigned = models.CharField(
        Kind.ASSIGNED.label, max_length=10, choices=Pace, default=Pace.NOW, db_default=Pace.NOW,
        help_text="You are not notified of what you assign to yourself.",
    )  # fmt: skip

    class Meta:
        db_table = "approvals_noticesettings"
        verbose_name_plural = "notification settings"

    def __str__(self) -> str:
        return f"{self.user}: decisions {self.decision}, drafts {self.awaiting}"


class Notification(OutboxEntry):
    """One thing for one account, or for a channel that is not personal where there is no `recipient`."""

    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, related_name="+"
    )
    kind = models.CharField(max_length=10, choices=Kind)
    draft = models.ForeignKey(Draft, on_delete=models.CASCADE, null=True, related_name="+")
    task = models.ForeignKey(
        ContentTask, on_delete=models.CASCADE, null=True, related_name="+",
        help_text="What it is about where there is no draft yet.",
    )  # fmt: skip
    version = models.PositiveIntegerField(help_text="0 where there is no draft yet.")
    # No constraint in the database: decisions refuse to be removed, and must not be referred to by what is.
    decision = models.ForeignKey(
        "approvals.Decision", on_delete=models.DO_NOTHING, null=True, db_constraint=False, related_name="+"
    )
    channel = models.CharField(max_length=20)
    text = models.TextField(blank=True, db_default="", help_text="What only this notification knows.")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "approvals_notice"
        ordering = ["id"]
        indexes = [
            models.Index(
                fields=["due_at"], name="approvals_notice_due", condition=models.Q(due_at__isnull=False)
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} of draft {self.draft_id}, version {self.version}"

    @property
    def about(self) -> ContentTask:
        found = self.draft.task if self.draft else self.task
        assert found is not None  # one of the two is always there
        return found
