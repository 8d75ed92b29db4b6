"""How a desk wants quality checks to be run, and what published texts are compared by."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.core.validators import MinLengthValidator
from django.db import models
from simple_history.models import HistoricalRecords

if TYPE_CHECKING:
    from django.contrib.auth.models import User


class QualityCheckRule(models.Model):
    """Where the desk wants a check to be run otherwise than by its defaults: see tasks/check_rules.py."""

    _history_user: User | None
    _change_reason: str

    class Severity(models.TextChoices):
        VETO = "veto", "Veto: a failure must be fixed"
        ADVISORY = "advisory", "Advisory: a failure costs points"
        OFF = "off", "Off: the check is not run"

    check_name = models.CharField("check", max_length=60, unique=True)
    severity = models.CharField(max_length=10, choices=Severity.choices, blank=True)
    limits = models.JSONField(
        "thresholds", default=dict, blank=True, help_text="By the name of the threshold."
    )
    reason = models.CharField(max_length=500, validators=[MinLengthValidator(10)])
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, editable=False, related_name="+"
    )
    changed_by_name = models.CharField(max_length=150, editable=False)
    changed_at = models.DateTimeField(auto_now=True)

    history = HistoricalRecords(user_db_constraint=False)

    class Meta:
        ordering = ["check_name"]
        verbose_name = "rule of a quality check"
        verbose_name_plural = "quality checks"

    def __str__(self) -> str:
        return self.check_name


class PublishedSketch(models.Model):
    """What a published text is compared by: see tasks/near_duplicates.py."""

    draft = models.OneToOneField("tasks.Draft", on_delete=models.CASCADE, related_name="sketch")
    version = models.PositiveIntegerField()
    hashes = ArrayField(models.BigIntegerField(), size=128)

    class Meta:
        indexes = [GinIndex(fields=["hashes"], name="tasks_sketch_hashes")]

    def __str__(self) -> str:
        return f"Sketch of version {self.version} of draft {self.draft_id}"
