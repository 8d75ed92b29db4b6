"""Sitemaps: what search engines may index, with the time of each page's last real change.

A sitemap of posts or tags covers a range of ids. A database index has the latest change in each range, so
that no sitemap costs more when there are more posts, and the sitemap index takes one lookup for each.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from functools import cache
from typing import NamedTuple

from django.db.models import BigAutoField
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.html import escape
from django.views.decorators.http import require_safe

from publishing.addresses import absolute, path_of, paths_of
from publishing.models import POSTS_A_SITEMAP, Author, Category, Correction, Post
from publishing.pages import live_pages
from publishing.site import archive_months
from tasks.prepared_queries import Parameter, PreparedQuery

PAGES = 1000
"""Of each kind, at most."""
SHOWN = 20
"""Posts on the first page of a list."""
XML = '<?xml version="1.0" encoding="UTF-8"?>\n<{root} xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n'

# One index lookup for each sitemap: usually the post that changed last is live, so that the range has one.
RANGES_OF_POSTS = f"""
SELECT number, latest.updated_at
FROM generate_series(0, (SELECT max(id) / {POSTS_A_SITEMAP} FROM publishing_post)) AS number
CROSS JOIN LATERAL (
    SELECT updated_at, is_live FROM publishing_post
    WHERE id / {POSTS_A_SITEMAP} = number AND NOT is_page ORDER BY updated_at DESC LIMIT 1
) AS latest
WHERE latest.is_live OR EXISTS (
    SELECT FROM publishing_post WHERE is_live AND NOT is_page AND id / {POSTS_A_SITEMAP} = number
)
"""
# The limit keeps the planner from joining all posts: the first post found for each tag is enough.
USED = """LATERAL (
    SELECT FROM publishing_post_tags AS tagged JOIN publishing_post AS post ON post.id = tagged.post_id
    WHERE tagged.tag_id = tag.id AND post.is_live AND NOT post.is_page LIMIT 1
) AS used"""
RANGES_OF_TAGS = f"""
SELECT number FROM generate_series(0, (SELECT max(id) / {POSTS_A_SITEMAP} FROM publishing_tag)) AS number
WHERE EXISTS (
    SELECT FROM publishing_tag AS tag, {USED}
    WHERE tag.id BETWEEN number * {POSTS_A_SITEMAP} AND number * {POSTS_A_SITEMAP} + {POSTS_A_SITEMAP} - 1
)
"""
TAGS = f"""
SELECT tag.slug FROM publishing_tag AS tag, {USED} WHERE tag.id BETWEEN %s AND %s ORDER BY tag.id
"""
# Of the first page of a category or author: a change on a later page is not a change of it.
FIRST_PAGES = """
SELECT owner.slug, (
    SELECT max(updated_at) FROM (
        SELECT updated_at FROM publishing_post WHERE is_live AND NOT is_page AND {column} = owner.id
        ORDER BY published_at DESC, id DESC LIMIT {shown}
    ) AS shown
)
FROM {table} AS owner
WHERE {condition}
    AND EXISTS (SELECT FROM publishing_post WHERE is_live AND NOT is_page AND {column} = owner.id)
