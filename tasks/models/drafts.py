"""A task's draft: its text, the paragraphs locked in it, what checks found and what reviewers ask for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.core.validators import MaxLengthValidator, MinLengthValidator
from django.db import models, transaction
from django.db.models.functions import Upper
from simple_history.models import HistoricalRecords

from tasks.content import CONTENT_FIELDS, content_sha256, with_unix_lines
from tasks.errors import DraftChanged
from tasks.naming import AnyScriptSlugField, name_key
from tasks.pipeline.errors import ParagraphLocked
from tasks.pipeline.text.paragraphs import paragraphs

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from tasks.pipeline.scoring import ScorePart


class Draft(models.Model):
    """The current text of a task. Content only: its state is the task's, its past is its history.

    Change it through `save_version` alone, so that every text ever shown has a number and a hash.
    """

    task = models.OneToOneField("tasks.ContentTask", on_delete=models.PROTECT, related_name="draft")
    title = models.CharField(max_length=200)
    slug = AnyScriptSlugField(max_length=100)
    summary = models.TextField(blank=True, max_length=600)
    body = models.TextField(help_text="Markdown. Cite a source by its number: [1].")
    seo_title = models.CharField("SEO title", max_length=70, blank=True)
    seo_description = models.CharField("SEO description", max_length=160, blank=True)
    category = models.CharField(max_length=100, blank=True)
    tags = ArrayField(models.CharField(max_length=100), default=list, blank=True)
    cover_image = models.CharField(max_length=500, blank=True, editable=False)
    cover_alt = models.CharField("cover description", max_length=125, blank=True, editable=False)
    cover_credit = models.CharField(max_length=300, blank=True, editable=False)
    citations = models.JSONField(default=list, blank=True, editable=False)

    version = models.PositiveIntegerField(default=0, editable=False)
    content_sha256 = models.CharField(max_length=64, editable=False)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, editable=False, related_name="+"
    )
    written_by = models.CharField(max_length=200, editable=False, help_text="A person's or a model's name.")
    score = models.PositiveSmallIntegerField(null=True, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    history = HistoricalRecords(user_db_constraint=False)

    class Meta:
        ordering = ["-id"]
        # As the desk's search compares.
        indexes = [GinIndex(OpClass(Upper("title"), name="gin_trgm_ops"), name="tasks_title_parts")]
        permissions = [
            ("restore_draft", "Can restore an earlier version"),
            ("change_live_draft", "Can write a newer text of what is live"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def content(self) -> dict[str, Any]:
        """Every reader-visible field by name."""
        return {name: getattr(self, name) for name in CONTENT_FIELDS}

    @property
    def versions(self) -> models.QuerySet[Any]:
        """Every version, newest first; each row carries the draft's fields as they were."""
        rows: models.QuerySet[Any] = self.history.order_by("-version")
        return rows

    def save_version(
        self,
        content: Mapping[str, Any],
        *,
        reason: str,
        author: User | None = None,
        written_by: str = "",
        score: int | None = None,
    ) -> bool:
        """Make `content` the next version; fields it does not name stay. False when nothing changed.

        Line ends are no change: the text is saved with LF, whatever it came with.
        Raises DraftChanged when the row is no longer the version this object holds, and ParagraphLocked when
        a locked paragraph would not stay as it is.
        """
        unknown = set(content) - set(CONTENT_FIELDS)
        if unknown:
            raise ValueError(f"Not content of a draft: {', '.join(sorted(unknown))}.")
        with transaction.atomic():
            if self.pk:
                self._lock_as_read()
            new_content = with_unix_lines(self.content | dict(content))
            new_sha256 = content_sha256(new_content)
            # A version from before line ends were normalised is compared as it would be saved now.
            if self.pk and new_sha256 == content_sha256(with_unix_lines(self.content)):
                return False
            if self.pk:
                self._require_locked(new_content["body"])
            for name, value in new_content.items():
                setattr(self, name, value)
            self.version += 1
            self.content_sha256 = new_sha256
            self.author = author
            self.written_by = written_by or (author.get_username() if author else "")
            self.score = score
            self._history_user = author
            self._change_reason = reason
            self.save()
        return True

    def _require_locked(self, body: str) -> None:
        """Locks hold for people and models alike: people unlock first, and models are shown the locks."""
        locked = list(self.locks.values_list("text", flat=True))
        if not locked:
            return
        present = set(paragraphs(body))
        for text in locked:
            if with_unix_lines(text) not in present:
                raise ParagraphLocked(text)

    def _lock_as_read(self) -> None:
        found = Draft.objects.select_for_update().values_list("version", flat=True).get(pk=self.pk)
        if found != self.version:
            raise DraftChanged(
                f"The draft is at version {found}, you changed version {self.version}: "
                "compare the two and make your change again."
            )


