"""Briefs, their sources, the work on them and the drafts that come of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models, transaction
from django.db.models.functions import Now
from django.utils import timezone
from simple_history.models import HistoricalRecords

from tasks.content import CONTENT_FIELDS, content_sha256
from tasks.errors import DraftChanged, ParagraphLocked
from tasks.lifecycle import UNFINISHED, Lifecycle, Status
from tasks.operation_models import Incident, TaskEvent, Worker  # noqa: F401  (found here like the others)
from tasks.text.paragraphs import paragraphs


def default_timeout_seconds() -> int:
    return settings.TASK_TIMEOUT_SECONDS


def default_stage_timeout_seconds() -> int:
    return settings.STAGE_TIMEOUT_SECONDS


def default_max_attempts() -> int:
    return settings.MAX_ATTEMPTS


def default_quality_threshold() -> int:
    return settings.QUALITY_THRESHOLD


def default_max_refinements() -> int:
    return settings.MAX_REFINEMENTS


def has_a_zone(time: datetime) -> None:
    """Validator: a time without a zone is another moment for whoever reads it elsewhere."""
    if timezone.is_naive(time):
        raise ValidationError(NO_ZONE, code="no_zone")


NO_ZONE = "Give the time with its zone, as in 2030-01-31T18:00:00+01:00 or 2030-01-31T17:00:00Z."


class Stage(models.TextChoices):
    RESEARCH = "research"
    OUTLINE = "outline"
    DRAFT = "draft"
    CRITIQUE = "critique"
    REFINE = "refine"
    IMAGE = "image"
    SEO = "seo"
    FORMAT = "format"


class ContentTask(Lifecycle):
    """A brief, and how far the work on it has come."""

    topic = models.CharField(max_length=200, help_text="What the article is about, as you would say it.")
    brief = models.TextField(blank=True, max_length=20_000, help_text="What it must say, and must not.")
    audience = models.CharField(max_length=200, blank=True)
    tone = models.CharField(max_length=100, blank=True)
    style = models.CharField(max_length=100, blank=True)
    target_words = models.PositiveIntegerField(
        default=800, validators=[MinValueValidator(50), MaxValueValidator(20_000)]
    )
    language = models.CharField(max_length=10, default="en", help_text="Language code, such as en or de.")
    category = models.CharField(max_length=100, blank=True)
    tags = ArrayField(models.CharField(max_length=100), default=list, blank=True)
    keywords = ArrayField(
        models.CharField(max_length=100),
        default=list,
        blank=True,
        help_text="Become the sections of a digest. Separate by commas.",
    )
    priority = models.SmallIntegerField(default=0, help_text="Higher is written first.")
    run_after = models.DateTimeField(
        null=True,
        blank=True,
        validators=[has_a_zone],
        help_text="Not written before this time. A pause before a retry sets it too.",
    )
    due_at = models.DateTimeField(
        null=True,
        blank=True,
        validators=[has_a_zone],
        help_text="When the decision about its text should have been made. Nothing happens by itself then.",
    )
    timeout_seconds = models.PositiveIntegerField(
        default=default_timeout_seconds, validators=[MinValueValidator(1)]
    )
    stage_timeout_seconds = models.PositiveIntegerField(
        default=default_stage_timeout_seconds, validators=[MinValueValidator(1)]
    )
    max_attempts = models.PositiveSmallIntegerField(
        default=default_max_attempts, validators=[MinValueValidator(1), MaxValueValidator(20)]
    )
    budget_usd = models.DecimalField(
        max_digits=10,
        decimal_places=4,
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
        help_text="No model is called once this much is spent. Empty: the setting TASK_BUDGET_USD.",
    )
    quality_threshold = models.PositiveSmallIntegerField(
        default=default_quality_threshold, validators=[MaxValueValidator(100)]
    )
    max_refinements = models.PositiveSmallIntegerField(
        default=default_max_refinements, validators=[MaxValueValidator(10)]
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="briefs",
    )
    created_at = models.DateTimeField(auto_now_add=True)

    # How the work goes: written by the engine through `update`, never by `save`.
    stage = models.CharField(max_length=10, choices=Stage, blank=True, editable=False)
    progress = models.PositiveSmallIntegerField(default=0, editable=False)
    run = models.PositiveIntegerField(default=1, editable=False)
    attempts = models.PositiveSmallIntegerField(default=0, editable=False)
    error = models.TextField(blank=True, editable=False)
    error_kind = models.CharField(max_length=40, blank=True, editable=False)
    started_at = models.DateTimeField(null=True, editable=False)
    finished_at = models.DateTimeField(null=True, editable=False)
    deadline_at = models.DateTimeField(null=True, editable=False)
    breached_stage = models.CharField(
        max_length=10,
        blank=True,
        editable=False,
        help_text='Where a time limit was first exceeded, or "queue".',
    )
    breached_at = models.DateTimeField(null=True, editable=False, help_text="When that limit was reached.")
    event_seq = models.PositiveIntegerField(default=0, editable=False)

    # Who has it. The epoch grows with every claim: whatever names an older one writes nothing.
    lease_owner = models.BigIntegerField(null=True, editable=False)
    lease_epoch = models.PositiveBigIntegerField(default=0, editable=False)
    lost_leases = models.PositiveSmallIntegerField(
        default=0, editable=False, help_text="How often its worker died since it last finished a stage."
    )

    history = HistoricalRecords(
        excluded_fields=[
            "status", "status_changed_at", "run_after", "stage", "progress", "run", "attempts", "error",
            "error_kind", "started_at", "finished_at", "deadline_at", "breached_stage", "breached_at",
            "event_seq", "lease_owner", "lease_epoch", "lost_leases",
        ],
        user_db_constraint=False,
    )  # fmt: skip

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(
                fields=["-priority", "id"], name="tasks_waiting", condition=models.Q(status="pending")
            ),
            models.Index(
                fields=["lease_owner"], name="tasks_leased", condition=models.Q(status="in_progress")
            ),
            # What the figures over all tasks are read from, without the rows themselves.
            models.Index(fields=["status", "finished_at"], include=["started_at"], name="tasks_ended"),
            models.Index(
                fields=["status_changed_at"], name="tasks_failed_at", condition=models.Q(status="failed")
            ),
            models.Index(
                fields=["breached_at"],
                name="tasks_breached",
                condition=models.Q(breached_at__isnull=False),
            ),
            models.Index(
                fields=["status_changed_at"],
                name="tasks_waiting_since",
                condition=models.Q(status="pending", breached_at=None),
            ),
        ]
        constraints = [
            models.CheckConstraint(condition=models.Q(progress__lte=100), name="tasks_progress_percent"),
            models.CheckConstraint(condition=models.Q(status__in=Status.values), name="tasks_status_known"),
        ]

    def __str__(self) -> str:
        return self.topic

    @property
    def waits_for_a_retry(self) -> bool:
        """Whether it is waiting because a model or page was out; a person's retry clears the error."""
        return self.status == Status.PENDING and bool(self.error)

    @property
    def lateness(self) -> timedelta | None:
        """How long after its time limit it ended, or is by now; None when it kept it."""
        if self.breached_at is None:
            return None
        if self.status in UNFINISHED:
            return timezone.now() - self.breached_at
        return (self.finished_at or self.status_changed_at) - self.breached_at

    @property
    def cost_usd(self) -> Decimal | None:
        """The sum over all model calls, or None when one that was answered has no known price."""
        answered = [call for call in self.calls.all() if call.input_tokens or call.output_tokens]
        costs = [call.cost_usd for call in answered]
        return None if None in costs else sum(costs, Decimal(0))


