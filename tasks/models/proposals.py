"""What editors ask a model to write again, and what it proposes: no draft changes until that is taken."""

from __future__ import annotations

from decimal import Decimal

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models

from tasks.models.drafts import Draft

MAX_INSTRUCTION = 1000


class Proposal(models.Model):
    """A request of one editor to the model, and its reply. Engine workers work on those that wait.

    The amount reserved for a call in progress stands here, not in an OpenCall, of which a task has one: that
    of its run. If the worker dies, another one takes the proposal, and the call is booked as lost.
    """

    class Kind(models.TextChoices):
        PARAGRAPH = "paragraph", "One paragraph"
        TITLES = "titles", "Titles"
        SHORTEN = "shorten", "Shorter passage"

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        READY = "ready", "Ready"
        FAILED = "failed", "Failed"
        TAKEN = "taken", "Taken"
        DISMISSED = "dismissed", "Dismissed"

    OPEN = (State.WAITING, State.READY, State.FAILED)
    """Neither taken nor dismissed."""

    draft = models.ForeignKey(Draft, on_delete=models.CASCADE, related_name="proposals")
    kind = models.CharField(max_length=20, choices=Kind)
    version = models.PositiveIntegerField(help_text="The version that was read.")
    paragraphs = ArrayField(
        models.CharField(max_length=64),
        default=list,
        help_text="Hashes of the paragraphs it is about, in order.",
    )
    position = models.PositiveIntegerField(
        default=0, help_text="Of the first of them, counted from 0: a text may have a paragraph twice."
    )
    original = models.TextField(help_text="What is to be replaced, as it was.")
    instruction = models.TextField(blank=True, max_length=MAX_INSTRUCTION)
    share_percent = models.PositiveSmallIntegerField(null=True, help_text="By how much to shorten.")

    status = models.CharField(max_length=20, choices=State, default=State.WAITING)
    texts = models.JSONField(default=list, help_text="What is proposed: one text, or several titles.")
    notes = models.JSONField(default=list, help_text="What was put right in the reply.")
    written_by = models.CharField(max_length=200, blank=True, help_text="The model.")
    error = models.TextField(blank=True)
    error_kind = models.CharField(max_length=40, blank=True)
    cost_usd = models.DecimalField(
        max_digits=12, decimal_places=6, null=True, default=Decimal(0),
        help_text="Of its calls so far; null when one has no known price.",
    )  # fmt: skip
    taken_version = models.PositiveIntegerField(null=True, help_text="The version that was made of it.")

    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    asked_by_name = models.CharField(max_length=150)
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    lease_owner = models.BigIntegerField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    reserved_usd = models.DecimalField(max_digits=14, decimal_places=6, default=Decimal(0))
    open_call = models.JSONField(null=True, help_text="The call in progress, as it is booked if it is lost.")

    class Meta:
        ordering = ["-id"]
        default_permissions = ()
        indexes = [
            models.Index(fields=["id"], name="tasks_proposals_waiting", condition=models.Q(status="waiting")),
            models.Index(
                fields=["lease_owner"],
                include=["reserved_usd"],
                name="tasks_proposals_calling",
                condition=models.Q(open_call__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} for draft {self.draft_id}: {self.status}"

    @property
    def is_waiting(self) -> bool:
        return self.status == self.State.WAITING

    @property
    def is_ready(self) -> bool:
        return self.status == self.State.READY
