"""Publish an approved draft, update a live post, unpublish it. Each verb is one transaction."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils import timezone

from approvals.audit import chain
from approvals.audit.publications import Publication, publication
from approvals.models import Decision
from approvals.rules import is_approved
from publishing import provenance
from publishing.addresses import absolute, path_of
from publishing.category_names import get_or_create
from publishing.errors import NotApproved
from publishing.models import COPIED_FIELDS, Category, Correction, Post, Tag
from publishing.models.corrections import checked_note
from publishing.plain_body import body_html, plain_body
from publishing.publication_records import PublicationRecords, load_records, locked_draft
from publishing.readiness import require_publishable, require_publishable_at_held_address
from publishing.redirects import follow
from publishing.schedule_ends import end_as_published
from publishing.search import index_post
from publishing.similarity import relate
from tasks.lifecycle import Status
from tasks.live_updates import NO_UPDATE, Update
from tasks.models import ContentTask, Draft
from tasks.pipeline.text.body_images import names_in
from tasks.pipeline.text.words import word_count


def publish(draft: Draft, *, by: User, reason: str = "") -> Post:
    """Put the approved text online.

    Raises PermissionDenied, NotApproved, and what `require_publishable` raises.
    """
    require_permission(by)
    with _unless_another_is_faster(draft), transaction.atomic(), chain.batch():
        draft = locked_draft(draft)
        records, task = load_records(draft), draft.task
        approval = records.current_approval
        if approval is None or task.status != Status.APPROVED:
            raise NotApproved(
                f"This draft is {task.get_status_display().lower()}: "
                "only a text that has been approved, and not changed since, can be published."
            )
        post = Post.objects.get(pk=records.post_id) if records.post_id else Post(draft=draft)
        _copy(post, records, approval)
        if post.pk:
            post.revised_at = post.updated_at
        else:
            post.published_at = post.updated_at
        _show(post, records, by=by, reason=reason or f"published version {draft.version}")
        why = f"Published version {draft.version} at {post.get_absolute_url()}"
        if records.has_schedule:
            end_as_published(draft, why, by)
        task.move_to(Status.PUBLISHED, by=by, reason=why)
        chain.add([publication(Publication.PUBLISHED, post, by=by, reason=reason)])
    return post


def update_live(draft: Draft, *, by: User, kind: str, note: str = "", version: int | None = None) -> Post:
    """Replace the live text with the approved newer one, and record it in the log of corrections.

    `kind` and `note` are shown to readers, `version` is the one that was on the screen, if it is known. A
    repeated call changes nothing. Raises ValidationError for the note, and what `publish` raises.
    """
    require_permission(by)
    note = checked_note(kind, note)
    with _unless_another_is_faster(draft), transaction.atomic(), chain.batch():
        draft = locked_draft(draft)
        task = draft.task
        post = Post.objects.published().filter(draft=draft).first()
        if post and _is_done(post, draft, kind, note):
            return post
        records = load_records(draft)
        approval = _approval_of_update(records, version)
        assert post is not None, "a published task has a live post"
        correction = Correction(
            post=post, kind=kind, note=note, by=by, by_name=by.get_username(),
            from_version=post.version, from_sha256=post.content_sha256,
            to_version=draft.version, to_sha256=draft.content_sha256,
        )  # fmt: skip
        _copy(post, records, approval)
        post.changes += 1
        if kind != Correction.Kind.MINOR:
            post.revised_at = post.updated_at
        label = correction.get_kind_display()
        _show(post, records, by=by, reason=f"{label.lower()}: version {draft.version}")
        _log(correction, task)
        if records.has_schedule:
            end_as_published(draft, f"Version {draft.version} replaced the live text", by)
        chain.add([publication(Publication.UPDATED, post, by=by, reason=note or label)])
        task.move_update(Update.NONE, by=by, reason=note or label)
    return post


@transaction.atomic
@chain.batch()
def unpublish(post: Post, *, by: User, reason: str = "") -> Post:
    """Take a post off the site; its task is approved again. Raises PermissionDenied or TransitionRefused.

    With a newer text that is not approved it awaits that approval instead: the approved text is no longer
    the current one.
    """
    require_permission(by)
    task = ContentTask.objects.select_for_update().get(pk=post.draft.task_id)
    post = Post.objects.select_for_update().get(pk=post.pk)
    task.move_to(Status.APPROVED, by=by, reason=reason or "Unpublished", **NO_UPDATE)
    draft = Draft.objects.select_for_update().get(pk=post.draft_id)
    if not is_approved(draft):
        why = f"Version {draft.version} is newer than the one that was live, and not approved."
        task.move_to(Status.AWAITING_APPROVAL, by=by, reason=why)
    post.is_live = False
    post.updated_at = timezone.now()
    post._history_user = by
    post._change_reason = reason or "unpublished"
    post.save()
    chain.add([publication(Publication.UNPUBLISHED, post, by=by, reason=reason)])
    return post


def require_permission(by: User) -> None:
    if not by.has_perm("publishing.publish_post"):
        raise PermissionDenied("Only publishers can publish and unpublish.")


def _approval_of_update(records: PublicationRecords, version: int | None) -> Decision:
    draft, task = records.draft, records.draft.task
    if task.status != Status.PUBLISHED:
        raise NotApproved(
            f"This draft is {task.get_status_display().lower()}, not live: publish it without a correction."
        )
    if not task.update_state:
        raise NotApproved("There is no newer text than the live one.")
    approval = records.current_approval if task.update_state == Update.APPROVED else None
    if approval is None:
        raise NotApproved(
            f"Version {draft.version}, the newer text, is not approved: "
            f"{task.get_update_state_display().lower()}. Only a text that has been approved, and not changed "
            "since, can replace the live one."
        )
    if version not in {None, draft.version}:
        raise NotApproved(
            f"You saw version {version}, but version {draft.version} is approved now: review it first."
        )
    return approval


def _is_done(post: Post, draft: Draft, kind: str, note: str) -> bool:
    logged = post.corrections.filter(to_version=draft.version, kind=kind, note=note)
    return post.version == draft.version and logged.exists()


def _log(correction: Correction, task: ContentTask) -> None:
    correction.save()
    names = ("post_id", "kind", "note", "from_version", "from_sha256", "to_version", "to_sha256")
    chain.add(
        [
            chain.Fact(
                "correction.created",
                object_type="correction",
                object_id=correction.pk,
                task_id=task.pk,
                by=correction.by,
                data={name: getattr(correction, name) for name in names},
            )
        ]
    )


def _copy(post: Post, records: PublicationRecords, approval: Decision) -> None:
    """Give the post the draft's current text, without saving it."""
    draft = records.draft
    post.draft = draft
    for name in COPIED_FIELDS:
        setattr(post, name, getattr(draft, name))
    post.approval = approval
    post.body_html = body_html(post, language=draft.task.language)
    post.body_images = names_in(draft.body)
    post.words = word_count(plain_body(draft.body))
    post.language, post.is_page = draft.task.language, draft.task.is_page
    # Whether its files are intact is checked with everything else: see `_show`.
    post.cover = records.image
    post.author_id = records.authors.get(approval.actor_id)
    post.provenance = provenance.of(records, approval)
    categories = get_or_create(Category, [draft.category] if draft.category else [], records.categories)
    post.category = categories.get(draft.category)
    post.is_live = True
    post.updated_at = timezone.now()