class Source(models.Model):
    """What an article may say, numbered as its citations are."""

    task = models.ForeignKey(ContentTask, on_delete=models.CASCADE, related_name="sources")
    number = models.PositiveSmallIntegerField(editable=False)
    title = models.CharField(max_length=300, blank=True)
    url = models.URLField(max_length=2000, blank=True)
    text = models.TextField(blank=True, help_text="The source's own words. Leave empty to fetch the URL.")
    problem = models.TextField(blank=True, editable=False, help_text="Why it could not be used.")

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["task", "number"], name="tasks_source_number"),
            models.CheckConstraint(
                condition=~models.Q(url="") | ~models.Q(text=""),
                name="tasks_source_has_content",
                violation_error_message="Give the source a URL or a text.",
            ),
        ]

    def __str__(self) -> str:
        return self.title or self.url or f"Source {self.number}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self.number:
            used = Source.objects.filter(task=self.task).aggregate(models.Max("number"))["number__max"]
            self.number = (used or 0) + 1
        super().save(*args, **kwargs)


class StageRun(models.Model):
    """One stage of one run: what it returned, or how it failed. A finished stage is never run again."""

    task = models.ForeignKey(ContentTask, on_delete=models.CASCADE, related_name="stage_runs")
    run = models.PositiveIntegerField()
    attempt = models.PositiveSmallIntegerField()
    key = models.CharField(max_length=40, help_text="The stage's name, with a number per round.")
    output = models.JSONField(null=True)
    error = models.TextField(blank=True)
    error_kind = models.CharField(max_length=40, blank=True)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["task", "run", "key"],
                condition=models.Q(output__isnull=False),
                name="tasks_stage_finished_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.key} of task {self.task_id}, run {self.run}"


