"""What the review desk remembers besides decisions: who is looking at a draft, and what was said about it."""

from __future__ import annotations

from django.conf import settings
from django.core.validators import MaxLengthValidator
from django.db import models
from django.db.models.functions import Now
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


class DraftComment(models.Model):
    """What somebody said about a paragraph, or about the whole when there is no `quote`."""

    draft = models.ForeignKey(Draft, on_delete=models.CASCADE, related_name="comments")
    version = models.PositiveIntegerField(help_text="Of the text that was commented on.")
    paragraph_sha256 = models.CharField(max_length=64, blank=True)
    quote = models.TextField(blank=True, help_text="The paragraph as it was, in Markdown.")
    text = models.TextField(max_length=2000, validators=[MaxLengthValidator(2000)])
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    author_name = models.CharField(max_length=150)
    created_at = models.DateTimeField(db_default=Now())
    resolved_at = models.DateTimeField(null=True)
    resolved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    resolved_by_name = models.CharField(max_length=150, blank=True)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.author_name} about version {self.version}"
