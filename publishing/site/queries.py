"""The posts that pages show, by one query for each page.

They are querysets that begin with `Post.objects.published()`, like all others: see `tasks.prepared_queries`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

from django.contrib.postgres.expressions import ArraySubquery
from django.db import DEFAULT_DB_ALIAS
from django.db.models import (
    BigAutoField,
    DateTimeField,
    Exists,
    Model,
    OuterRef,
    QuerySet,
    SlugField,
    Subquery,
)
from django.db.models.functions import JSONArray

from approvals.models import Decision
from publishing.addresses import path_of
from publishing.cards import Card, columns, from_json
from publishing.models import Author, Category, Image, ListPosition, Post, PostQuerySet, Tag
from publishing.similarity import related_to
from tasks.prepared_queries import Parameter, PreparedQuery, Row

RELATED = 4
"""The one to read next, and a row of others."""
PARTS: dict[str, tuple[type[Model], frozenset[str]]] = {
    "": (
        Post,
        frozenset(
            {
                "id",
                "draft_id",
                "title",
                "slug",
                "summary",
                "body_html",
                "seo_title",
                "seo_description",
                "cover_alt",
            }
            | {"cover_credit", "citations", "language", "words", "provenance", "published_at", "updated_at"}
            | {"changes", "revised_at"}
        ),
    ),
    "category": (Category, frozenset({"id", "name", "slug"})),
    "author": (Author, frozenset({"id", "name", "slug", "bio", "is_public"})),
    "cover": (Image, frozenset({"name", "width", "height", "variants", "origin"})),
    "approval": (Decision, frozenset({"id", "decided_at", "opened_at", "via", "way"})),
}
"""The columns that the page of a post needs, of the post and of related rows."""


class Link(NamedTuple):
    text: str
    path: str
    language: str = ""
    """Of the text, where it is that of a post."""


@dataclass(frozen=True)
class PostPage:
    """What the page of a post shows."""

    post: Post
    tags: list[Link]
    older: Link | None
    newer: Link | None
    related: list[Card]


SelectPosts = Callable[[PostQuerySet], PostQuerySet]


class Listing:
    """Live posts, newest first. `select` is a module-level function, whose SQL is compiled once."""

    def __init__(self, select: SelectPosts, **parameters: Any) -> None:
        self._select, self._parameters = select, parameters

    def cards(self, amount: int, *, skip: int = 0) -> list[Card]:
        return [Card(*row) for row in _cards(self._select, skip, amount).rows(**self._parameters)]

    def cards_after(self, post: Post, amount: int) -> list[Card]:
        """Those that are older than this one."""
        position = {"published_at": post.published_at, "pk": post.pk}
        query = _older_cards(self._select, amount)
        return [Card(*row) for row in query.rows(**self._parameters, **position)]


def all_posts(posts: PostQuerySet) -> PostQuerySet:
    return posts


def of_category(posts: PostQuerySet) -> PostQuerySet:
    return posts.filter(category=Parameter("group", BigAutoField()))


def of_tag(posts: PostQuerySet) -> PostQuerySet:
    return posts.filter(tags=Parameter("group", BigAutoField()))


def of_author(posts: PostQuerySet) -> PostQuerySet:
    return posts.filter(author=Parameter("group", BigAutoField()))


def between(posts: PostQuerySet) -> PostQuerySet:
    start, end = (Parameter(name, DateTimeField()) for name in ("start", "end"))
    return posts.filter(published_at__gte=start, published_at__lt=end)


NOT_PREPARED = {of_tag}
"""Planned for each execution: the posts of a rare tag are looked up, those of a common one scanned for."""


def categories_in_use(amount: int) -> list[Link]:
    return [Link(name, path_of("category", slug)) for name, slug in _categories(amount).rows()]


def post_page(slug: str) -> PostPage | None:
    """The live post of this address."""
    return next((_post_page(row) for row in _post().rows(slug=slug)), None)


# --- The queries ----------------------------------------------------------------------------------------


@cache
def _cards(select: SelectPosts, skip: int, amount: int) -> PreparedQuery:
    posts = select(Post.objects.published().articles()).values_list(*columns())
    return PreparedQuery(posts[skip : skip + amount], prepare=select not in NOT_PREPARED)


@cache
def _older_cards(select: SelectPosts, amount: int) -> PreparedQuery:
    position = ListPosition(Parameter("published_at", DateTimeField()), Parameter("pk", BigAutoField()))
    posts = select(Post.objects.published().articles()).older_than(position)
    return PreparedQuery(posts.values_list(*columns())[:amount], prepare=select not in NOT_PREPARED)


@cache
def _categories(amount: int) -> PreparedQuery:
    live = Exists(Post.objects.published().articles().filter(category=OuterRef("pk")))
    return PreparedQuery(Category.objects.filter(live).values_list("name", "slug")[:amount])


@cache
def _post() -> PreparedQuery:
    live, position = (
        Post.objects.published().articles(),
        ListPosition(OuterRef("published_at"), OuterRef("pk")),
    )
    tags = Tag.objects.filter(posts=OuterRef("pk")).values_list(JSONArray("name", "slug"))
    related = related_to(OuterRef("pk")).values_list(JSONArray(*columns("other__")))
    names = [f"{part}__{name}" if part else name for part in PARTS for name in _names(part)]
    subqueries = [
        ArraySubquery(tags),
        _first(live.older_than(position)),
        _first(live.newer_than(position)),
        ArraySubquery(related[:RELATED]),
    ]
    found = live.filter(slug=Parameter("slug", SlugField())).order_by()
    return PreparedQuery(found.values_list(*names, *subqueries))


def _first(posts: QuerySet[Post]) -> Subquery:
    return Subquery(posts.values_list(JSONArray("title", "slug", "language"))[:1])


def _names(part: str) -> list[str]:
    """In the order of the model's fields, which is that of `from_db`."""
    model, wanted = PARTS[part]
    return [field.attname for field in model._meta.concrete_fields if field.attname in wanted]


# --- From rows to what pages show -----------------------------------------------------------------------


def _post_page(row: Row) -> PostPage:
    values = iter(row)
    post = _fromcolumns("", values)
    for part in PARTS:
        if part:
            setattr(post, part, _fromcolumns(part, values))
    tags, older, newer, related = values
    return PostPage(
        post,
        [Link(name, path_of("tag", slug)) for name, slug in tags],
        older and Link(older[0], path_of("post", older[1]), older[2]),
        newer and Link(newer[0], path_of("post", newer[1]), newer[2]),
        [from_json(values) for values in related],
    )


def _fromcolumns(part: str, values: Iterator[Any]) -> Any:
    """The object of these columns; None where nothing was joined."""
    names = _names(part)
    found = [next(values) for _ in names]
    return PARTS[part][0].from_db(DEFAULT_DB_ALIAS, names, found) if found[0] is not None else None