class ModelCall(models.Model):
    """A call of a language model. `cost_usd` is empty when the model has no known price."""

    task = models.ForeignKey(ContentTask, on_delete=models.CASCADE, related_name="calls")
    run = models.PositiveIntegerField()
    stage = models.CharField(max_length=40)
    role = models.CharField(max_length=20)
    provider = models.CharField(max_length=40)
    model = models.CharField(max_length=200)
    input_tokens = models.PositiveIntegerField(default=0)
    output_tokens = models.PositiveIntegerField(default=0)
    cost_usd = models.DecimalField(max_digits=12, decimal_places=6, null=True)
    is_estimated = models.BooleanField(default=False)
    duration_ms = models.PositiveIntegerField()
    outcome = models.CharField(max_length=20)
    error = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.model} for {self.stage}"


class Draft(models.Model):
    """The current text of a task. Content only: its state is the task's, its past is its history.

    Change it through `save_version` alone, so that every text ever shown has a number and a hash.
    """

    task = models.OneToOneField(ContentTask, on_delete=models.PROTECT, related_name="draft")
    title = models.CharField(max_length=200)
    slug = models.SlugField(max_length=100)
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
        permissions = [("restore_draft", "Can restore an earlier version")]

    def __str__(self) -> str:
        return self.title

    @property
    def content(self) -> dict[str, Any]:
        """Every reader-visible field by name."""
        return {name: getattr(self, name) for name in CONTENT_FIELDS}

    @property
    def versions(self) -> models.QuerySet[Any]:
        """Every version, newest first; each row carries the draft's fields as they were."""
        return self.history.order_by("-version")

    def save_version(
        self,
        content: Mapping[str, Any],
        *,
        reason: str,
        author: AbstractBaseUser | None = None,
        written_by: str = "",
        score: int | None = None,
    ) -> bool:
        """Make `content` the next version; fields it does not name stay. False when nothing changed.

        Raises DraftChanged when the row is no longer the version this object holds, and ParagraphLocked when
        a locked paragraph would not stay as it is.
        """
        unknown = set(content) - set(CONTENT_FIELDS)
        if unknown:
            raise ValueError(f"Not content of a draft: {', '.join(sorted(unknown))}.")
        with transaction.atomic():
            if self.pk:
                self._lock_as_read()
            new_content = self.content | dict(content)
            new_sha256 = content_sha256(new_content)
            if self.pk and new_sha256 == self.content_sha256:
                return False
            if self.pk:
                self._require_locked(new_content["body"])
            for name, value in new_content.items():
                setattr(self, name, value)
            self.version += 1
            self.content_sha256 = new_sha256
            self.author = author  # type: ignore[assignment]
            self.written_by = written_by or (author.get_username() if author else "")
            self.score = score
            self._history_user = author
            self._change_reason = reason
            self.save()
        return True

    def _require_locked(self, body: str) -> None:
        """Whoever changes the text: people unlock first, and machines were told."""
        locked = list(self.locks.values_list("text", flat=True))
        if not locked:
            return
        present = set(paragraphs(body))
        for text in locked:
            if text not in present:
                raise ParagraphLocked(text)

    def _lock_as_read(self) -> None:
        found = Draft.objects.select_for_update().values_list("version", flat=True).get(pk=self.pk)
        if found != self.version:
            raise DraftChanged(
                f"The draft is at version {found}, you changed version {self.version}: "
                "compare the two and make your change again."
            )


class ParagraphLock(models.Model):
    """A paragraph of a draft that stays word for word as it is until somebody unlocks it.

    It is known by its hash, wherever in the text it stands.
    """

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
    results = models.JSONField(default=list, help_text="CheckResult values, as tasks.types names them.")
    critique = models.JSONField(null=True)
    editor_notes = models.JSONField(default=list)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["draft", "version"], name="tasks_one_report_a_version")
        ]

    def __str__(self) -> str:
        return f"Report on version {self.version} of draft {self.draft_id}"


class Guidance(models.Model):
    """What a reviewer asked for, shown to the writer in every later run of the task."""

    task = models.ForeignKey(ContentTask, on_delete=models.CASCADE, related_name="guidance")
    reason_code = models.CharField(max_length=40)
    text = models.TextField()
    created_at = models.DateTimeField(auto_now_add=True)

    history = HistoricalRecords(user_db_constraint=False)

    class Meta:
        ordering = ["id"]
        verbose_name_plural = "guidance"

    def __str__(self) -> str:
        return self.text


class IdempotencyKey(models.Model):
    """The answer to a request whose sender may not know that it was done, and may send it again."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=255)
    request_sha256 = models.CharField(max_length=64)
    answer = models.JSONField(null=True, help_text="Empty only inside the transaction that does the work.")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="tasks_idempotency_key")]

    def __str__(self) -> str:
        return self.key
