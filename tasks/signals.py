"""Signals for the apps above. Sent inside the transaction: when a receiver fails, nothing is changed."""

from django.dispatch import Signal

status_changed = Signal()
"""Sender ContentTask; `moves`, a list of tasks.lifecycle.Move that one statement made."""

sources_filed = Signal()
"""Sender Source; `sources`, new rows that were saved in one statement, without `post_save`."""

update_changed = Signal()
"""Sender ContentTask; `task`, `old` and `new` (tasks.live_updates.Update) `by` and `reason`."""
