"""The public pages. None reads the session, so none sets a cookie or varies by one."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import resolve, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from publishing.addresses import path_of
from publishing.errors import Withdrawn
from publishing.models import Author, Category, Tag
from publishing.pages import live_pages
from publishing.redirects import current_slug
from publishing.site import archive_months, queries, structured_data
from publishing.site.edit_link import edit_link, private_with_session
from publishing.site.paging import paginate
from publishing.site.public_pages import public_page
from publishing.site.queries import Listing
from tasks import localized_dates

CATEGORIES_ON_FRONT, CATEGORIES_IN_ARCHIVE = 12, 500


@require_safe
@public_page
def home(request: HttpRequest) -> HttpResponse:
    context = {
        "structured_data": structured_data.of_site(),
        "categories": queries.categories_in_use(CATEGORIES_ON_FRONT),
    }
    return _list(request, Listing(queries.all_posts), "publishing/home.html", context)


@require_safe
@public_page
def category(request: HttpRequest, slug: str) -> HttpResponse:
    found = get_object_or_404(Category, slug=slug)
    return _group(request, found, _("Category"), Listing(queries.of_category, group=found.pk))


@require_safe
@public_page
def tag(request: HttpRequest, slug: str) -> HttpResponse:
    found = get_object_or_404(Tag, slug=slug)
    return _group(request, found, _("Tag"), Listing(queries.of_tag, group=found.pk))


@require_safe
@public_page
def author(request: HttpRequest, slug: str) -> HttpResponse:
    found = get_object_or_404(Author, slug=slug, is_public=True)
    context = {
        "author": found,
        "structured_data": structured_data.of_author(found),
        "feeds": found.get_absolute_url(),
        "title": found.name,
    }
    posts = Listing(queries.of_author, group=found.pk)
    return _list(request, posts, "publishing/author.html", context)


@require_safe
@public_page
def archives(request: HttpRequest) -> HttpResponse:
    months = archive_months.months()
    years = [(year, list(found)) for year, found in groupby(months, key=lambda month: month.first_day.year)]
    context = {
        "years": years,
        "categories": queries.categories_in_use(CATEGORIES_IN_ARCHIVE),
        "canonical": request.path,
        "structured_data": structured_data.of_page(_("Archive"), request.path),
    }
    return render(request, "publishing/archives.html", context)


@require_safe
@public_page
def archive(request: HttpRequest, year: int, month: int) -> HttpResponse:
    try:
        start, end = archive_months.bounds(year, month)
    except ValueError:
        raise Http404("No such month.") from None
    posts = Listing(queries.between, start=start, end=end)
    title = localized_dates.month(start)
    context = {
        "title": title,
        "kind": _("Archive"),
        "is_archive": True,
        "structured_data": structured_data.of_page(title, request.path, (_("Archive"), reverse("archives"))),
    }
    return _list(request, posts, "publishing/post_list.html", context)


@require_safe
@public_page
def about(request: HttpRequest) -> HttpResponse:
    context = {"canonical": request.path, "structured_data": structured_data.of_about()}
    return render(request, "publishing/about.html", context)


@require_safe
@public_page
def post(request: HttpRequest, slug: str) -> HttpResponse:
    found = queries.post_page(slug)
    if found is None:
        return moved_or_gone(request, slug)
    context = {
        "article": found,
        "post": found.post,
        "edit_link": edit_link(request, found.post),
        "canonical": found.post.get_absolute_url(),
        "structured_data": structured_data.of_post(found.post, [tag.text for tag in found.tags]),
    }
    return private_with_session(request, render(request, "publishing/post_detail.html", context))


@require_safe
@public_page
def page(request: HttpRequest, slug: str) -> HttpResponse:
    """A page such as the imprint: approved as posts are, and in no list."""
    found = live_pages().filter(slug=slug).select_related("cover").first()
    if found is None:
        return moved_or_gone(request, slug, "page")
    path = found.get_absolute_url()
    context = {
        "post": found,
        "edit_link": edit_link(request, found),
        "canonical": path,
        "structured_data": structured_data.of_page(found.title, path, kind="WebPage"),
    }
    return private_with_session(request, render(request, "publishing/page.html", context))


@require_safe
@public_page
def page_without_slash(request: HttpRequest, slug: str) -> HttpResponse:
    """The redirect that Django makes for an address without its slash, but not to where there is nothing."""
    target = f"{request.path}/"
    if resolve(target).url_name == "page" and not live_pages().filter(slug=slug).exists():
        return moved_or_gone(request, slug, "page")
    return HttpResponsePermanentRedirect(target)


def _group(request: HttpRequest, group: Category | Tag, kind: str, posts: Listing) -> HttpResponse:
    context = {
        "title": group.name,
        "kind": kind,
        "feeds": group.get_absolute_url(),
        "structured_data": structured_data.of_page(group.name, group.get_absolute_url()),
    }
    return _list(request, posts, "publishing/post_list.html", context)


def _list(request: HttpRequest, posts: Listing, template: str, context: dict[str, Any]) -> HttpResponse:
    page = paginate(posts, request.GET)
    if not page.posts and request.path != reverse("home"):
        raise Http404("Nothing is published here.")
    return render(request, template, {"page": page, "canonical": request.path + page.here} | context)


def moved_or_gone(request: HttpRequest, slug: str, page: str = "post") -> HttpResponse:
    """For an address that no live post has: 301 if one had it, 410 if it was withdrawn, or 404."""
    try:
        return HttpResponsePermanentRedirect(path_of(page, current_slug(slug, is_page=page == "page")))
    except Withdrawn:
        return render(request, "publishing/gone.html", status=410)
