"""What somebody is to be told, and how they want to be."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from tasks.models import Draft


class Kind(models.TextChoices):
    DECISION = "decision", "A decision about what you filed or edited"
    AWAITING = "awaiting", "A draft that awaits your decision"
    PLAN = "plan", "A publication that you planned and that will not happen"


class Pace(models.TextChoices):
    NOW = "now", "Immediately"
    DAILY = "daily", "Once a day"
    NEVER = "never", "Never"


class NoticeSettings(models.Model):
    """How somebody wants to be told. Without a row, as the defaults say."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="notice_settings"
    )
    decision = models.CharField(
        Kind.DECISION.label, max_length=10, choices=Pace, default=Pace.NOW,
        help_text="With its reason. Your own decisions are not told to you.",
    )  # fmt: skip
    awaiting = models.CharField(
        Kind.AWAITING.label, max_length=10, choices=Pace, default=Pace.DAILY,
        help_text="Only drafts that you may decide about, and that still wait when the mail is sent.",
    )  # fmt: skip
    plan = models.CharField(
        Kind.PLAN.label, max_length=10, choices=Pace, default=Pace.NOW, db_default=Pace.NOW,
        help_text="Because it failed, or because another person changed the text.",
    )  # fmt: skip

    class Meta:
        verbose_name_plural = "notice settings"

    def __str__(self) -> str:
        return f"{self.user}: decisions {self.decision}, drafts {self.awaiting}"


class Notice(models.Model):
    """One thing to tell one person, or the webhook where there is no `recipient`. Kept until it was told."""

    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, related_name="+"
    )
    kind = models.CharField(max_length=10, choices=Kind)
    draft = models.ForeignKey(Draft, on_delete=models.CASCADE, related_name="+")
    version = models.PositiveIntegerField()
    # No constraint in the database: decisions refuse to be removed, and must not be referred to by what is.
    decision = models.ForeignKey(
        "approvals.Decision", on_delete=models.DO_NOTHING, null=True, db_constraint=False, related_name="+"
    )
    text = models.TextField(blank=True, db_default="", help_text="What only this notice knows.")
    created_at = models.DateTimeField(db_default=Now())
    deliver_at = models.DateTimeField(null=True, help_text="Empty once it was told, or given up.")
    attempts = models.PositiveIntegerField(default=0)
    last_error = models.CharField(max_length=300, blank=True)
    sent_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["id"]
        indexes = [
            models.Index(
                fields=["deliver_at"],
                name="approvals_notice_due",
                condition=models.Q(deliver_at__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} of draft {self.draft_id}, version {self.version}"
