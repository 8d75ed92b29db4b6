"""What found posts have in common, to go on with fewer of them, and the order they are shown in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from enum import StrEnum

from django.db import connection
from django.db.models import Q, QuerySet
from django.utils.timezone import get_default_timezone_name

from publishing.models import Post
from publishing.search.cache import kept

CHOICES = 8

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
class Narrowing:
    """Slugs, and a year; each empty where it does not matter."""

    category: str = ""
    tag: str = ""
    year: str = ""
    author: str = ""

    @classmethod
    def read(cls, asked: Mapping[str, str]) -> Narrowing:
        """From an address. What cannot be a year or a slug narrows to nothing, and raises nothing."""
        return cls(**{field.name: asked.get(field.name, "")[:100].replace("\0", "") for field in fields(cls)})

    def __bool__(self) -> bool:
        return bool(self.chosen())

    def chosen(self) -> dict[str, str]:
        return {field.name: value for field in fields(self) if (value := getattr(self, field.name))}

    def apply(self, posts: QuerySet[Post]) -> QuerySet[Post]:
        condition = Q()
        if self.category:
            condition &= Q(category__slug=self.category)
        if self.tag:
            condition &= Q(tags__slug=self.tag)
        if self.author:
            condition &= Q(author__slug=self.author, author__is_public=True)
        if self.year:
            if not (self.year.isascii() and self.year.isdigit() and 1 <= int(self.year) <= 9998):
                return posts.none()
            condition &= Q(published_at__year=int(self.year))
        return posts.filter(condition)


@dataclass(frozen=True)
class Choice:
    value: str
    name: str
    posts: int


@dataclass(frozen=True)
class Facet:
    name: str
    choices: list[Choice]


def narrowed(post_ids: list[int], narrowing: Narrowing, sort: Sort) -> list[int]:
    """Those of the posts that are meant, in the order that is asked for."""
    if not post_ids or not (narrowing or sort is Sort.NEWEST):
        return post_ids
    posts = narrowing.apply(Post.objects.published().filter(pk__in=post_ids))
    if sort is Sort.NEWEST:
        return list(posts.order_by("-published_at", "-id").values_list("id", flat=True))
    kept = set(posts.order_by().values_list("id", flat=True))
    return [pk for pk in post_ids if pk in kept]


def facets(post_ids: list[int]) -> list[Facet]:
    """By category, tag, year and author; without those in which all found posts are the same."""
    return kept("facets", post_ids, lambda: _facets(post_ids)) if len(post_ids) > 1 else []


def _facets(post_ids: list[int]) -> list[Facet]:
    with connection.cursor() as cursor:
        cursor.execute(FACETS, {"ids": post_ids, "zone": get_default_timezone_name()})
        rows = cursor.fetchall()
    found = [
        Facet(field.name, [Choice(*row[1:]) for row in rows if row[0] == field.name][:CHOICES])
        for field in fields(Narrowing)
    ]
    return [facet for facet in found if len(facet.choices) > 1]
