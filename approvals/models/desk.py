"""What the review desk stores besides decisions: who is reviewing a draft, and comments on it."""

from __future__ import annotations

from django.conf import settings
from django.core.validators import MaxLengthValidator
from django.db import models
from django.db.models.functions import Now
from django.utils import timezone

from tasks.models import Draft


class ReviewLock(models.Model):
    """That an editor is reviewing a draft, until it expires. Each draft has at most one row."""

    draft = models.OneToOneField(
        Draft, on_delete=models.CASCADE, primary_key=True, related_name="review_lock"
    )
    reviewer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    locked_at = models.DateTimeField(db_column="claimed_at")
    expires_at = models.DateTimeField()
    taken_from = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+",
        help_text="The previous reviewer, to whom the desk shows that it was taken over.",
    )  # fmt: skip

    class Meta:
        db_table = "approvals_reviewclaim"
        ordering = ["locked_at"]

    def __str__(self) -> str:
        return f"{self.reviewer} is reviewing draft {self.draft_id}"

    @property
    def is_active(self) -> bool:
        return self.expires_at > timezone.now()


class DraftComment(models.Model):
    """A comment on a paragraph, or on the whole text when there is no `quote`."""

    draft = models.ForeignKey(Draft, on_delete=models.CASCADE, related_name="comments")
    version = models.PositiveIntegerField(help_text="The version that was commented on.")
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
        return f"{self.author_name} on version {self.version}"
