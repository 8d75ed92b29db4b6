"""Links to one version of a text, and the opinions that came back through them."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils import timezone

from tasks.models import Draft

MIN_CONCERN_CHARACTERS = 10


class PreviewLink(models.Model):
    """Shows exactly the version it names to whoever holds it. Only its revocation may change: see triggers.

    Of the secret in its address the row has the hash alone: neither the database nor the secret key of
    the site is enough to make up an address that works.
    """

    class Kind(models.TextChoices):
        PREVIEW = "preview", "Read"
        SIGN_OFF = "sign_off", "Read, and give an opinion once"

    draft = models.ForeignKey(Draft, on_delete=models.PROTECT, related_name="preview_links")
    version = models.PositiveIntegerField()
    content_sha256 = models.CharField(max_length=64)
    kind = models.CharField(max_length=10, choices=Kind)
    person = models.CharField(max_length=150, blank=True, help_text="For whom it was made.")
    secret_sha256 = models.CharField(max_length=64, unique=True)
    # No database constraint, and the name as text: removing an account must not touch the evidence.
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.DO_NOTHING, db_constraint=False, related_name="+"
    )
    created_by_name = models.CharField(max_length=150)
    created_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    revoked_by_name = models.CharField(max_length=150, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind="preview") | ~models.Q(person=""),
                name="approvals_sign_off_names_person",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: version {self.version}, for {self.person or 'anybody'}"

    @property
    def is_expired(self) -> bool:
        return self.expires_at <= timezone.now()

    @property
    def is_open(self) -> bool:
        """Whether it still leads to the text."""
        return self.revoked_at is None and not self.is_expired and not hasattr(self, "opinion")


class Opinion(models.Model):
    """What somebody without an account thinks of one exact text. Advice: it decides nothing."""

    class Choice(models.TextChoices):
        AGREE = "agree", "Agrees"
        CONCERNS = "concerns", "Has concerns"

    # One to one: the database too takes no second opinion from a link.
    link = models.OneToOneField(PreviewLink, on_delete=models.PROTECT, related_name="opinion")
    draft = models.ForeignKey(Draft, on_delete=models.PROTECT, related_name="opinions")
    version = models.PositiveIntegerField()
    content_sha256 = models.CharField(max_length=64)
    person = models.CharField(max_length=150)
    opinion = models.CharField(max_length=10, choices=Choice)
    text = models.TextField(blank=True, max_length=5000)
    given_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(opinion__in=["agree", "concerns"]), name="approvals_opinion_known"
            ),
            models.CheckConstraint(
                condition=models.Q(opinion="agree") | models.Q(text__length__gte=MIN_CONCERN_CHARACTERS),
                name="approvals_concerns_need_text",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person} {self.get_opinion_display().lower()}, version {self.version}"
