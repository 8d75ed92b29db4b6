"""Publish an approved draft, update a live post, unpublish it. Each verb is one transaction."""

from __future__ import annotations

from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils import timezone

from approvals.audit import chain
from approvals.audit.publications import Publication, record_publication
from approvals.decisions import current_approval
from approvals.models import Decision
from approvals.rules import is_approved
from publishing import provenance
from publishing.addresses import absolute, path_of
from publishing.authors import author_of
from publishing.category_names import named
from publishing.errors import NotApproved
from publishing.models import COPIED_FIELDS, Category, Correction, Image, Post, Tag
from publishing.models.corrections import checked_note
from publishing.readiness import require_publishable
from publishing.redirects import follow, hold_addresses
from publishing.search import index_post
from publishing.similarity import relate
from tasks.lifecycle import Status
from tasks.live_updates import NO_UPDATE, Update
from tasks.models import ContentTask, Draft
from tasks.pipeline.text.markdown import plain_text, render


@transaction.atomic
def publish(draft: Draft, *, by: AbstractBaseUser, reason: str = "") -> Post:
    """Put the approved text online.

    Raises PermissionDenied, NotApproved, and what `require_publishable` raises.
    """
    require_permission(by)
    # The task first, then the draft: the order in which every writer takes them.
    task = ContentTask.objects.select_for_update().get(pk=draft.task_id)
    draft = Draft.objects.select_for_update().get(pk=draft.pk)
    draft.task = task
    approval = current_approval(draft)
    if approval is None or task.status != Status.APPROVED:
        raise NotApproved(
            f"This draft is {task.get_status_display().lower()}: "
            "only a text that has been approved, and not changed since, can be published."
        )
    post = _copy(Post.objects.filter(draft=draft).first() or Post(draft=draft), draft, approval)
    if post.pk:
        post.revised_at = post.updated_at
    else:
        post.published_at = post.updated_at
    _show(post, by=by, reason=reason or f"published version {draft.version}")
    task.move_to(
        Status.PUBLISHED, by=by, reason=f"Published version {draft.version} at {post.get_absolute_url()}"
    )
    record_publication(Publication.PUBLISHED, post, by=by, reason=reason)
    return post


@transaction.atomic
def update_live(
    draft: Draft, *, by: AbstractBaseUser, kind: str, note: str = "", version: int | None = None
) -> Post:
    """Replace the live text with the approved newer one, and record it in the log of corrections.

    `kind` and `note` are shown to readers, `version` is the one that was on the screen, if it is known. A
    repeated call changes nothing. Raises ValidationError for the note, and what `publish` raises.
    """
    require_permission(by)
    note = checked_note(kind, note)
    task = ContentTask.objects.select_for_update().get(pk=draft.task_id)
    draft = Draft.objects.select_for_update().get(pk=draft.pk)
    draft.task = task
    post = Post.objects.published().filter(draft=draft).first()
    if post and _is_done(post, draft, kind, note):
        return post
    approval = _approval_of_update(draft, version)
    assert post is not None, "a published task has a live post"
    correction = Correction(
        post=post, kind=kind, note=note, by=by, by_name=by.get_username(),
        from_version=post.version, from_sha256=post.content_sha256,
        to_version=draft.version, to_sha256=draft.content_sha256,
    )  # fmt: skip
    _copy(post, draft, approval)
    post.changes += 1
    if kind != Correction.Kind.MINOR:
        post.revised_at = post.updated_at
    _show(post, by=by, reason=f"{correction.get_kind_display().lower()}: version {draft.version}")
    _log(correction, task)
    record_publication(Publication.UPDATED, post, by=by, reason=note or correction.get_kind_display())
    task.move_update(Update.NONE, by=by, reason=note or correction.get_kind_display())
    return post


@transaction.atomic
def unpublish(post: Post, *, by: AbstractBaseUser, reason: str = "") -> Post:
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
    record_publication(Publication.UNPUBLISHED, post, by=by, reason=reason)
    return post


def require_permission(by: AbstractBaseUser) -> None:
    if not by.has_perm("publishing.publish_post"):  # type: ignore[attr-defined]
        raise PermissionDenied("Only publishers can publish and unpublish.")


def _approval_of_update(draft: Draft, version: int | None) -> Decision:
    task = draft.task
    if task.status != Status.PUBLISHED:
        raise NotApproved(
            f"This draft is {task.get_status_display().lower()}, not live: publish it without a correction."
        )
    if not task.update_state:
        raise NotApproved("There is no newer text than the live one.")
    approval = current_approval(draft) if task.update_state == Update.APPROVED else None
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
    chain.record(
        "correction.created",
        object_type="correction",
        object_id=correction.pk,
        task_id=task.pk,
        by=correction.by,
        data={name: getattr(correction, name) for name in names},
    )


def _show(post: Post, *, by: AbstractBaseUser, reason: str) -> None:
    """Save the copied text, its tags and redirects, and index it."""
    before = Post.objects.filter(pk=post.pk).values_list("slug", flat=True).first()
    hold_addresses(post.slug, before or post.slug)
    require_publishable(post.draft)
    post.feed_id = post.feed_id or absolute(path_of("post", before or post.slug))
    post._history_user = by
    post._change_reason = reason
    _save(post)
    if before and before != post.slug:
        follow(post, before, by=by)
    post.tags.set([named(Tag, name) for name in post.draft.tags])
    index_post(post)
    relate(post)


def _copy(post: Post, draft: Draft, approval: Decision) -> Post:
    """The post with the draft's current text, not saved."""
    post.draft = draft
    for name in COPIED_FIELDS:
        setattr(post, name, getattr(draft, name))
    post.approval = approval
    post.body_html = render(draft.body, draft.citations)
    post.words = len(plain_text(draft.body).split())
    post.language = draft.task.language
    # Whether its files are intact is checked with everything else: see `_show`.
    post.cover = Image.objects.filter(name=draft.cover_image).first() if draft.cover_image else None
    post.author = author_of(approval)
    post.provenance = provenance.of(draft, approval)
    post.category = named(Category, draft.category) if draft.category else None
    post.is_live = True
    post.updated_at = timezone.now()
    return post


def _save(post: Post) -> None:
    try:
        with transaction.atomic():
            post.save()
    except IntegrityError:
        # Left to the constraints: another publication may take the address at this very moment.
        require_publishable(post.draft)
        raise
