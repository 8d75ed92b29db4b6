"""Facets of search results, the filters that readers choose from them, and the sort order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from enum import StrEnum

from django.db import connection
from django.db.models import Q, QuerySet
from django.utils.timezone import get_default_timezone_name

from publishing.models import Post
from publishing.search.cache import cached
from tasks.naming import slugs_of

VALUES_A_FACET = 8

FACETS = """
WITH found AS (
    SELECT id, category_id, author_id, extract(year FROM published_at AT TIME ZONE %(zone)s)::text AS year
    FROM publishing_post WHERE id = ANY (%(ids)s)
), counted AS (
    SELECT 'category' AS facet, slug, name, count(*) AS posts
    FROM found JOIN publishing_category AS category ON category.id = category_id GROUP BY slug, name
    UNION ALL
    SELECT 'tag', slug, name, count(*)
    FROM found JOIN publishing_post_tags AS tagged ON tagged.post_id = found.id
    JOIN publishing_tag AS tag ON tag.id = tagged.tag_id GROUP BY slug, name
    UNION ALL
    SELECT 'author', slug, name, count(*)
    FROM found JOIN publishing_author AS author ON author.id = author_id AND author.is_public
    GROUP BY slug, name
    UNION ALL
    SELECT 'year', year, year, count(*) FROM found GROUP BY year
)
SELECT facet, slug, name, posts FROM counted
ORDER BY CASE WHEN facet = 'year' THEN slug END DESC, posts DESC, slug
"""


class Sort(StrEnum):
    BEST = "best"
    NEWEST = "newest"


@dataclass(frozen=True)
class SearchFilters:
    """Slugs or names, and a year; an empty one filters nothing."""

    category: str = ""
    tag: str = ""
    year: str = ""
    author: str = ""

    @classmethod
    def from_query(cls, query: Mapping[str, str]) -> SearchFilters:
        """From query parameters. A value that is no year or slug matches no post, and raises nothing."""
        return cls(**{field.name: query.get(field.name, "")[:100].replace("\0", "") for field in fields(cls)})

    def __bool__(self) -> bool:
        return bool(self.active())

    def active(self) -> dict[str, str]:
        return {field.name: value for field in fields(self) if (value := getattr(self, field.name))}

    def apply(self, posts: QuerySet[Post]) -> QuerySet[Post]:
        condition = Q()
        if self.category:
            condition &= Q(category__slug__in=slugs_of(self.category, otherwise="category"))
        if self.tag:
            condition &= Q(tags__slug__in=slugs_of(self.tag, otherwise="tag"))
        if self.author:
            condition &= Q(author__slug__in=slugs_of(self.author, otherwise="author"), author__is_public=True)
        if self.year:
            if not (self.year.isascii() and self.year.isdigit() and 1 <= int(self.year) <= 9998):
                return posts.none()
            condition &= Q(published_at__year=int(self.year))
        return posts.filter(condition)


@dataclass(frozen=True)
class FacetValue:
    value: str
    name: str
    posts: int


@dataclass(frozen=True)
class Facet:
    name: str
    values: list[FacetValue]


def filter_posts(post_ids: list[int], filters: SearchFilters, sort: Sort) -> list[int]:
    """Those of the posts that the filters match, sorted."""
    if not post_ids or not (filters or sort is Sort.NEWEST):
        return post_ids
    posts = filters.apply(Post.objects.published().filter(pk__in=post_ids))
    if sort is Sort.NEWEST:
        newest = posts.order_by("-published_at", "-id").values_list("id", flat=True)
        return list(dict.fromkeys(newest))  # a post may have two tags of one name
    matching = set(posts.order_by().values_list("id", flat=True))
    return [pk for pk in post_ids if pk in matching]


def facets(post_ids: list[int]) -> list[Facet]:
    """By category, tag, year and author; without facets that have one value only."""
    return cached("facets", post_ids, lambda: _facets(post_ids)) if len(post_ids) > 1 else []


def _facets(post_ids: list[int]) -> list[Facet]:
    with connection.cursor() as cursor:
        cursor.execute(FACETS, {"ids": post_ids, "zone": get_default_timezone_name()})
        rows = cursor.fetchall()
    found = [
        Facet(field.name, [FacetValue(*row[1:]) for row in rows if row[0] == field.name][:VALUES_A_FACET])
        for field in fields(SearchFilters)
    ]
    return [facet for facet in found if len(facet.values) > 1]
