"""Briefs, and the work on them."""

from __future__ import annotations

from datetime import MAXYEAR, MINYEAR, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models.functions import Coalesce, Now, Upper
from django.utils import timezone
from simple_history.models import HistoricalRecords

from tasks.lifecycle import UNFINISHED, Status
from tasks.live_updates import Update, WithUpdates

if TYPE_CHECKING:
    from django.contrib.auth.models import User


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
    """Validator: a time without a zone is ambiguous, and not every zone has the ends of the calendar."""
    if timezone.is_naive(time):
        raise ValidationError(NO_ZONE, code="no_zone")
    if not MINYEAR < time.year < MAXYEAR:
        raise ValidationError(f"The year {time.year} is not possible: check it.", code="year")


NO_ZONE = "Include the time zone, as in 2030-01-31T18:00:00+01:00 or 2030-01-31T17:00:00Z."


class Stage(models.TextChoices):
    RESEARCH = "research"
    OUTLINE = "outline"
    DRAFT = "draft"
    CRITIQUE = "critique"
    REFINE = "refine"
    IMAGE = "image"
    SEO = "seo"
    FORMAT = "format"


class TaskKind(models.TextChoices):
    """What is to be written, and by whom."""

    ARTICLE = "article", "Article from a brief"
    OWN_ARTICLE = "own_article", "Article by a person"
    PAGE = "page", "Page by a person"


class ContentTask(WithUpdates):
    """A brief, and how far the work on it has come."""

    _history_user: User | None
    _change_reason: str
    """Both are read by django-simple-history when it is saved."""

    kind = models.CharField(
        max_length=20, choices=TaskKind, default=TaskKind.ARTICLE, db_default=TaskKind.ARTICLE, editable=False
    )
    topic = models.CharField(max_length=200, help_text="What the article is about.")
    brief = models.TextField(
        blank=True, max_length=20_000, help_text="What the article must say, and what it must not."
    )
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
        help_text="Sections of a digest. Separate with commas.",
    )
    priority = models.SmallIntegerField(default=0, help_text="Higher numbers are written first.")
    run_after = models.DateTimeField(
        null=True,
        blank=True,
        validators=[has_a_zone],
        help_text="Earliest start of the work. The pause before a retry sets it too.",
    )
    due_at = models.DateTimeField(
        null=True,
        blank=True,
        validators=[has_a_zone],
        help_text="When the review should be finished. Nothing happens automatically then.",
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
        help_text="The most to spend on models. Empty: the setting TASK_BUDGET_USD.",
    )
    quality_threshold = models.PositiveSmallIntegerField(
        default=default_quality_threshold, validators=[MaxValueValidator(100)]
    )
    max_refinements = models.PositiveSmallIntegerField(
        default=default_max_refinements, validators=[MaxValueValidator(10)]
    )
    web_pages = models.PositiveSmallIntegerField(
        default=0, db_default=0, validators=[MaxValueValidator(10)],
        help_text="How many pages of the web research may find and add to the sources. Needs WEB_SEARCH.",
    )  # fmt: skip
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="briefs",
    )
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, editable=False,
        related_name="assigned_tasks", help_text="Who sees to it that the text gets written.",
    )  # fmt: skip
    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, editable=False,
        related_name="tasks_to_review", help_text="Who is asked to decide about the text.",
    )  # fmt: skip
    created_at = models.DateTimeField(auto_now_add=True)
    forecast = models.JSONField(
        null=True, editable=False, help_text="What it was expected to need when its first run began."
    )
    replay_of = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, editable=False, related_name="replays",
        help_text="The task whose recorded run this one repeats.",
    )  # fmt: skip
    replay_run = models.PositiveIntegerField(null=True, editable=False)
    replay_branch = models.CharField(
        max_length=10, choices=Stage, blank=True, default="", db_default="", editable=False,
        help_text="From this stage on, everything is asked again.",
    )  # fmt: skip

    # The state of the work: written by the engine through `update`, never by `save`.
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

    # Who has it. The epoch grows with every lease: a writer that names an older one writes nothing.
    lease_owner = models.BigIntegerField(null=True, editable=False)
    lease_epoch = models.PositiveBigIntegerField(default=0, editable=False)
    lost_leases = models.PositiveSmallIntegerField(
        default=0, editable=False, help_text="How often its worker has died since it last finished a stage."
    )

    history = HistoricalRecords(
        excluded_fields=[
            "status", "status_changed_at", "update_state", "update_changed_at", "run_after", "stage",
            "progress", "run", "attempts", "error", "error_kind", "started_at", "finished_at", "deadline_at",
            "breached_stage", "breached_at", "event_seq", "lease_owner", "lease_epoch", "lost_leases",
            "forecast", "assignee", "reviewer",
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
            models.Index(
                fields=["update_changed_at"], name="tasks_updates", condition=~models.Q(update_state="")
            ),
            # What waits for a decision, in the order of the desk: its first page reads 25 rows, not all.
            models.Index(
                models.F("priority").desc(),
                Coalesce("update_changed_at", "status_changed_at"),
                "id",
                name="tasks_awaiting",
                condition=models.Q(status=Status.AWAITING_APPROVAL) | models.Q(update_state=Update.AWAITING),
            ),
            models.Index(
                fields=["due_at"],
                name="tasks_due",
                condition=models.Q(
                    status__in=sorted(UNFINISHED | {Status.AWAITING_APPROVAL, Status.FAILED}),
                    due_at__isnull=False,
                ),
            ),
            # As the desk's search compares.
            GinIndex(OpClass(Upper("topic"), name="gin_trgm_ops"), name="tasks_topic_parts"),
        ]
        constraints = [
            models.CheckConstraint(condition=models.Q(progress__lte=100), name="tasks_progress_percent"),
            models.CheckConstraint(condition=models.Q(status__in=Status.values), name="tasks_status_known"),
            models.CheckConstraint(
                condition=models.Q(update_state="", update_changed_at=None)
                | models.Q(
                    update_state__in=[state for state in Update.values if state],
                    update_changed_at__isnull=False,
                    status=Status.PUBLISHED,
                ),
                name="tasks_update_of_what_is_live",
            ),
        ]

    def __str__(self) -> str:
        return self.topic

    @property
    def is_by_hand(self) -> bool:
        """Whether a person writes the text, so that no worker takes the task."""
        return self.kind != TaskKind.ARTICLE

    @property
    def is_page(self) -> bool:
        return self.kind == TaskKind.PAGE

    @property
    def unit_of_length(self) -> str:
        """What `target_words` counts: characters where the language of the brief is measured in them."""
        from tasks.pipeline.text.words import unit_of_length  # its patterns take a while to compile

        return unit_of_length(self.language)

    @property
    def lateness(self) -> timedelta | None:
        """How long after its time limit it ended, or is by now; None when it was in time."""
        if self.breached_at is None:
            return None
        if self.status in UNFINISHED:
            return timezone.now() - self.breached_at
        return (self.finished_at or self.status_changed_at) - self.breached_at

    @property
    def cost_usd(self) -> Decimal | None:
        """The sum over all model calls, or None when one that was answered has no known price."""
        answered = [call for call in self.calls.all() if call.input_tokens or call.output_tokens]
        costs = [call.cost_usd for call in answered if call.cost_usd is not None]
        return sum(costs, Decimal(0)) if len(costs) == len(answered) else None


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


class IdempotencyKey(models.Model):
    """The stored response to a request that its sender may send again, not knowing that it was done."""

    RETENTION = timedelta(hours=24)

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
