"""The log of corrections: changes of texts while readers could see them."""

from __future__ import annotations

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Length, Now, Trim
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

MIN_NOTE, MAX_NOTE = 10, 500
"""Characters of the note to readers."""


class Corrected(models.Model):
    """A summary of a post's corrections, so that the page of an unchanged post needs no further query."""

    changes = models.PositiveIntegerField(
        default=0, db_default=0, editable=False, help_text="How often its text was changed while it was live."
    )
    revised_at = models.DateTimeField(
        null=True, editable=False, help_text="The last change that its page mentions: not a minor one."
    )

    class Meta:
        abstract = True

    @property
    def was_updated(self) -> bool:
        return self.revised_at is not None

    @cached_property
    def logged(self) -> list[Correction]:
        """Its changes, the newest first."""
        return list(self.corrections.all()) if self.changes else []  # type: ignore[attr-defined]


class CorrectionQuerySet(models.QuerySet["Correction"]):
    def public(self) -> CorrectionQuerySet:
        """Those of the site's log: of live posts, without minor ones."""
        return self.exclude(kind=Correction.Kind.MINOR).filter(post__is_live=True)


class Correction(models.Model):
    """One change of a live text, and the note to its readers. Append-only; written by `publish` alone."""

    class Kind(models.TextChoices):
        CORRECTION = "correction", _("Correction")
        UPDATE = "update", _("Update")
        MINOR = "minor", _("Minor change")

    post = models.ForeignKey("publishing.Post", on_delete=models.PROTECT, related_name="corrections")
    from_version = models.PositiveIntegerField()
    from_sha256 = models.CharField(max_length=64)
    to_version = models.PositiveIntegerField()
    to_sha256 = models.CharField(max_length=64)
    kind = models.CharField(max_length=10, choices=Kind)
    note = models.CharField(max_length=MAX_NOTE, blank=True)
    # As for decisions: removing an account must not touch the record.
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.DO_NOTHING, db_constraint=False, related_name="+"
    )
    by_name = models.CharField(max_length=150)
    at = models.DateTimeField(db_default=Now())

    objects = CorrectionQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["post", "to_version"], name="publishing_change_logged_once"),
            models.CheckConstraint(
                condition=models.Q(kind="minor")  # type: ignore[arg-type]  # a Q, whatever it is combined with
                | models.Q(kind__in=["correction", "update"])
                & models.lookups.GreaterThanOrEqual(Length(Trim("note")), MIN_NOTE),
                name="publishing_correction_says_what",
            ),
        ]
        indexes = [
            models.Index(fields=["post", "-id"], name="publishing_corrections_of"),
            models.Index(
                fields=["-id"], name="publishing_corrections_log", condition=~models.Q(kind="minor")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} of post {self.post_id}, version {self.to_version}"


def checked_note(kind: str, note: str) -> str:
    """The note as it is stored. Raises ValidationError naming the field and what it needs."""
    if kind not in Correction.Kind.values:
        raise ValidationError({"kind": f"Choose one of {', '.join(Correction.Kind.values)}."})
    note = " ".join(note.split())
    if len(note) > MAX_NOTE:
        raise ValidationError({"note": f"Use at most {MAX_NOTE} characters; this has {len(note)}."})
    if kind != Correction.Kind.MINOR and len(note) < MIN_NOTE:
        raise ValidationError(
            {"note": f"Tell readers what has changed, in {MIN_NOTE} to {MAX_NOTE} characters."}
        )
    return note
