"""Signals for the apps above. Sent inside the transaction: when a receiver fails, nothing is changed."""

from django.dispatch import Signal

status_changed = Signal()
"""Sender ContentTask; `moves`, a list of tasks.lifecycle.Move that one statement made."""

sources_filed = Signal()
"""Sender Source; `sources`, new rows that were saved in one statement, without `post_save`, and `readings`,
what was read from the files of some of them."""

update_changed = Signal()
"""Sender ContentTask; `task`, `old` and `new` (tasks.live_updates.Update) `by` and `reason`."""

source_stored = Signal()
"""Sender Source; `snapshot` (SourceSnapshot), `reading` (SourceReading), None where there is none, and `by`.

Sent for a file of a source that is saved by itself, and for what a run fetched or read."""

source_read_again = Signal()
"""Sender Source; `reading`, a new one of a snapshot that was read before, and `by`."""

model_tested = Signal()
"""Sender ModelCall; `test` (tasks.model_test.ModelTest) and `by`."""
