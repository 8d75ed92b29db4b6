"""The list *Published*: what readers see, saw or will see, its last correction, and the way to edit it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.contrib.auth.decorators import permission_required
from django.contrib.auth.models import User
from django.core.paginator import Paginator
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe

from publishing.models import Post, Redirect, Schedule
from publishing.models.corrections import Correction
from publishing.models.posts import LONG_FIELDS
from tasks.actor import actor
from tasks.finders import MAX_QUERY, matching, words_of

ROWS = 25


@dataclass(frozen=True)
class PublishedView:
    """One way to look at the list. `posts` narrows it down; the view of schedules lists no posts."""

    name: str
    title: str
    empty: str
    posts: Callable[[QuerySet[Post]], QuerySet[Post]] | None


def _corrected(posts: QuerySet[Post]) -> QuerySet[Post]:
    corrections = Correction.objects.filter(post=OuterRef("pk")).exclude(kind=Correction.Kind.MINOR)
    return posts.filter(Exists(corrections), changes__gt=0)


VIEWS = (
    PublishedView("live", "Live", "Nothing is live.", lambda posts: posts.filter(is_live=True)),
    PublishedView(
        "updated", "Updated since", "No live post was changed since it went online.",
        lambda posts: posts.filter(is_live=True, changes__gt=0),
    ),
    PublishedView(
        "corrected", "With corrections", "No post has a correction or an update in its log.", _corrected
    ),
    PublishedView(
        "withdrawn", "Withdrawn", "Nothing was withdrawn.", lambda posts: posts.filter(is_live=False)
    ),
    PublishedView("scheduled", "Scheduled", "Nothing is scheduled.", None),
)  # fmt: skip


@require_safe
@permission_required("publishing.view_post", raise_exception=True)
def published(request: HttpRequest) -> HttpResponse:
    chosen = next((view for view in VIEWS if view.name == request.GET.get("view")), VIEWS[0])
    query = " ".join(request.GET.get("q", "").replace("\0", " ")[:MAX_QUERY].split())
    rows = _posts(chosen, query) if chosen.posts else _schedules(query)
    page = Paginator(rows, ROWS).get_page(request.GET.get("page"))
    if chosen.posts:
        _add_last_corrections(page.object_list)
    others = request.GET.copy()
    others.pop("page", None)
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "title": "Published",
        "views": VIEWS,
        "view": chosen,
        "lists_posts": chosen.posts is not None,
        "search": query,
        "max_query": MAX_QUERY,
        "page": page,
        "query": f"{others.urlencode()}&" if others else "",
        "may_edit": may_edit_live(actor(request)),
    }
    return render(request, "desk/published.html", context)


def may_edit_live(user: User) -> bool:
    return user.has_perms(["tasks.view_draft", "tasks.change_draft", "tasks.change_live_draft"])


def _posts(view: PublishedView, query: str) -> QuerySet[Post]:
    assert view.posts
    posts = view.posts(Post.objects.all())
    words = words_of(query)
    if words:
        posts = matching(posts, words, "title", "slug").order_by("-published_at", "-pk")
    of_drafts = ("draft__body", "draft__citations", "draft__task__brief")
    return posts.select_related("category", "draft__task").defer(*LONG_FIELDS, *of_drafts)


def _schedules(query: str) -> QuerySet[Schedule]:
    schedules = Schedule.objects.open().select_related("draft").defer("draft__body", "draft__citations")
    words = words_of(query)
    return matching(schedules, words, "draft__title").order_by("publish_at") if words else schedules


def _add_last_corrections(posts: Any) -> None:
    """One query for all posts of the page."""
    ids = [post.pk for post in posts if post.changes]
    latest = Correction.objects.filter(post__in=ids).order_by("post_id", "-pk").distinct("post_id")
    by_post = {correction.post_id: correction for correction in latest} if ids else {}
    for post in posts:
        post.last_correction = by_post.get(post.pk)


@require_safe
def edit_post(request: HttpRequest, slug: str) -> HttpResponse:
    """From the address that readers see, or saw, to the editor."""
    post = Post.objects.filter(slug=slug).first()
    if post is None:
        post = get_object_or_404(Redirect.objects.select_related("post"), slug=slug).post
    return redirect("desk:edit", post.draft_id)