class ParagraphLock(models.Model):
    """A paragraph of a draft that stays word for word as it is until it is unlocked.

    Its hash identifies it, wherever in the text it stands.
    """

    _history_user: User | None
    _change_reason: str

    draft = models.ForeignKey(Draft, on_delete=models.CASCADE, related_name="locks")
    sha256 = models.CharField(max_length=64)
    text = models.TextField()
    reason = models.CharField(max_length=1000, blank=True)
    locked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    locked_by_name = models.CharField(max_length=150)
    locked_at = models.DateTimeField(auto_now_add=True)

    history = HistoricalRecords(user_db_constraint=False)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["draft", "sha256"], name="tasks_paragraph_locked_once")
        ]

    def __str__(self) -> str:
        return self.text


class QualityReport(models.Model):
    """What the checks and the critic found in one version of a draft."""

    draft = models.ForeignKey(Draft, on_delete=models.CASCADE, related_name="quality_reports")
    version = models.PositiveIntegerField()
    score = models.PositiveSmallIntegerField(null=True)
    results = models.JSONField(
        default=list, help_text="CheckResult values, as tasks.pipeline.types names them."
    )
    critique = models.JSONField(null=True)
    editor_notes = models.JSONField(default=list)
    check_rules = models.JSONField(
        default=list, db_default=[], help_text="The desk's rules for checks that were in force."
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["draft", "version"], name="tasks_one_report_a_version")
        ]

    def __str__(self) -> str:
        return f"Report on version {self.version} of draft {self.draft_id}"

    @property
    def score_parts(self) -> tuple[ScorePart, ...]:
        """How the score came about; empty for what earlier releases scored in another way."""
        from tasks.pipeline.types import Assessment  # loads pydantic

        try:
            report = Assessment.model_validate({"results": self.results, "critique": self.critique})
        except ValueError:
            return ()
        return report.score_parts if report.score == self.score else ()


class Guidance(models.Model):
    """A reviewer's reason, shown to the writer in every later run of the task."""

    _history_user: User | None
    _change_reason: str

    task = models.ForeignKey("tasks.ContentTask", on_delete=models.CASCADE, related_name="guidance")
    reason_code = models.CharField(max_length=40)
    text = models.TextField()
    created_at = models.DateTimeField(auto_now_add=True)

    history = HistoricalRecords(user_db_constraint=False)

    class Meta:
        ordering = ["id"]
        verbose_name_plural = "guidance"

    def __str__(self) -> str:
        return self.text


class CategoryGuidance(models.Model):
    """A category guideline: shown to the writer in every run of the category's tasks until it is removed."""

    _history_user: User | None
    _change_reason: str

    category = models.CharField(
        max_length=100, help_text="Upper and lower case, blanks and hyphens make no difference."
    )
    text = models.TextField(
        "guideline", max_length=1000, validators=[MinLengthValidator(10), MaxLengthValidator(1000)]
    )
    reason_code = models.CharField(max_length=40, blank=True)
    guidance = models.ForeignKey(
        Guidance, on_delete=models.SET_NULL, null=True, related_name="adopted",
        help_text="The review reason it was adopted from, if any.",
    )  # fmt: skip
    adopted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    adopted_by_name = models.CharField(max_length=150)
    adopted_at = models.DateTimeField(auto_now_add=True)

    history = HistoricalRecords(user_db_constraint=False)

    class Meta:
        ordering = ["category", "id"]
        verbose_name = "category guideline"
        verbose_name_plural = "category guidelines"
        constraints = [
            models.UniqueConstraint(name_key("category"), "guidance", name="tasks_guidance_adopted_once")
        ]

    def __str__(self) -> str:
        return f"{self.category}: {self.text}"
