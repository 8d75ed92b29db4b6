"""What this app announces; apps above it listen. Sent inside the transaction: no listener, no change."""

from django.dispatch import Signal

status_changed = Signal()
"""Sender ContentTask; `task`, `old`, `new`, `by` (a user or None) and `reason`."""
