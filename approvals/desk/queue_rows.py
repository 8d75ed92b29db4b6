"""One row of a queue: what it says of a task, rendered once for the same facts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.utils.safestring import SafeString
from django.utils.timesince import timesince

from tasks.fragments import fragment
from tasks.models import ContentTask, Draft


@dataclass(frozen=True)
class QueueRow:
    """Named as in ContentTask and Draft; what belongs to a draft is empty without one."""

    pk: int
    topic: str
    title: str
    status: str
    status_name: str
    update_state: str
    update_name: str
    awaits_decision: bool
    waiting: str
    status_changed_at: datetime | None
    is_back: bool
    due_at: datetime | None
    is_late: bool
    category: str
    priority: int
    attempts: int
    max_attempts: int
    progress: int
    stage_name: str
    error: str
    assignee: str
    reviewer: str
    draft_id: int | None
    version: int = 0
    written_by: str = ""
    summary: str = ""
    is_checked: bool = False
    score: int | None = None
    unresolved: int = 0
    approvals_needed: int = 1
    approvals_given: tuple[str, ...] = ()
    reviewing: str = ""


def row_html(task: ContentTask, now: datetime, user: User) -> SafeString:
    """Of a task from `queues.with_details`. What time alone changes is put into words first."""
    return fragment("desk/_row.html", "row", _row(task, now, user))


def _row(task: ContentTask, now: datetime, user: User) -> QueueRow:
    details: Any = task  # annotated by `queues.with_details`
    awaits = task.awaits_decision
    is_running = task.status == "in_progress"
    draft = getattr(task, "draft", None)
    facts: dict[str, Any] = {
        "pk": task.pk,
        "topic": task.topic,
        "title": draft.title if draft else task.topic,
        "status": task.status,
        "status_name": task.get_status_display(),
        "update_state": task.update_state,
        "update_name": task.get_update_state_display() if task.update_state else "",
        "awaits_decision": awaits,
        "waiting": timesince(task.waiting_since) if awaits else "",
        "status_changed_at": None if awaits else task.status_changed_at,
        "is_back": awaits and details.last_verdict == "request_changes",
        "due_at": task.due_at,
        "is_late": bool(task.due_at and task.due_at < now),
        "category": details.category_name,
        "priority": task.priority,
        "attempts": task.attempts,
        "max_attempts": task.max_attempts,
        "progress": task.progress if is_running else 0,
        "stage_name": task.get_stage_display() if is_running and task.stage else "",
        "error": task.error,
        "assignee": str(task.assignee or ""),
        "reviewer": str(task.reviewer or ""),
        "draft_id": None,
    }
    return QueueRow(**facts | (_of_draft(task, draft, user) if draft else {}))


def _of_draft(task: ContentTask, draft: Draft, user: User) -> dict[str, Any]:
    details: Any = task  # annotated by `queues.with_details`
    lock = getattr(draft, "review_lock", None)
    reviewing = ""
    if lock and details.awaits_decision and lock.is_active:
        is_own = lock.reviewer_id == user.pk
        reviewing = "You are reviewing it" if is_own else f"{lock.reviewer} is reviewing it"
    return {
        "draft_id": draft.pk,
        "version": draft.version,
        "written_by": draft.written_by,
        "summary": draft.summary,
        "is_checked": details.is_checked,
        "score": draft.score,
        "unresolved": details.unresolved,
        "approvals_needed": details.approvals_needed,
        "approvals_given": tuple(details.approvals_given),
        "reviewing": reviewing,
    }
