"""Calls of language models: finished ones, and those in progress."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from tasks.models.tasks import ContentTask


class ModelCall(models.Model):
    """A call of a language model. `cost_usd` is empty when the model has no known price.

    Without a task it is a test of a model: see tasks/model_test.py.
    """

    task = models.ForeignKey(
        ContentTask, on_delete=models.CASCADE, related_name="calls", null=True, blank=True
    )
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
    prompt_version = models.CharField(
        max_length=60, blank=True, help_text='The instructions that were sent, such as "draft 3".'
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["id"]
        permissions = [("manage_models", "Can see how language models are set up, and test them")]
        indexes = [
            # What a day has cost is read from the index alone.
            models.Index(fields=["created_at"], include=["cost_usd"], name="tasks_calls_by_day")
        ]

    def __str__(self) -> str:
        return f"{self.model} for {self.stage}"


class OpenCall(models.Model):
    """A call of a model in progress, and the amount reserved for it until it is booked as a ModelCall.

    A task makes one call at a time. If the worker dies, the latest estimate is booked.
    """

    task = models.OneToOneField(
        ContentTask, on_delete=models.CASCADE, primary_key=True, related_name="open_call"
    )
    lease_owner = models.BigIntegerField()
    lease_epoch = models.PositiveBigIntegerField()
    reserved_usd = models.DecimalField(max_digits=14, decimal_places=6)
    run = models.PositiveIntegerField()
    stage = models.CharField(max_length=40)
    role = models.CharField(max_length=20)
    provider = models.CharField(max_length=40)
    model = models.CharField(max_length=200)
    input_tokens = models.PositiveIntegerField()
    output_tokens = models.PositiveIntegerField(default=0)
    cost_usd = models.DecimalField(max_digits=12, decimal_places=6, help_text="So far, as far as is known.")
    prompt_version = models.CharField(max_length=60, blank=True, db_default="")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["task"]
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.model} for {self.stage}, in progress"
