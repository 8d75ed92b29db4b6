"""What search engines may index, with the moment each page really changed: an index, and bounded maps.

Posts and tags are cut by ranges of their ids. An index of the database has the latest change in each range,
so that no map costs more when there are more posts, and their index only a step for each map.
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
from publishing.site import archive
from publishing.site.statements import Given, Statement

PAGES = 1000
"""Of each kind, at most."""
SHOWN = 20
"""Posts on the first page of a list."""
XML = '<?xml version="1.0" encoding="UTF-8"?>\n<{root} xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n'

# One look at an index for a map: the post that changed last is mostly live, which proves that one is.
RANGES_OF_POSTS = f"""
SELECT number, latest.updated_at
FROM generate_series(0, (SELECT max(id) / {POSTS_A_SITEMAP} FROM publishing_post)) AS number
CROSS JOIN LATERAL (
    SELECT updated_at, is_live FROM publishing_post
    WHERE id / {POSTS_A_SITEMAP} = number ORDER BY updated_at DESC LIMIT 1
) AS latest
WHERE latest.is_live OR EXISTS (
    SELECT FROM publishing_post WHERE is_live AND id / {POSTS_A_SITEMAP} = number
)
"""
# The limit keeps the planner from joining all posts: the first one found of each tag will do.
USED = """LATERAL (
    SELECT FROM publishing_post_tags AS tagged JOIN publishing_post AS post ON post.id = tagged.post_id
    WHERE tagged.tag_id = tag.id AND post.is_live LIMIT 1
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
# What a category's or author's first page shows; a change of what is on a later page is no change of it.
FIRST_PAGES = """
SELECT owner.slug, (
    SELECT max(updated_at) FROM (
        SELECT updated_at FROM publishing_post WHERE is_live AND {column} = owner.id
        ORDER BY published_at DESC, id DESC LIMIT {shown}
    ) AS shown
)
FROM {table} AS owner
WHERE EXISTS (SELECT FROM publishing_post WHERE is_live AND {column} = owner.id) AND {condition}
ORDER BY owner.id DESC LIMIT {most}
"""
CATEGORIES = FIRST_PAGES.format(
    table=Category._meta.db_table, column="category_id", condition="true", shown=SHOWN, most=PAGES
)
AUTHORS = FIRST_PAGES.format(
    table=Author._meta.db_table, column="author_id", condition="owner.is_public", shown=SHOWN, most=PAGES
)


class Entry(NamedTuple):
    path: str
    changed_at: datetime | None = None
    """None where finding out would cost too much: no date is better than an invented one."""


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    maps = [Entry(path_of("sitemap-pages"), _home_changed_at())]
    maps += [Entry(path_of("sitemap-posts", number), at) for number, at in _RANGES_OF_POSTS.rows()]
    maps += [Entry(path_of("sitemap-tags", number)) for (number,) in _RANGES_OF_TAGS.rows()]
    return _xml("sitemapindex", "sitemap", maps)


@require_safe
def pages(request: HttpRequest) -> HttpResponse:
    return _xml("urlset", "url", _pages())


@require_safe
def posts(request: HttpRequest, number: int) -> HttpResponse:
    first, last = _range(number)
    path = paths_of("post")
    found = _posts().rows(first=first, last=last)
    return _xml("urlset", "url", [Entry(path(slug), changed_at) for slug, changed_at in found])


@require_safe
def tags(request: HttpRequest, number: int) -> HttpResponse:
    first, last = _range(number)
    path = paths_of("tag")
    return _xml("urlset", "url", [Entry(path(slug)) for (slug,) in _TAGS.rows(first=first, last=last)])


def _pages() -> Iterator[Entry]:
    changed_at = _home_changed_at()
    yield Entry(path_of("home"), changed_at)
    yield Entry(path_of("about"))
    newest = Correction.objects.public().values_list("at", flat=True).first()
    if newest:
        yield Entry(path_of("corrections"), newest)
    if changed_at:
        yield Entry(path_of("archives"))
    for month in archive.months():
        yield Entry(path_of("archive", month.year, month.month))
    for view, statement in (("category", _CATEGORIES), ("author", _AUTHORS)):
        for slug, changed_at in statement.rows():
            yield Entry(path_of(view, slug), changed_at)


FIRST, LAST = (Given(name, BigAutoField()) for name in ("first", "last"))
_RANGES_OF_POSTS, _RANGES_OF_TAGS = Statement.of_sql(RANGES_OF_POSTS), Statement.of_sql(RANGES_OF_TAGS)
_TAGS = Statement.of_sql(TAGS, FIRST, LAST)
_CATEGORIES, _AUTHORS = Statement.of_sql(CATEGORIES), Statement.of_sql(AUTHORS)


@cache
def _posts() -> Statement:
    bounds = {"pk__gte": Given("first", BigAutoField()), "pk__lte": Given("last", BigAutoField())}
    return Statement(
        Post.objects.published().filter(**bounds).order_by("pk").values_list("slug", "updated_at")
    )


@cache
def _newest() -> Statement:
    return Statement(Post.objects.published().values_list("updated_at")[:SHOWN])


def _home_changed_at() -> datetime | None:
    return max((changed_at for (changed_at,) in _newest().rows()), default=None)


def _range(number: int) -> tuple[int, int]:
    if number >= 10**12:
        raise Http404("There is no such map.")
    return number * POSTS_A_SITEMAP, (number + 1) * POSTS_A_SITEMAP - 1


def _xml(root: str, each: str, entries: Iterable[Entry]) -> HttpResponse:
    """Put together here: of a thousand entries, a template makes ten times the work."""
    site = escape(absolute(""))
    found = [
        # A path is quoted, so no character in it means anything to XML.
        f"<{each}><loc>{site}{path}</loc>{_lastmod(changed_at)}</{each}>\n"
        for path, changed_at in entries
    ]
    if not found:
        raise Http404("There is nothing in this map.")
    body = f"{XML.format(root=root)}{''.join(found)}</{root}>\n"
    return HttpResponse(body, content_type="application/xml")


def _lastmod(moment: datetime | None) -> str:
    return f"<lastmod>{moment.isoformat(timespec='seconds')}</lastmod>" if moment else ""
