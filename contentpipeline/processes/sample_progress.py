"""The progress of the sample brief, shown on the terminal by a process of its own."""

from __future__ import annotations

import sys
import time

from django.db import DatabaseError

from tasks.models import ContentTask

POLL_SECONDS = 0.2


def show_progress(task_id: int) -> int:
    """Return when the task has been written: the id of the draft that awaits a review, or 0."""
    try:
        return _show(ContentTask.objects.get(pk=task_id))
    except DatabaseError:
        return 0  # the database was restarted; the task's page shows the progress, too


def _show(task: ContentTask) -> int:
    print(f"Writing the sample: {task.topic}", flush=True)
    shown, started, is_terminal = None, time.monotonic(), sys.stdout.isatty()
    while task.status in ("pending", "in_progress"):
        task.refresh_from_db(fields=["status", "stage", "progress", "error"])
        state = (task.status, task.stage, task.progress)
        if state != shown or is_terminal:
            _print_line(task, time.monotonic() - started, is_terminal)
            shown = state
        time.sleep(POLL_SECONDS)
    if is_terminal:
        print(flush=True)
    if task.error:
        print(f"The sample was not written: {task.error}", flush=True)
    draft = getattr(task, "draft", None)
    return draft.pk if draft is not None and task.status == "awaiting_approval" else 0


def _print_line(task: ContentTask, seconds: float, is_terminal: bool) -> None:
    filled = task.progress * 24 // 100
    doing = task.stage or task.status.replace("_", " ")
    line = f"  [{'█' * filled}{'·' * (24 - filled)}] {task.progress:3d} %  {doing:<18} {seconds:5.1f} s"
    # In a terminal one line that changes; in a file one line for each change.
    print(f"\r{line}" if is_terminal else line, end="" if is_terminal else "\n", flush=True)
