"""What people can do with a task: each verb is one transaction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django_q.tasks import async_task

from tasks.engine import wakeups
from tasks.errors import DraftChanged, TransitionRefused
from tasks.lifecycle import EDITABLE, RESUMES_ITS_RUN, Status
from tasks.live_updates import Update
from tasks.models import (
    ContentTask,
    Draft,
    Guidance,
    ParagraphLock,
    Source,
    SourceReading,
    SourceSnapshot,
)
from tasks.pipeline.text.paragraphs import paragraph_sha256, paragraphs
from tasks.seo_texts import with_seo_texts
from tasks.signals import source_read_again, sources_filed
from tasks.source_records import reading_row, reread, store_files

LIMITS = (
    "priority", "run_after", "timeout_seconds", "stage_timeout_seconds", "max_attempts", "budget_usd",
    "quality_threshold", "max_refinements",
)  # fmt: skip
"""The settings of a task that change how it is worked on, and not what its finished stages are worth."""


def file_brief(
    fields: Mapping[str, Any], sources: Iterable[Mapping[str, Any]] = (), *, by: User | None
) -> ContentTask:
    """Create a task with its sources, for a worker to take. Raises ValidationError naming the field."""
    task = ContentTask(**fields)
    file_task(task, [new_source(source) for source in sources], by=by)
    return task


def new_source(given: Mapping[str, Any]) -> Source:
    """An unsaved source, with the file that its text was read from if `tasks.briefs` read one."""
    fields = dict(given)
    file = fields.pop("file", None)
    source = Source(**fields)
    source.file = file
    return source


@transaction.atomic
def file_task(task: ContentTask, sources: Sequence[Source], *, by: User | None) -> None:
    """Save a new task with its new sources, in their order, for a worker to take. Raises ValidationError.

    Ten statements, however many sources there are, and three more when files came with them.
    """
    task.created_by = by
    task._change_reason = "filed"
    # What is left out would ask the database about what cannot be wrong here.
    task.full_clean(exclude={"created_by"}, validate_constraints=False)
    task.save()
    for number, source in enumerate(sources, start=1):
        source.task, source.number = task, number
        source.check_fields()
        if source.file is not None:
            source.file = replace(source.file, by=by)
    if sources:
        Source.objects.bulk_create(sources)
        readings = store_files(sources, are_new=True)
        sources_filed.send(Source, sources=sources, readings=readings)
    wakeups.notify_work()


@transaction.atomic
def add_sources(task: ContentTask, sources: Sequence[Source], *, by: User | None) -> None:
    """Save more sources of a task whose brief is open, after those that it has. Raises ValidationError."""
    last = max(task.sources.values_list("number", flat=True), default=0)
    for number, source in enumerate(sources, start=last + 1):
        source.task, source.number = task, number
        source.check_fields()
        if source.file is not None:
            source.file = replace(source.file, by=by)
        source.save()


def read_again(snapshot: SourceSnapshot, *, by: User | None) -> tuple[SourceReading, bool]:
    """What today's reader takes from a stored document, next to what was read before; whether it is new.

    A reader reads a document once. Existing drafts stay what they were checked against; the next run uses
    a newer reading of a file. Up to a minute, not for use in a transaction. Raises UnreadableText.
    """
    reading = reread(snapshot)
    found = snapshot.readings.filter(reader=reading.reader).first()
    if found is not None:
        return found, False
    with transaction.atomic():
        row = reading_row(snapshot, reading)
        SourceReading.objects.bulk_create([row], ignore_conflicts=True)
        # Of two at the same moment, one is there.
        stored = snapshot.readings.get(reader=row.reader)
        if stored.created_at != row.created_at:
            return stored, False
        source_read_again.send(Source, reading=stored, by=by)
    return stored, True


def start_over(task: ContentTask) -> None:
    """Let the next run repeat every stage: the saved outputs belong to another brief."""
    ContentTask.objects.filter(pk=task.pk).update(run=F("run") + 1)
    task.refresh_from_db(fields=["run"])


def cancel(task: ContentTask, *, by: User | None, reason: str = "") -> None:
    """End the task. A worker that is running it is notified at once, and makes no further call."""
    task.move_to(Status.CANCELLED, by=by, reason=reason)


def hold(task: ContentTask, *, by: User | None, reason: str = "") -> None:
    task.move_to(Status.ON_HOLD, by=by, reason=reason)


@transaction.atomic
def resume(task: ContentTask, *, by: User | None, reason: str = "") -> None:
    """Let a task on hold go on where it stopped."""
    _require(task, Status.ON_HOLD, "resumed")
    _back_to_pending(task, by=by, reason=reason)


@transaction.atomic
def retry(
    task: ContentTask, *, by: User | None, reason: str = "", limits: Mapping[str, Any] | None = None
) -> None:
    """Try again: a failed task resumes its run at the failed stage, the others start a new run.

    `limits` names those of LIMITS that are to change. Raises ValidationError naming the field.
    """
    _require(task, Status.FAILED, "retried", Status.CANCELLED, Status.REJECTED)
    changed = checked_limits(limits or {})
    if changed:
        _change_limits(task, changed, by=by)
    _back_to_pending(task, by=by, reason=reason, attempts=0, run_after=changed.get("run_after"))


def checked_limits(limits: Mapping[str, Any]) -> dict[str, Any]:
    """The values as the model has them; strings are parsed. Raises ValidationError naming the field."""
    if unknown := set(limits) - set(LIMITS):
        raise ValidationError(
            {name: f"It cannot be set here. Settings are {', '.join(LIMITS)}." for name in sorted(unknown)}
        )
    checked = ContentTask(**limits)
    checked.clean_fields(exclude={field.name for field in ContentTask._meta.fields} - set(limits))
    return {name: getattr(checked, name) for name in limits}


@transaction.atomic
def request_rework(task: ContentTask, *, by: User, reason_code: str, reason: str) -> None:
    """Start a new run that is shown the reviewer's reason."""
    add_guidance(task, reason_code=reason_code, reason=reason, by=by)
    _back_to_pending(task, by=by, reason=reason, attempts=0)


