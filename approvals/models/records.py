"""Decisions of people about texts, and the audit chain of everything that happened."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.validators import MinLengthValidator
from django.db import models
from django.db.models.functions import Length, Now
from simple_history.models import HistoricalRecords

from tasks.models import Draft
from tasks.naming import name_key

models.TextField.register_lookup(Length)

MIN_REASON_CHARACTERS = 10


class Verdict(models.TextChoices):
    APPROVE = "approve", "Approve"
    REQUEST_CHANGES = "request_changes", "Request changes"
    REJECT = "reject", "Reject"


class ReasonCode(models.TextChoices):
    FACTS = "facts", "Facts wrong or unsupported"
    SOURCES = "sources", "Sources missing or weak"
    STRUCTURE = "structure", "Structure or length"
    STYLE = "style", "Tone or style"
    OFF_BRIEF = "off_brief", "Does not answer the brief"
    DUPLICATE = "duplicate", "Already published"
    LEGAL = "legal", "Legal or policy concern"
    OTHER = "other", "Something else"


class Way(models.TextChoices):
    """How a decision was made, as far as that says what the actor had on the screen."""

    REVIEW = "review", "On the review page"
    EDIT = "edit", "Saved and approved in the editor"
    BULK = "bulk", "In bulk, from a list of titles"
    API = "api", "Through the API"
    SEED = "seed", "By manage.py seed_posts, for demonstration"


class Decision(models.Model):
    """What one person decided about one exact text. Never changed: triggers refuse it."""

    draft = models.ForeignKey(Draft, on_delete=models.PROTECT, related_name="decisions")
    decision = models.CharField(max_length=20, choices=Verdict)
    version = models.PositiveIntegerField()
    content_sha256 = models.CharField(max_length=64)
    reason_code = models.CharField(max_length=20, choices=ReasonCode, blank=True)
    reason = models.TextField(
        blank=True, max_length=5000, validators=[MinLengthValidator(MIN_REASON_CHARACTERS)]
    )
    # No database constraint, and the name as text: removing an account must not touch the evidence.
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.DO_NOTHING, db_constraint=False, related_name="decisions"
    )
    actor_name = models.CharField(max_length=150)
    via = models.CharField(max_length=10, choices=[("admin", "admin"), ("api", "api")])
    way = models.CharField(
        max_length=10,
        choices=Way,
        blank=True,
        default="",
        db_default="",
        help_text="How it was made; empty for decisions older than this column.",
    )
    objections = models.JSONField(
        null=True,
        help_text="Objections to an approval: kind, text and details of each. Null for other verdicts.",
    )
    opened_at = models.DateTimeField(
        null=True, help_text="When the actor opened the text; empty where the desk did not show it."
    )
    # The rule it was made under: a rule that changes later changes nothing that was decided.
    four_eyes = models.BooleanField(default=True, editable=False)
    approvals_needed = models.PositiveSmallIntegerField(default=1, editable=False)
    decided_at = models.DateTimeField(db_default=Now())

    history = HistoricalRecords(user_db_constraint=False)
    _history_user: Any
    """Who makes the change, for django-simple-history."""

    class Meta:
        ordering = ["-id"]
        # The page Decisions takes the latest of a time; with `id` the rows need not be sorted.
        indexes = [models.Index(fields=["decided_at", "id"], name="approvals_decided_at")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(decision=Verdict.APPROVE)
                | (~models.Q(reason_code="") & models.Q(reason__length__gte=MIN_REASON_CHARACTERS)),
                name="approvals_no_needs_reason",
            ),
            models.CheckConstraint(
                condition=models.Q(decision__in=Verdict.values), name="approvals_verdict_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_decision_display()} of version {self.version} by {self.actor_name}"

    @property
    def seconds_open(self) -> float | None:
        """How long the actor had the text open; None where the desk did not show it."""
        return (self.decided_at - self.opened_at).total_seconds() if self.opened_at else None


class ReviewRule(models.Model):
    """How drafts of one category are decided; the SQL function `review_rule` finds the one that applies."""

    category = models.CharField(
        max_length=100,
        blank=True,
        help_text="As drafts name it, in any case. Empty: every category without a rule of its own.",
    )
    four_eyes = models.BooleanField(
        default=True, help_text="Nobody approves what they wrote or last edited, superusers included."
    )
    approvals_needed = models.PositiveSmallIntegerField(
        default=1,
        choices=[(1, "One approval"), (2, "Two approvals, by two people")],
        help_text="Decisions made before this number is changed stay valid.",
    )

    history = HistoricalRecords(user_db_constraint=False)

    class Meta:
        ordering = ["category"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(approvals_needed__in=[1, 2]), name="approvals_one_or_two"
            ),
            models.UniqueConstraint(
                name_key("category"),
                name="approvals_one_rule_a_category",
                violation_error_message="This category already has a rule: change that one.",
            ),
        ]

    def __str__(self) -> str:
        return self.category or "All other categories"


class AuditEntry(models.Model):
    """One link of the chain: `hash` is SHA-256 over the previous hash and this entry's canonical JSON."""

    seq = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField()
    actor_id = models.BigIntegerField(null=True)
    actor_name = models.CharField(max_length=150)
    action = models.CharField(max_length=60)
    object_type = models.CharField(max_length=60)
    object_id = models.BigIntegerField()
    task_id = models.BigIntegerField(null=True, db_index=True)
    data = models.JSONField()
    prev_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64, unique=True)

    class Meta:
        ordering = ["-seq"]
        verbose_name_plural = "audit entries"

    def __str__(self) -> str:
        return f"{self.seq} {self.action}"
