"""What the audit chain and the decisions say about a task, for its page."""

from __future__ import annotations

from collections.abc import Iterable

from django.contrib.auth.models import User

from approvals.models import AuditEntry
from tasks.models import ContentTask
from tasks.timeline import HistoryEntry, contributors

MOVES = {
    "task.pending": "Queued again",
    "task.in_progress": "Work began",
    "task.on_hold": "Put on hold",
    "task.awaiting_approval": "Text ready for review",
    "task.approved": "Approved",
    "task.rejected": "Rejected",
    "task.published": "Published",
    "task.failed": "Failed",
    "task.cancelled": "Cancelled",
    "update.awaiting": "A newer text awaits approval",
    "update.approved": "Newer text approved",
    "update.declined": "Newer text declined",
    "update.live": "Newer text published",
    "contenttask.changed": "Brief changed",
    "source.created": "Source added",
    "source.changed": "Source changed",
    "source.deleted": "Source removed",
}


def recorded_history(task: ContentTask, user: User, limit: int) -> Iterable[HistoryEntry]:
    """Moves of the task and changes of its brief, newest first."""
    rows = AuditEntry.objects.filter(task_id=task.pk, action__in=MOVES).order_by("-seq")
    for row in rows[:limit]:
        if row.action == "source.created" and (row.at - task.created_at).total_seconds() < 1:
            continue  # it came with the brief
        reason = str(row.data.get("reason") or "")
        yield HistoryEntry(row.at, MOVES[row.action], row.actor_name, reason)


contributors.append(recorded_history)
