"""From an approved draft to a live post and back. Each verb is one transaction."""

from __future__ import annotations

import re
from itertools import chain, count

from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.validators import validate_unicode_slug
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.text import slugify

from approvals.decisions import current_approval
from approvals.models import Decision
from approvals.publications import Publication, record_publication
from publishing import making
from publishing.authors import author_of
from publishing.covers import approved_cover
from publishing.errors import NotApproved, SlugTaken, SlugUnusable
from publishing.models import Category, Post, Tag
from publishing.redirects import follow, hold_addresses, is_taken
from publishing.search import index_post
from publishing.similarity import relate
from tasks.lifecycle import Status
from tasks.markdown import plain_text, render
from tasks.models import ContentTask, Draft

COPIED = (
    "title",
    "slug",
    "summary",
    "body",
    "seo_title",
    "seo_description",
    "cover_image",
    "cover_alt",
    "cover_credit",
    "citations",
    "version",
    "content_sha256",
)


@transaction.atomic
def publish(draft: Draft, *, by: AbstractBaseUser, reason: str = "") -> Post:
    """Put the approved text online.

    Raises PermissionDenied, NotApproved, SlugUnusable, SlugTaken or ImageMissing.
    """
    require_permission(by)
    # The task first, then the draft: the order in which every writer takes them.
    task = ContentTask.objects.select_for_update().get(pk=draft.task_id)
    draft = Draft.objects.select_for_update().select_related("task").get(pk=draft.pk)
    approval = current_approval(draft)
    if approval is None or task.status != Status.APPROVED:
        raise NotApproved(
            f"This draft is {task.get_status_display().lower()}: "
            "only a text that an editor has approved, unchanged since, can be published."
        )
    before = Post.objects.filter(draft=draft).values_list("slug", flat=True).first()
    hold_addresses(draft.slug, before or draft.slug)
    post = _copy(draft, approval, task)
    post._history_user = by
    post._change_reason = reason or f"published version {draft.version}"
    _save(post)
    if before and before != post.slug:
        follow(post, before, by=by)
    post.tags.set([_named(Tag, name) for name in draft.tags])
    index_post(post)
    relate(post)
    task.move_to(
        Status.PUBLISHED, by=by, reason=f"Published version {draft.version} at {post.get_absolute_url()}"
    )
    record_publication(Publication.PUBLISHED, post, by=by, reason=reason)
    return post


@transaction.atomic
def unpublish(post: Post, *, by: AbstractBaseUser, reason: str = "") -> Post:
    """Take a post off the site; its task is approved again. Raises PermissionDenied or TransitionRefused."""
    require_permission(by)
    task = ContentTask.objects.select_for_update().get(pk=post.draft.task_id)
    post = Post.objects.select_for_update().get(pk=post.pk)
    task.move_to(Status.APPROVED, by=by, reason=reason or "Unpublished")
    post.is_live = False
    post.updated_at = timezone.now()
    post._history_user = by
    post._change_reason = reason or "unpublished"
    post.save()
    record_publication(Publication.UNPUBLISHED, post, by=by, reason=reason)
    return post


def require_permission(by: AbstractBaseUser) -> None:
    if not by.has_perm("publishing.publish_post"):  # type: ignore[attr-defined]
        raise PermissionDenied("Only publishers publish and unpublish.")


def check_address(draft: Draft) -> None:
    """Raise SlugUnusable or SlugTaken if the draft cannot go online under its slug."""
    try:
        validate_unicode_slug(draft.slug)
    except ValidationError:
        raise SlugUnusable(
            f"The slug {draft.slug!r} cannot be an address: use letters, digits, hyphens and underscores."
        ) from None
    if is_taken(draft.slug, draft):
        raise SlugTaken(_taken(draft.slug))


def _taken(slug: str) -> str:
    return f"Another post already has the address {slug}, or had it: edit the draft's slug."


def _copy(draft: Draft, approval: Decision, task: ContentTask) -> Post:
    check_address(draft)
    now = timezone.now()
    post = Post.objects.filter(draft=draft).first() or Post(draft=draft, published_at=now)
    for name in COPIED:
        setattr(post, name, getattr(draft, name))
    post.approval = approval
    post.body_html = render(draft.body, draft.citations)
    post.words = len(plain_text(draft.body).split())
    post.language = task.language
    post.cover = approved_cover(draft)
    post.author = author_of(approval)
    post.making = making.of(draft)
    post.category = _named(Category, draft.category) if draft.category else None
    post.is_live = True
    post.updated_at = now
    return post


def _save(post: Post) -> None:
    try:
        with transaction.atomic():
            post.save()
    except IntegrityError as error:
        # Left to the constraint: another publication may take the address at this very moment.
        if not Post.objects.filter(slug=post.slug).exclude(draft_id=post.draft_id).exists():
            raise
        raise SlugTaken(_taken(post.slug)) from error


def _named(model: type[Category] | type[Tag], name: str) -> Category | Tag:
    """The category or tag of this name, however its letters and gaps are written."""
    alike = model.objects.filter(slug__startswith=_slug(name))
    found = model.objects.filter(name__iexact=name).first() or next(
        (row for row in alike if spelling(row.name) == spelling(name)), None
    )
    return found or model.objects.get_or_create(name=name, defaults={"slug": _free_slug(model, name)})[0]


def spelling(name: str) -> str:
    return re.sub(r"[\s_-]+", " ", name).strip().casefold()


def _free_slug(model: type[Category] | type[Tag], name: str) -> str:
    """C++ and C# have the same letters: readers must still get the one that was approved."""
    slug = _slug(name)
    taken = set(model.objects.filter(slug__startswith=slug).values_list("slug", flat=True))
    numbered = (f"{slug}-{number}" for number in count(2))
    return next(free for free in chain([slug], numbered) if free not in taken)


def _slug(name: str) -> str:
    # Shorter than the column: one character may become many, and a number may follow.
    return (slugify(name) or slugify(name, allow_unicode=True) or "other")[:90]
