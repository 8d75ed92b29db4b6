"""Cards: what lists, search results and related posts show of a post."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import NamedTuple

from django.contrib.postgres.fields import ArrayField
from django.db.models import BigIntegerField, Expression, Func, TextField
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast

from publishing.models import Category, Image, Post
from tasks.prepared_queries import Parameter, PreparedQuery

OF_POST = ("pk", "title", "slug", "summary", "language", "words", "published_at")
OF_OTHERS = (
    "category__name", "category__slug", "cover__name", "cover__width", "cover__height", "cover__focal_x",
    "cover__focal_y")  # fmt: skip


class Card(NamedTuple):
    """Values only, so that equal cards are rendered the same."""

    pk: int
    title: str
    slug: str
    summary: str
    language: str
    words: int
    published_at: datetime
    category_name: str | None
    category_slug: str | None
    cover_name: str | None
    cover_width: int | None
    cover_height: int | None
    cover_focal_x: int | None
    cover_focal_y: int | None
    cover_variants: str | None
    cover_is_generated: str | None

    def as_post(self) -> Post:
        """As the template of a card needs it."""
        post = Post(**{name: getattr(self, name) for name in OF_POST})
        if self.category_name is not None and self.category_slug is not None:
            post.category = Category(name=self.category_name, slug=self.category_slug)
        if self.cover_name is not None and self.cover_variants is not None:
            size = {"width": self.cover_width, "height": self.cover_height}
            origin = {"is_generated": self.cover_is_generated == "true"}
            variants = json.loads(self.cover_variants)
            focal = {"focal_x": self.cover_focal_x, "focal_y": self.cover_focal_y}
            post.cover = Image(name=self.cover_name, variants=variants, origin=origin, **size, **focal)
        return post


def columns(prefix: str = "") -> list[str | Expression]:
    """The values of a card in their order, of posts or of a relation to one."""
    variants = Cast(f"{prefix}cover__variants", TextField())
    is_generated = KeyTextTransform("is_generated", f"{prefix}cover__origin")
    return [*(f"{prefix}{name}" for name in (*OF_POST, *OF_OTHERS)), variants, is_generated]


def from_json(values: Sequence[object]) -> Card:
    """From the columns in a JSON array, which has times as text."""
    card = Card(*values)  # type: ignore[arg-type]
    return card._replace(published_at=datetime.fromisoformat(str(card.published_at)))


def cards_of(ids: Sequence[int]) -> dict[int, Card]:
    """The cards of those posts that are live, by id."""
    return {row[0]: Card(*row) for row in _cards_of().rows(ids=list(ids))} if ids else {}


@cache
def _cards_of() -> PreparedQuery:
    ids = Parameter("ids", ArrayField(BigIntegerField()))
    chosen = Func(ids, template="SELECT unnest(%(expressions)s::bigint[])")
    return PreparedQuery(Post.objects.published().filter(pk__in=chosen).order_by().values_list(*columns()))