def _show(post: Post, records: PublicationRecords, *, by: User, reason: str) -> None:
    """Save the copied text, its tags and redirects, and index it."""
    earlier, is_new = records.post_slug, records.post_id is None
    require_publishable_at_held_address(post.draft, records.image, earlier)
    post.feed_id = post.feed_id or absolute(path_of("page" if post.is_page else "post", earlier or post.slug))
    post._history_user = by
    post._change_reason = reason
    post.save()
    if earlier and earlier != post.slug:
        follow(post, earlier, by=by)
    tags = list(get_or_create(Tag, post.draft.tags, records.tags).values())
    _set_tags(post, tags, is_new=is_new)
    if not post.is_page:
        index_post(post)
        relate(post, tags, is_new=is_new)


def _set_tags(post: Post, tags: Sequence[Tag], *, is_new: bool) -> None:
    if not is_new:
        post.tags.set(tags)
        return
    tagged = Post.tags.through
    tagged.objects.bulk_create(tagged(post=post, tag=tag) for tag in {tag.pk: tag for tag in tags}.values())


@contextmanager
def _unless_another_is_faster(draft: Draft) -> Iterator[None]:
    """An address is left to the constraints in the end: another publication may take it at this moment."""
    try:
        yield
    except IntegrityError:
        require_publishable(Draft.objects.get(pk=draft.pk))
        raise
