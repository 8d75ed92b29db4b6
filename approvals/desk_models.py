"""What the review desk remembers besides decisions: who is looking at a draft."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone

from tasks.models import Draft


class ReviewClaim(models.Model):
    """That somebody is looking at a draft, until it expires. Only the latest of a draft is kept."""

    draft = models.OneToOneField(Draft, on_delete=models.CASCADE, primary_key=True, related_name="claim")
    reviewer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    claimed_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    taken_from = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+",
        help_text="Who was looking at it before, and is told.",
    )  # fmt: skip

    class Meta:
        ordering = ["claimed_at"]

    def __str__(self) -> str:
        return f"{self.reviewer} is looking at draft {self.draft_id}"

    @property
    def is_active(self) -> bool:
        return self.expires_at > timezone.now()
