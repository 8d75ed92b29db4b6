"""Forgetting counts that are over."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from approvals.access.models import PasswordFailures, RequestCount

SLACK = timedelta(hours=1)
"""The clocks of two hosts differ by less."""


def forget_old() -> int:
    """Delete what counts no longer; returns how many rows that were."""
    over = timezone.now() - SLACK
    return sum(
        model.objects.filter(ends_at__lt=over).delete()[0] for model in (PasswordFailures, RequestCount)
    )
