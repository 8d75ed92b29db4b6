"""What this app announces; publishing listens."""

from django.dispatch import Signal

decision_made = Signal()
"""Sender Decision; `decision`."""