ORDER BY owner.id DESC LIMIT {most}
"""
CATEGORIES = FIRST_PAGES.format(
    table=Category._meta.db_table, column="category_id", condition="true", shown=SHOWN, most=PAGES
)
AUTHORS = FIRST_PAGES.format(
    table=Author._meta.db_table, column="author_id", condition="owner.is_public", shown=SHOWN, most=PAGES
)


class SitemapEntry(NamedTuple):
    path: str
    changed_at: datetime | None = None
    """None where finding it would cost too much: no date is better than an invented one."""


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    maps = [SitemapEntry(path_of("sitemap-pages"), _home_changed_at())]
    maps += [SitemapEntry(path_of("sitemap-posts", number), at) for number, at in _RANGES_OF_POSTS.rows()]
    maps += [SitemapEntry(path_of("sitemap-tags", number)) for (number,) in _RANGES_OF_TAGS.rows()]
    return _xml("sitemapindex", "sitemap", maps)


@require_safe
def pages(request: HttpRequest) -> HttpResponse:
    return _xml("urlset", "url", _pages())


@require_safe
def posts(request: HttpRequest, number: int) -> HttpResponse:
    first, last = _range(number)
    path = paths_of("post")
    found = _posts().rows(first=first, last=last)
    return _xml("urlset", "url", [SitemapEntry(path(slug), changed_at) for slug, changed_at in found])


@require_safe
def tags(request: HttpRequest, number: int) -> HttpResponse:
    first, last = _range(number)
    path = paths_of("tag")
    return _xml("urlset", "url", [SitemapEntry(path(slug)) for (slug,) in _TAGS.rows(first=first, last=last)])


def _pages() -> Iterator[SitemapEntry]:
    changed_at = _home_changed_at()
    yield SitemapEntry(path_of("home"), changed_at)
    yield SitemapEntry(path_of("about"))
    for page in live_pages():
        yield SitemapEntry(page.get_absolute_url(), page.updated_at)
    newest = Correction.objects.public().values_list("at", flat=True).first()
    if newest:
        yield SitemapEntry(path_of("corrections"), newest)
    if changed_at:
        yield SitemapEntry(path_of("archives"))
    for month in archive_months.months():
        yield SitemapEntry(path_of("archive", month.first_day.year, month.first_day.month))
    for view, statement in (("category", _CATEGORIES), ("author", _AUTHORS)):
        for slug, changed_at in statement.rows():
            yield SitemapEntry(path_of(view, slug), changed_at)


FIRST, LAST = (Parameter(name, BigAutoField()) for name in ("first", "last"))
_RANGES_OF_POSTS, _RANGES_OF_TAGS = (
    PreparedQuery.of_sql(RANGES_OF_POSTS),
    PreparedQuery.of_sql(RANGES_OF_TAGS),
)
_TAGS = PreparedQuery.of_sql(TAGS, FIRST, LAST)
_CATEGORIES, _AUTHORS = PreparedQuery.of_sql(CATEGORIES), PreparedQuery.of_sql(AUTHORS)


@cache
def _posts() -> PreparedQuery:
    bounds = {"pk__gte": Parameter("first", BigAutoField()), "pk__lte": Parameter("last", BigAutoField())}
    return PreparedQuery(
        Post.objects.published().articles().filter(**bounds).order_by("pk").values_list("slug", "updated_at")
    )


@cache
def _newest() -> PreparedQuery:
    return PreparedQuery(Post.objects.published().articles().values_list("updated_at")[:SHOWN])


def _home_changed_at() -> datetime | None:
    return max((changed_at for (changed_at,) in _newest().rows()), default=None)


def _range(number: int) -> tuple[int, int]:
    if number >= 10**12:
        raise Http404("There is no such sitemap.")
    return number * POSTS_A_SITEMAP, (number + 1) * POSTS_A_SITEMAP - 1


def _xml(root: str, each: str, entries: Iterable[SitemapEntry]) -> HttpResponse:
    """Formatted here: for a thousand entries, a template takes ten times as long."""
    site = escape(absolute(""))
    found = [
        # A path is percent-encoded, so it needs no escaping for XML.
        f"<{each}><loc>{site}{path}</loc>{_lastmod(changed_at)}</{each}>\n"
        for path, changed_at in entries
    ]
    if not found:
        raise Http404("This sitemap is empty.")
    body = f"{XML.format(root=root)}{''.join(found)}</{root}>\n"
    return HttpResponse(body, content_type="application/xml")


def _lastmod(moment: datetime | None) -> str:
    return f"<lastmod>{moment.isoformat(timespec='seconds')}</lastmod>" if moment else ""
