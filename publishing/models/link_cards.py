"""What was read from a page for its card, once for all: who approves its address approves its card."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now


class LinkCard(models.Model):
    """Of a page that a person put on a line of its own; without a title, if it could not be read."""

    address = models.CharField(max_length=620, unique=True, help_text="As it is written in the text.")
    title = models.CharField(max_length=200, blank=True)
    site = models.CharField(max_length=100, blank=True)
    description = models.CharField(max_length=300, blank=True)
    problem = models.CharField(max_length=500, blank=True, help_text="Why there is no title.")
    added_by_name = models.CharField(max_length=150)
    fetched_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["-fetched_at"]

    def __str__(self) -> str:
        return self.title or self.address
