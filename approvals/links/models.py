"""Links to one version of a text, and the sign-off feedback that was given through them."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils import timezone

from tasks.models import Draft

MIN_CONCERN_CHARACTERS = 10


class PreviewLink(models.Model):
    """Shows the one version it names to anyone who has the link. Only its revocation may change (triggers).

    The row has only a hash of the secret in the address: neither the database nor the site's secret key is
    enough to construct a working address.
    """

    class Kind(models.TextChoices):
        PREVIEW = "preview", "Read"
        SIGN_OFF = "sign_off", "Read and give feedback once"

    draft = models.ForeignKey(Draft, on_delete=models.PROTECT, related_name="preview_links")
    version = models.PositiveIntegerField()
    content_sha256 = models.CharField(max_length=64)
    kind = models.CharField(max_length=10, choices=Kind)
    person = models.CharField(max_length=150, blank=True, help_text="Who it is for.")
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
        return f"{self.get_kind_display()}: version {self.version}, for {self.person or 'anyone'}"

    @property
    def is_expired(self) -> bool:
        return self.expires_at <= timezone.now()

    @property
    def is_open(self) -> bool:
        """Whether it still shows the text."""
        return self.revoked_at is None and not self.is_expired and not hasattr(self, "feedback")


class SignOffFeedback(models.Model):
    """What a person without an account thinks of one exact text. Advice only: it decides nothing."""

    class Choice(models.TextChoices):
        AGREE = "agree", "Agrees"
        CONCERNS = "concerns", "Has concerns"

    # One to one: the database also refuses a second answer through one link.
    link = models.OneToOneField(PreviewLink, on_delete=models.PROTECT, related_name="feedback")
    draft = models.ForeignKey(Draft, on_delete=models.PROTECT, related_name="sign_off_feedback")
    version = models.PositiveIntegerField()
    content_sha256 = models.CharField(max_length=64)
    person = models.CharField(max_length=150)
    choice = models.CharField(max_length=10, choices=Choice, db_column="opinion")
    text = models.TextField(blank=True, max_length=5000)
    given_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "approvals_opinion"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(choice__in=["agree", "concerns"]), name="approvals_opinion_known"
            ),
            models.CheckConstraint(
                condition=models.Q(choice="agree") | models.Q(text__length__gte=MIN_CONCERN_CHARACTERS),
                name="approvals_concerns_need_text",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person} {self.get_choice_display().lower()}, version {self.version}"
