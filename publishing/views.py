"""The public pages. None reads the session, so none sets a cookie or varies by one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.core.paginator import InvalidPage, Page, Paginator
from django.db.models import Exists, OuterRef, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.timezone import make_aware
from django.views.decorators.http import require_safe

from publishing import structured_data
from publishing.addresses import absolute
from publishing.models import Category, Post, Tag
from publishing.public_pages import public_page
from publishing.search import MAX_QUERY_CHARACTERS, hits, search
from publishing.search_words import clean

POSTS_A_PAGE = 20
HITS_A_PAGE = 10
MONTHS_SHOWN = 24

conditional = public_page


@require_safe
@conditional
def home(request: HttpRequest) -> HttpResponse:
    posts = Post.objects.published()
    context = {
        "structured_data": structured_data.of_site(),
        "categories": Category.objects.filter(Exists(posts.filter(category=OuterRef("pk")))),
        "months": posts.datetimes("published_at", "month", order="DESC")[:MONTHS_SHOWN],
    }
    return _list(request, posts, "publishing/home.html", context)


@require_safe
@conditional
def category(request: HttpRequest, slug: str) -> HttpResponse:
    found = get_object_or_404(Category, slug=slug)
    posts = Post.objects.published().filter(category=found)
    return _list(request, posts, "publishing/post_list.html", {"title": found.name, "kind": "Category"})


@require_safe
@conditional
def tag(request: HttpRequest, slug: str) -> HttpResponse:
    found = get_object_or_404(Tag, slug=slug)
    posts = Post.objects.published().filter(tags=found)
    return _list(request, posts, "publishing/post_list.html", {"title": found.name, "kind": "Tag"})


@require_safe
@conditional
def archive(request: HttpRequest, year: int, month: int) -> HttpResponse:
    try:
        start = make_aware(datetime(year, month, 1))
        end = make_aware(datetime(year + month // 12, month % 12 + 1, 1))
    except (ValueError, OverflowError):
        raise Http404("No such month.") from None
    posts = Post.objects.published().filter(published_at__gte=start, published_at__lt=end)
    return _list(request, posts, "publishing/post_list.html", {"title": f"{start:%B %Y}", "kind": "Archive"})


@require_safe
@conditional
def post(request: HttpRequest, slug: str) -> HttpResponse:
    published = Post.objects.published()
    found = (
        published.filter(slug=slug).select_related("category", "approval").prefetch_related("tags").first()
    )
    if found is None:
        return _gone_or_never_there(request, slug)
    context = {
        "post": found,
        "older": published.older_than(found).only("title", "slug").first(),
        "newer": published.newer_than(found).only("title", "slug").first(),
        "canonical": found.get_absolute_url(),
        "structured_data": structured_data.of_post(found),
    }
    return render(request, "publishing/post_detail.html", context)


@require_safe
def search_page(request: HttpRequest) -> HttpResponse:
    text = request.GET.get("q", "")
    shown = clean(text[:MAX_QUERY_CHARACTERS]).strip()
    found = search(text)
    page = _page(request, found.post_ids, HITS_A_PAGE)
    context = {
        "query": shown,
        "query_string": f"{urlencode({'q': shown})}&",
        "found": found,
        "page": page,
        "hits": hits(found, page.object_list) if found.post_ids else [],
        "newest": () if found.post_ids else Post.objects.published().for_lists()[:5],
    }
    return render(request, "publishing/search.html", context)


@require_safe
@conditional
def robots(request: HttpRequest) -> HttpResponse:
    hidden = [reverse("admin:index"), reverse("api-root"), reverse("search")]
    lines = [
        "User-agent: *",
        *(f"Disallow: {path}" for path in hidden),
        "",
        f"Sitemap: {absolute(reverse('sitemap'))}",
    ]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")


def _list(
    request: HttpRequest, posts: QuerySet[Post], template: str, context: dict[str, Any]
) -> HttpResponse:
    page = _page(request, posts.for_lists(), POSTS_A_PAGE)
    if not page.object_list and request.path != reverse("home"):
        raise Http404("Nothing is published here.")
    query = f"?page={page.number}" if page.number > 1 else ""
    return render(request, template, {"page": page, "canonical": request.path + query} | context)


def _page(request: HttpRequest, rows: Sequence[Any] | QuerySet[Any], size: int) -> Page[Any]:
    try:
        return Paginator(rows, size).page(request.GET.get("page", 1))
    except InvalidPage:
        raise Http404("There is no such page.") from None


def _gone_or_never_there(request: HttpRequest, slug: str) -> HttpResponse:
    if not Post.objects.filter(slug=slug).exists():
        raise Http404("No post has this address.")
    return render(request, "publishing/gone.html", status=410)
