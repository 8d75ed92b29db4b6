"""Plain functions that make people, tasks and drafts as the product itself does."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from django.contrib.auth.models import Group, User
from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.text import slugify

from approvals.audit import rights
from approvals.decisions import decide
from approvals.models import Decision, Verdict
from contentpipeline.roles import create_groups
from tasks.advisory_locks import Call, Lock, statement
from tasks.lifecycle import Status
from tasks.models import ContentTask, Draft, Worker

numbers = count(1)

BODY = "Trees cool a street by shade and by water [1].\n\n## Shade\n\nShade keeps walls cool."
CITATIONS = [{"number": 1, "title": "How a tree cools a street", "url": "https://example.org/trees"}]


def make_user(name: str = "", *groups: str, **fields: Any) -> User:
    """A user in the named groups ("Writers", "Editors", "Publishers", "Auditors", "Integrations").

    Asking for a name again returns the same user, with the groups added. Not staff unless so said.
    """
    name = name or f"user{next(numbers)}"
    user = User.objects.filter(username=name).first()
    if user is None:
        return _new_user(name, groups, fields)
    if missing := set(groups).difference(user.groups.values_list("name", flat=True) if groups else ()):
        user.groups.add(*_groups(missing))
    return user


def _new_user(name: str, groups: Sequence[str], fields: dict[str, Any]) -> User:
    """In the groups at once, with one audit entry that says so: adding one by one takes four times as many
    statements, and most tests begin with several accounts.
    """
    held = _groups(set(groups)) if groups else ()
    (user,) = User.objects.bulk_create([User(username=name, **fields)])
    User.groups.through.objects.bulk_create(
        [User.groups.through(user_id=user.pk, group_id=group.pk) for group in held]
    )
    flags = {flag: getattr(user, flag) for flag in rights.FLAGS}
    state = {"name": name, **flags, "groups": sorted(groups), "permissions": []}
    rights.record_change(User, user.pk, "created", state)
    return user


def _groups(names: set[str]) -> QuerySet[Group]:
    return Group.objects.filter(name__in=names) or _created_groups(names)


def _created_groups(names: set[str]) -> QuerySet[Group]:
    create_groups()
    return Group.objects.filter(name__in=names)


@contextmanager
def without_triggers() -> Iterator[None]:
    """As the database's owner can: no trigger fires."""
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        try:
            yield
        finally:
            cursor.execute("SET session_replication_role = DEFAULT")


def make_task(*, status: Status = Status.PENDING, **fields: Any) -> ContentTask:
    """A brief; with a `status`, it was put there without its past: for tests of what follows."""
    fields = {"topic": "Street trees and heat", "category": "City", "tags": ["trees"]} | fields
    if status in {Status.APPROVED, Status.PUBLISHED}:
        with without_triggers():
            return ContentTask.objects.create(status=status, **fields)
    return ContentTask.objects.create(status=status, **fields)


def make_draft(task: ContentTask | None = None, *, author: User | None = None, **content: Any) -> Draft:
    """Version 1 of a text, awaiting approval; written by a model unless there is an `author`."""
    task = task or make_task()
    title = content.get("title", f"Street trees {next(numbers)}")
    written = {
        "title": title,
        "slug": slugify(title)[:100] or f"draft-{next(numbers)}",
        "summary": "What a tree does for a street on a hot day.",
        "body": BODY,
        "category": task.category,
        "tags": task.tags,
        "citations": CITATIONS,
    }
    task.move_to(Status.IN_PROGRESS)
    draft = Draft(task=task)
    draft.save_version(
        written | content, reason="draft", author=author, written_by="" if author else "offline writer"
    )
    task.move_to(Status.AWAITING_APPROVAL)
    return draft


def decide_on(draft: Draft, verdict: Verdict, *, by: User | None = None, reason: str = "") -> Decision:
    """Decide about the text as it is now; a no comes with a reason."""
    is_no = verdict != Verdict.APPROVE
    decision = decide(
        draft,
        verdict,
        version=draft.version,
        content_sha256=draft.content_sha256,
        by=by or make_user("editor", "Editors", is_staff=True),
        via="api",
        reason_code="style" if is_no else "",
        reason=reason or ("Too stiff for our readers." if is_no else ""),
    )
    draft.task.refresh_from_db()
    return decision


def approve(draft: Draft, *, by: User | None = None) -> Decision:
    return decide_on(draft, Verdict.APPROVE, by=by)


def make_worker(*, silent_seconds: float = 0, **fields: Any) -> Worker:
    """A worker of the engine, whose heart beat so long ago; its lock is this connection's."""
    heartbeat_at = timezone.now() - timedelta(seconds=silent_seconds)
    fields = {"host": "desk-1", "pid": 4711, "max_in_flight": 1000} | fields
    worker = Worker.objects.create(heartbeat_at=heartbeat_at, **fields)
    call = Call.TRANSACTION if connection.in_atomic_block else Call.SESSION
    with connection.cursor() as cursor:
        cursor.execute(statement(call, Lock.WORKER, worker.pk))
    return worker


def ago(**span: float) -> datetime:
    """As in `ago(minutes=5)`."""
    return timezone.now() - timedelta(**span)
