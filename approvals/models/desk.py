"""What the review desk stores besides decisions: who is reviewing a draft, and comments on it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.validators import MaxLengthValidator
from django.db import models
from django.db.models.functions import Now
from django.utils import timezone

from tasks.models import Draft

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser, AnonymousUser


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


class CommentQuerySet(models.QuerySet["DraftComment"]):
    def open_threads(self) -> CommentQuerySet:
        """What still waits for an answer: the first comments of threads."""
        return self.filter(parent=None, resolved_at=None, deleted_at=None)


class DraftComment(models.Model):
    """A comment on a selection, on a paragraph, or on the whole text when there is no `quote`; or a reply.

    A deleted one stays as a row without a text, for the replies to it and for the record.
    """

    EDITABLE_FOR = timedelta(minutes=15)

    draft = models.ForeignKey(Draft, on_delete=models.CASCADE, related_name="comments")
    parent = models.ForeignKey(
        "self", on_delete=models.CASCADE, null=True, related_name="replies",
        help_text="The first comment of the thread; empty for that one itself.",
    )  # fmt: skip
    version = models.PositiveIntegerField(help_text="The version that was commented on.")
    paragraph_sha256 = models.CharField(max_length=64, blank=True)
    quote = models.TextField(blank=True, help_text="The paragraph as it was, in Markdown.")
    selection = models.TextField(
        blank=True, default="", db_default="", max_length=1000, validators=[MaxLengthValidator(1000)],
        help_text="The words of the paragraph that it is about, as readers see them; empty: all of it.",
    )  # fmt: skip
    selection_before = models.CharField(
        max_length=100, blank=True, default="", db_default="", help_text="The words before the selection."
    )
    selection_after = models.CharField(max_length=100, blank=True, default="", db_default="")
    text = models.TextField(max_length=2000, validators=[MaxLengthValidator(2000)])
    mentioned = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="+")
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    author_name = models.CharField(max_length=150)
    created_at = models.DateTimeField(db_default=Now())
    edited_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)
    resolved_at = models.DateTimeField(null=True)
    resolved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    resolved_by_name = models.CharField(max_length=150, blank=True)

    objects = CommentQuerySet.as_manager()

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.author_name} on version {self.version}"

    @property
    def is_open_thread(self) -> bool:
        return self.parent_id is None and self.resolved_at is None and self.deleted_at is None

    @property
    def editable_until(self) -> datetime:
        return self.created_at + self.EDITABLE_FOR

    def may_be_changed_by(self, user: AbstractBaseUser | AnonymousUser) -> bool:
        """Its author may, for as long as others have probably not acted on it."""
        is_theirs = self.author_id is not None and self.author_id == user.pk
        return is_theirs and self.deleted_at is None and timezone.now() < self.editable_until
