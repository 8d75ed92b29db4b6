"""What this app announces; apps above it listen. Sent inside the transaction: no listener, no change."""

from django.dispatch import Signal

status_changed = Signal()
"""Sender ContentTask; `moves`, a list of tasks.lifecycle.Move that one statement made."""

update_changed = Signal()
"""Sender ContentTask; `task`, `old` and `new` (tasks.live_updates.Update) `by` and `reason`."""