def add_guidance(task: ContentTask, *, reason_code: str, reason: str, by: User) -> None:
    guidance = Guidance(task=task, reason_code=reason_code, text=reason)
    guidance._history_user = by
    guidance.save()


@transaction.atomic
def edit_draft(
    draft: Draft, content: Mapping[str, Any], *, by: User, reason: str = "", written_by: str = ""
) -> bool:
    """Make a person's change the next version; an approval of the old text is void. False: no change.

    `written_by` names the writers where a model is one of them; the author is the person all the same.
    SEO texts that are short forms of title and summary follow these, unless the change has its own.
    What is published stays as it is: the newer text awaits a decision of its own. Raises DraftChanged for a
    stale copy, TransitionRefused while the text must not change, PermissionDenied where readers see it, and
    ParagraphLocked when a locked paragraph would change.
    """
    task = ContentTask.objects.select_for_update().get(pk=draft.task_id)
    require_may_edit(task, by)
    reason = reason or f"edited by {by.get_username()}"
    if not draft.save_version(
        with_seo_texts(draft, content), author=by, reason=reason, written_by=written_by
    ):
        return False
    inspect_later(task, draft)
    if task.status == Status.APPROVED:
        task.move_to(Status.AWAITING_APPROVAL, by=by, reason="Edited after approval: the approval is void.")
    elif task.status == Status.PUBLISHED:
        task.move_update(Update.AWAITING, by=by)
    elif task.status == Status.PENDING:
        submit(task, by=by)
    return True


def inspect_later(task: ContentTask, draft: Draft) -> None:
    """Once this is committed. A page such as the imprint has no sources and no brief to be compared with."""
    if not task.is_page:
        transaction.on_commit(lambda: async_task("tasks.jobs.inspect_draft", draft.pk))


def submit(task: ContentTask, *, by: User) -> None:
    """Put a text before a decision that a person has written. In a transaction: no worker is involved."""
    task.move_to(Status.IN_PROGRESS, by=by, reason=f"written by {by.get_username()}")
    task.move_to(Status.AWAITING_APPROVAL, by=by, progress=100, finished_at=timezone.now())


