"""What runs got from outside, for replays of them."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from tasks.models.tasks import ContentTask


class RecordedExchange(models.Model):
    """A request of a run to the outside and what came back; see tasks.pipeline.providers.recording."""

    task = models.ForeignKey(ContentTask, on_delete=models.CASCADE, related_name="recorded_exchanges")
    run = models.PositiveIntegerField()
    key = models.CharField(max_length=64, help_text="A hash of all that was asked.")
    kind = models.CharField(max_length=10)
    stage = models.CharField(max_length=40, blank=True)
    reply = models.JSONField(null=True)
    error_kind = models.CharField(max_length=40, blank=True)
    error = models.TextField(blank=True)
    recorded_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["id"]
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["task", "run", "key"], name="tasks_exchange_recorded_once")
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.stage or 'the run'}"
