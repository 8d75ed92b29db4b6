"""How long a model or page that was unavailable is left alone before it is called again."""

from __future__ import annotations

from datetime import timedelta

from tasks.delivery.backoff import Backoff

BACKOFF = Backoff(timedelta(seconds=2), timedelta(minutes=5), factor=4, jitter=0.25)


def pause_seconds(attempts: int, asked_for: float | None = None) -> float:
    """The pause after this number of attempts, and at least what the service asked for."""
    return max(BACKOFF.pause(attempts).total_seconds(), asked_for or 0.0)