def require_may_edit(task: ContentTask, user: User) -> None:
    """Raises TransitionRefused while the text must not change, and PermissionDenied where it is live."""
    if task.status not in EDITABLE and not (task.is_by_hand and task.status == Status.PENDING):
        raise TransitionRefused(
            f"Task {task.pk} is {task.status}: its text cannot be edited now. Wait until it is done."
        )
    if task.status == Status.PUBLISHED and not user.has_perm("tasks.change_live_draft"):
        raise PermissionDenied("Only editors may change a published text.")


def may_edit(task: ContentTask, user: User) -> bool:
    """Whether the text may change now, by this person among those who edit."""
    try:
        require_may_edit(task, user)
    except (TransitionRefused, PermissionDenied):
        return False
    return True


def restore_version(draft: Draft, version: int, *, by: User) -> bool:
    """Restore an earlier version as the next one. Raises what `edit_draft` raises, or DoesNotExist."""
    earlier = draft.history.get(version=version)
    content = {name: getattr(earlier, name) for name in draft.content}
    return edit_draft(draft, content, by=by, reason=f"restored version {version}")


@transaction.atomic
def lock_paragraph(draft: Draft, sha256: str, *, by: User, reason: str = "") -> ParagraphLock:
    """Lock a paragraph of the current text; locking it again changes nothing.

    Raises DraftChanged when the text has no such paragraph by now, and TransitionRefused while it is written.
    """
    current = _lockable(draft)
    text = next((text for text in paragraphs(current.body) if paragraph_sha256(text) == sha256), None)
    if text is None:
        raise DraftChanged(
            f"Version {current.version} has no such paragraph: the text has changed. Read it again."
        )
    lock = ParagraphLock.objects.filter(draft=current, sha256=sha256).first()
    if lock is None:
        lock = ParagraphLock(
            draft=current,
            sha256=sha256,
            text=text,
            reason=reason,
            locked_by=by,
            locked_by_name=by.get_username(),
        )
        lock._history_user, lock._change_reason = by, reason or "locked"
        lock.save()
    return lock


@transaction.atomic
def unlock_paragraph(draft: Draft, sha256: str, *, by: User, reason: str = "") -> None:
    """Let a paragraph be changed again. Raises DoesNotExist, and TransitionRefused while it is written."""
    lock = ParagraphLock.objects.get(draft=_lockable(draft), sha256=sha256)
    lock._history_user, lock._change_reason = by, reason or "unlocked"
    lock.delete()


def _lockable(draft: Draft) -> Draft:
    """The current draft, its row locked. Refused during a run, which begins from the locks there are."""
    task = ContentTask.objects.select_for_update().get(pk=draft.task_id)
    if task.status == Status.IN_PROGRESS:
        raise TransitionRefused(
            f"Task {task.pk} is being written: lock and unlock paragraphs once it is done, or hold it first."
        )
    return Draft.objects.select_for_update().get(pk=draft.pk)


def _require(task: ContentTask, first: Status, verb: str, *others: Status) -> None:
    allowed = (first, *others)
    if task.status not in allowed:
        raise TransitionRefused(
            f"Task {task.pk} is {task.status}: only a task that is {' or '.join(allowed)} can be {verb}."
        )


def _change_limits(task: ContentTask, limits: Mapping[str, Any], *, by: User | None) -> None:
    for name, value in limits.items():
        setattr(task, name, value)
    task._history_user = by
    task._change_reason = "retried with " + ", ".join(f"{name} {value}" for name, value in limits.items())
    task.save(update_fields=list(limits))


def _back_to_pending(task: ContentTask, *, by: User | None, reason: str, **fields: Any) -> None:
    # Read again under a lock: a copy from before another retry would use a run's number twice.
    run = ContentTask.objects.select_for_update().values_list("run", flat=True).get(pk=task.pk)
    if task.status not in RESUMES_ITS_RUN:
        run += 1
    task.move_to(
        Status.PENDING,
        by=by,
        reason=reason,
        run=run,
        stage="",
        progress=0,
        error="",
        error_kind="",
        finished_at=None,
        deadline_at=None,
        breached_stage="",
        breached_at=None,
        lost_leases=0,
        **{"run_after": None} | fields,
    )
