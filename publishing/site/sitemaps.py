"""What search engines may index, with the moment each page really changed: an index, and bounded maps.

Posts and tags are cut by ranges of their ids. An index of the database has the latest change in each range,
so that no map costs more when there are more posts, and their index only a step for each map.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from publishing.addresses import path_of
from publishing.models import POSTS_A_SITEMAP, Author, Category, Correction, Post
from publishing.site import archive

PAGES = 1000
"""Of each kind, at most."""

RANGES_OF_POSTS = """
SELECT number, (
    SELECT updated_at FROM publishing_post WHERE id / %(size)s = number ORDER BY updated_at DESC LIMIT 1
)
FROM generate_series(0, (SELECT max(id) / %(size)s FROM publishing_post)) AS number
WHERE EXISTS (
    SELECT FROM publishing_post
    WHERE is_live AND id BETWEEN number * %(size)s AND number * %(size)s + %(size)s - 1
)
"""
# The limit keeps the planner from joining all posts: the first one found of each tag will do.
USED = """LATERAL (
    SELECT FROM publishing_post_tags AS tagged JOIN publishing_post AS post ON post.id = tagged.post_id
    WHERE tagged.tag_id = tag.id AND post.is_live LIMIT 1
) AS used"""
RANGES_OF_TAGS = f"""
SELECT number FROM generate_series(0, (SELECT max(id) / %(size)s FROM publishing_tag)) AS number
WHERE EXISTS (
    SELECT FROM publishing_tag AS tag, {USED}
    WHERE tag.id BETWEEN number * %(size)s AND number * %(size)s + %(size)s - 1
)
"""
TAGS = f"""
SELECT tag.slug FROM publishing_tag AS tag, {USED} WHERE tag.id BETWEEN %(first)s AND %(last)s ORDER BY tag.id
"""
# What a category's or author's first page shows; a change of what is on a later page is no change of it.
FIRST_PAGES = """
SELECT owner.slug, (
    SELECT max(updated_at) FROM (
        SELECT updated_at FROM publishing_post WHERE is_live AND {column} = owner.id
        ORDER BY published_at DESC, id DESC LIMIT 20
    ) AS shown
)
FROM {table} AS owner
WHERE EXISTS (SELECT FROM publishing_post WHERE is_live AND {column} = owner.id) AND {condition}
ORDER BY owner.id DESC LIMIT {most}
"""


@dataclass(frozen=True)
class Entry:
    path: str
    changed_at: datetime | None = None
    """None where finding out would cost too much: no date is better than an invented one."""


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    maps = [Entry(path_of("sitemap-pages"), _home_changed_at())]
    maps += [Entry(path_of("sitemap-posts", number), at) for number, at in _rows(RANGES_OF_POSTS)]
    maps += [Entry(path_of("sitemap-tags", number)) for (number,) in _rows(RANGES_OF_TAGS)]
    return _xml(request, "publishing/sitemap_index.xml", maps)


@require_safe
def pages(request: HttpRequest) -> HttpResponse:
    return _xml(request, "publishing/sitemap.xml", _pages())


@require_safe
def posts(request: HttpRequest, number: int) -> HttpResponse:
    in_range = Post.objects.published().filter(id__range=_range(number)).order_by("id")
    return _xml(
        request,
        "publishing/sitemap.xml",
        [Entry(post.get_absolute_url(), post.updated_at) for post in in_range.only("slug", "updated_at")],
    )


@require_safe
def tags(request: HttpRequest, number: int) -> HttpResponse:
    first, last = _range(number)
    slugs = _rows(TAGS, first=first, last=last)
    return _xml(request, "publishing/sitemap.xml", [Entry(path_of("tag", slug)) for (slug,) in slugs])


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
    yield from _first_pages("category", Category, "category_id", "true")
    yield from _first_pages("author", Author, "author_id", "owner.is_public")


def _first_pages(
    view: str, model: type[Category] | type[Author], column: str, condition: str
) -> Iterator[Entry]:
    sql = FIRST_PAGES.format(table=model._meta.db_table, column=column, condition=condition, most=PAGES)
    for slug, changed_at in _rows(sql):
        yield Entry(path_of(view, slug), changed_at)


def _home_changed_at() -> datetime | None:
    shown = Post.objects.published().values_list("updated_at", flat=True)[:20]
    return max(shown, default=None)


def _range(number: int) -> tuple[int, int]:
    if number >= 10**12:
        raise Http404("There is no such map.")
    return number * POSTS_A_SITEMAP, (number + 1) * POSTS_A_SITEMAP - 1


def _rows(sql: str, **parameters: int) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(sql, {"size": POSTS_A_SITEMAP, **parameters})
        return cursor.fetchall()


def _xml(request: HttpRequest, template: str, entries: Iterable[Entry]) -> HttpResponse:
    found = list(entries)
    if not found:
        raise Http404("There is nothing in this map.")
    return render(request, template, {"entries": found}, content_type="application/xml")
