"""Briefs to begin others from."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q

MAX_TEXT = 500_000


class BriefTemplateQuerySet(models.QuerySet["BriefTemplate"]):
    def usable_by(self, user: Any) -> BriefTemplateQuerySet:
        """Their own, and those that are shared."""
        return self.filter(Q(owner=user) | Q(is_shared=True))


class BriefTemplate(models.Model):
    """Fields and sources that a brief can begin with."""

    name = models.CharField(max_length=100)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="brief_templates"
    )
    is_shared = models.BooleanField(
        "shared", default=False, help_text="Everyone who files briefs may use it."
    )
    fields = models.JSONField(default=dict, help_text="Columns of a brief, by name.")
    addresses = models.TextField(blank=True, max_length=MAX_TEXT, help_text="What is pasted as sources.")
    sources = models.JSONField(default=list, help_text="Ids of sources that are copied.")
    changed_at = models.DateTimeField(auto_now=True)

    objects = BriefTemplateQuerySet.as_manager()

    class Meta:
        ordering = ["name", "id"]
        default_permissions = ()
        permissions = [("manage_shared_templates", "Can change and delete the shared templates of others")]
        constraints = [
            models.UniqueConstraint(fields=["owner", "name"], name="tasks_brief_template_name_of_owner")
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        self.name = " ".join(self.name.split())
        if "\0" in self.name:
            raise ValidationError({"name": "It contains a character that cannot be stored."})
        if not self.name:
            raise ValidationError({"name": "Give the template a name."})
