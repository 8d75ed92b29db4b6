"""Counters of requests and of wrong passwords, with the time until which a client is blocked."""

from __future__ import annotations

from django.db import models


class RequestCount(models.Model):
    """How many requests there were since the count began: see counting.py."""

    key = models.CharField(max_length=100, primary_key=True)
    count = models.PositiveIntegerField()
    ends_at = models.DateTimeField()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return self.key


class PasswordFailures(models.Model):
    """Wrong passwords of one source. The key reveals neither account nor address: see passwords.py."""

    key = models.CharField(max_length=64, primary_key=True)
    failures = models.PositiveIntegerField(default=0)
    blocked_until = models.DateTimeField(null=True)
    ends_at = models.DateTimeField(help_text="When the row may be deleted.")

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return self.key
