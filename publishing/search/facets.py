"""Facets of search results, and the filters that readers choose from them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.utils.timezone import get_current_timezone, get_current_timezone_name, make_aware

from tasks.naming import slugs_of

VALUES_A_FACET = 8
MAX_FILTER_CHARACTERS = 100
FIRST_YEAR, LAST_YEAR = 1, 9998

CONDITIONS = {
    "category": "posts.category_id IN (SELECT id FROM publishing_category WHERE slug = ANY (%(category)s))",
    "tag": "posts.id IN (SELECT tagged.post_id FROM publishing_post_tags AS tagged"
    " JOIN publishing_tag AS tag ON tag.id = tagged.tag_id WHERE tag.slug = ANY (%(tag)s))",
    "author": "posts.author_id IN"
    " (SELECT id FROM publishing_author WHERE is_public AND slug = ANY (%(author)s))",
    "year": "posts.published_at >= %(year_begins_at)s AND posts.published_at < %(year_ends_at)s",
}
"""Of each filter, in SQL: what it asks of `posts`."""

COUNTS = {
    "category": "SELECT slug, name, amount FROM"
    " (SELECT category_id, count(*) AS amount FROM {posts} GROUP BY category_id) AS counted"
    " JOIN publishing_category AS category ON category.id = category_id",
    "tag": "SELECT slug, name, amount FROM"
    " (SELECT tag_id, count(*) AS amount FROM {posts} JOIN publishing_post_tags ON post_id = posts.id"
    " GROUP BY tag_id) AS counted"
    " JOIN publishing_tag AS tag ON tag.id = tag_id",
    "year": "SELECT year AS slug, year AS name, amount FROM"
    " (SELECT extract(year FROM published_at AT TIME ZONE %(zone)s)::text AS year, count(*) AS amount"
    " FROM {posts} GROUP BY year) AS counted",
    "author": "SELECT slug, name, amount FROM"
    " (SELECT author_id, count(*) AS amount FROM {posts} GROUP BY author_id) AS counted"
    " JOIN publishing_author AS author ON author.id = author_id AND author.is_public",
}
"""Of each facet, in SQL: its values and how many of `{posts}` have each. In the order of the page."""

BY_VALUE = {"year"}
"""Facets whose values are in their own order, the highest first, and not the commonest first."""


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
        return cls(
            **{
                field.name: query.get(field.name, "")[:MAX_FILTER_CHARACTERS].replace("\0", "")
                for field in fields(cls)
            }
        )

    def __bool__(self) -> bool:
        return bool(self.active())

    def active(self) -> dict[str, str]:
        return {field.name: value for field in fields(self) if (value := getattr(self, field.name))}

    def condition(self, *, without: str = "") -> str:
        """In SQL, what the filters ask of `posts`; `without` names one that is left out."""
        return " AND ".join(CONDITIONS[name] for name in self.active() if name != without) or "true"

    def parameters(self) -> dict[str, Any]:
        """Of the SQL of filters and facets."""
        begins, ends = _span(self.year)
        slugs = {name: slugs_of(value, otherwise=name) for name, value in self.active().items()}
        return {
            **slugs,
            "chosen_year": str(int(self.year)) if is_year(self.year) else self.year,
            "year_begins_at": begins,
            "year_ends_at": ends,
            "zone": get_current_timezone_name(),
        }


@dataclass(frozen=True)
class FacetValue:
    value: str
    name: str
    posts: int


@dataclass(frozen=True)
class Facet:
    name: str
    values: list[FacetValue]
    is_about: bool = False
    """Whether the numbers of posts are estimated."""


def counts(filters: SearchFilters, posts: str) -> str:
    """SQL: rows (facet, value, name, amount) of the posts of this table, or expression of a query.

    Each facet counts what its values would leave of them if one were chosen instead of its present one, so
    that it shows as many results as it said.
    """
    return " UNION ALL ".join(
        f"(SELECT '{name}', slug, name, amount FROM ({_of_matching(name, filters, posts)}) AS {name}"
        f" ORDER BY {_chosen_first(name, filters)} {_order(name)} LIMIT {VALUES_A_FACET})"
        for name in COUNTS
    )


def facets(
    rows: Iterable[tuple[str, str, str, int]], filters: SearchFilters, scale: float = 1
) -> list[Facet]:
    """From rows of `counts`, multiplied by `scale`; without facets that leave no choice."""
    found: dict[str, list[FacetValue]] = {name: [] for name in COUNTS}
    for facet, value, name, amount in rows:
        found[facet].append(FacetValue(value, name, rounded(amount * scale, scale != 1)))
    active = filters.active()
    return [
        Facet(name, _sorted(name, values), is_about=scale != 1)
        for name, values in found.items()
        if len(values) > 1 or (values and name in active)
    ]


def rounded(number: float, is_about: bool) -> int:
    """An estimate has two digits, so that it looks like one."""
    whole = round(number)
    return whole if not is_about or whole < 100 else round(whole, 2 - len(str(whole)))


def _of_matching(name: str, filters: SearchFilters, posts: str) -> str:
    condition = filters.condition(without=name)
    matching = f"(SELECT * FROM {posts} AS posts WHERE {condition}) AS posts"
    return COUNTS[name].format(posts=matching)


def _chosen_first(name: str, filters: SearchFilters) -> str:
    """What is chosen is always shown, however few posts have it."""
    if name not in filters.active():
        return ""
    return "slug <> %(chosen_year)s," if name == "year" else f"slug <> ALL (%({name})s),"


def _order(name: str) -> str:
    return "slug DESC" if name in BY_VALUE else "amount DESC, slug"


def _sorted(name: str, values: list[FacetValue]) -> list[FacetValue]:
    if name in BY_VALUE:
        return sorted(values, key=lambda value: value.value, reverse=True)
    return sorted(values, key=lambda value: (-value.posts, value.value))


def is_year(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 10 and FIRST_YEAR <= int(text) <= LAST_YEAR


def _span(year: str) -> tuple[datetime, datetime]:
    """The moments of this year; none of a text that is no year."""
    zone = get_current_timezone()
    first = int(year) if is_year(year) else LAST_YEAR
    begins = make_aware(datetime(first, 1, 1), zone)
    return begins, make_aware(datetime(first + 1, 1, 1), zone) if is_year(year) else begins
