"""The verbs of commenting: each is one transaction, and on record in the audit chain."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from approvals.audit import chain
from approvals.comments.anchors import SelectedWords, paragraph_of, paragraph_sha256
from approvals.comments.people import mentions_in
from approvals.errors import CommentSettled
from approvals.models.desk import DraftComment
from approvals.notifications.enqueue import enqueue_comment
from tasks.models import Draft

COMMENT = "approvals.add_draftcomment"


@transaction.atomic
def comment(
    draft: Draft,
    *,
    version: int,
    text: str,
    by: User,
    paragraph: str = "",
    quote: str = "",
    selection: SelectedWords | None = None,
) -> DraftComment:
    """Comment on words of a paragraph of that version, on all of it, or on the whole text.

    A paragraph is named by its hash or by words that stand in it. Raises PermissionDenied, or
    ValidationError naming the field.
    """
    _require_commenter(by)
    found = draft.history.filter(version=version).first()
    if found is None:
        raise ValidationError({"version": f"There is no version {version} of this draft."})
    source = paragraph_of(found.body, found.citations, paragraph, quote, selection)
    row = DraftComment(
        draft=draft,
        version=version,
        paragraph_sha256=paragraph_sha256(source) if source else "",
        quote=source,
        **selection.fields if selection else {},
    )
    return _save_new(row, text, by)


@transaction.atomic
def reply(thread: DraftComment, *, text: str, by: User) -> DraftComment:
    """Answer in a thread; one that was resolved is open again. Raises as `comment` does."""
    _require_commenter(by)
    first = _locked(thread)
    if first.parent_id is not None:
        raise ValidationError({"parent": "Reply to the first comment of the thread."})
    if first.deleted_at:
        raise CommentSettled("This comment was deleted.")
    row = _save_new(
        DraftComment(draft_id=first.draft_id, version=first.draft.version, parent=first), text, by
    )
    if first.resolved_at:
        _reopen(first, by)
    return row


@transaction.atomic
def edit(row: DraftComment, *, text: str, by: User) -> DraftComment:
    """Change one's own comment, as long as that is possible: it is marked as edited. Notifies who is new.

    Raises PermissionDenied, CommentSettled or ValidationError.
    """
    current = _own(row, by)
    before = current.text
    current.text = text.strip()
    current.clean_fields(exclude={field.name for field in DraftComment._meta.fields} - {"text"})
    if current.text == before:
        return current
    current.edited_at = timezone.now()
    current.save(update_fields=["text", "edited_at"])
    known = set(current.mentioned.values_list("pk", flat=True))
    mentioned = mentions_in(current.text).people
    current.mentioned.set(mentioned)
    _record("edited", current, by, before_sha256=_sha256(before), text_sha256=_sha256(current.text))
    _notify(current, by, [person for person in mentioned if person.pk not in known])
    return current


@transaction.atomic
def delete(row: DraftComment, *, by: User) -> None:
    """Take back one's own comment that nobody has answered yet. Raises as `edit` does."""
    current = _own(row, by)
    if current.replies.filter(deleted_at=None).exists():
        raise CommentSettled("This comment has a reply: edit it, or resolve the thread.")
    before = current.text
    current.text, current.deleted_at = "", timezone.now()
    current.mentioned.clear()
    current.save(update_fields=["text", "deleted_at"])
    _record("deleted", current, by, before_sha256=_sha256(before))


@transaction.atomic
def resolve(row: DraftComment, *, by: User) -> bool:
    """Close a thread. False when it was closed already."""
    _require_commenter(by)
    first = _locked(row.parent or row)
    if first.resolved_at:
        return False
    first.resolved_at, first.resolved_by, first.resolved_by_name = timezone.now(), by, by.get_username()
    first.save(update_fields=["resolved_at", "resolved_by", "resolved_by_name"])
    _record("resolved", first, by)
    return True


@transaction.atomic
def reopen(row: DraftComment, *, by: User) -> bool:
    """Open a thread again. False when it is open."""
    _require_commenter(by)
    first = _locked(row.parent or row)
    if not first.resolved_at:
        return False
    _reopen(first, by)
    return True


_SET_BY_US = {
    "draft", "author", "created_at", "edited_at", "deleted_at", "resolved_at", "resolved_by", "parent",
}  # fmt: skip


def _save_new(row: DraftComment, text: str, by: User) -> DraftComment:
    row.text, row.author, row.author_name = text.strip(), by, by.get_username()
    row.clean_fields(exclude=_SET_BY_US)
    row.save()
    row.refresh_from_db(fields=["created_at"])
    mentioned = mentions_in(row.text).people
    if mentioned:
        row.mentioned.set(mentioned)
    _record("created", row, by, text_sha256=_sha256(row.text))
    _notify(row, by, [*mentioned, *_participants(row)])
    return row


def _participants(row: DraftComment) -> Iterable[User]:
    """Who wrote in the thread before."""
    if row.parent is None:
        return ()
    others = DraftComment.objects.filter(pk=row.parent.pk) | row.parent.replies.all()
    return User.objects.filter(pk__in=others.exclude(pk=row.pk).values("author"))


def _notify(row: DraftComment, by: User, people: Iterable[User]) -> None:
    to = {person.pk: person for person in people if person.pk != by.pk}
    text = f"{by.get_username()} commented on version {row.version}:\n{row.text}"
    enqueue_comment(row.draft, to.values(), version=row.version, text=text)


def _reopen(first: DraftComment, by: User) -> None:
    first.resolved_at, first.resolved_by, first.resolved_by_name = None, None, ""
    first.save(update_fields=["resolved_at", "resolved_by", "resolved_by_name"])
    _record("reopened", first, by)


def _own(row: DraftComment, by: User) -> DraftComment:
    _require_commenter(by)
    current = _locked(row)
    if current.author_id != by.pk:
        raise PermissionDenied("Only its author may change a comment.")
    if current.deleted_at:
        raise CommentSettled("This comment was deleted.")
    if not current.may_be_changed_by(by):
        minutes = int(DraftComment.EDITABLE_FOR.total_seconds() // 60)
        raise CommentSettled(f"A comment can be changed for {minutes} minutes: write a reply instead.")
    return current


def _locked(row: DraftComment) -> DraftComment:
    rows = DraftComment.objects.select_related("draft").select_for_update(of=("self",))
    return rows.get(pk=row.pk)


def _record(what: str, row: DraftComment, by: User, **facts: str) -> None:
    data = {"draft": row.draft_id, "version": row.version, "thread": row.parent_id or row.pk, **facts}
    chain.record(
        f"comment.{what}", object_type="draftcomment", object_id=row.pk, task_id=row.draft.task_id, by=by,
        data=data,
    )  # fmt: skip


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _require_commenter(user: User) -> None:
    if not user.has_perm(COMMENT):
        raise PermissionDenied("Only writers and editors can comment on drafts.")
