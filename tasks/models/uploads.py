"""Files that were selected for a form which is not saved yet."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone


class StagedUpload(models.Model):
    """A file of a form that was shown again with an error in another field, for its uploader to use."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=255)
    data = models.BinaryField()
    size = models.PositiveIntegerField(help_text="In bytes.")
    reading = models.JSONField(
        null=True, help_text="What was read from it, if it was read: a Reading, so that none is made twice."
    )
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["created_at", "id"]
        default_permissions = ()
        indexes = [models.Index(fields=["user", "created_at"], name="tasks_staged_upload_of_user")]

    def __str__(self) -> str:
        return self.name
