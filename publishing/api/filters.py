"""The parameters of the list of posts, and of a search."""

from __future__ import annotations

from typing import Any

import django_filters as filters
from django import forms
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema_field

from publishing.models import Post
from publishing.search import Sort
from publishing.search.facets import FIRST_YEAR, LAST_YEAR
from tasks.api.filtering import DeskFilterSet, YesNoFilter
from tasks.naming import slugs_of


@extend_schema_field({"type": "integer", "minimum": FIRST_YEAR, "maximum": LAST_YEAR})
class YearFilter(filters.Filter):  # type: ignore[misc]  # the library has no types
    field_class = forms.IntegerField

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, min_value=FIRST_YEAR, max_value=LAST_YEAR, **kwargs)


class PostFilter(DeskFilterSet):
    """A search has the same filters, which `publishing.search` applies: see publishing/api/search.py."""

    search = filters.CharFilter(method="by_search", help_text="Words to search for.")
    sort = filters.ChoiceFilter(
        method="by_search",
        choices=[(Sort.BEST.value, "Best matches first"), (Sort.NEWEST.value, "Newest first")],
        help_text="Of a search: `best` matches first, which is the default, or `newest` first. "
        "A list without a search is always newest first.",
    )
    as_typed = YesNoFilter(
        method="by_search",
        help_text="Of a search: correct no spelling. A list without one has nothing to correct.",
    )
    category = filters.CharFilter(method="by_category", help_text="A category's slug, or its name.")
    tag = filters.CharFilter(method="by_tag", help_text="A tag's slug, or its name.")
    author = filters.CharFilter(method="by_author", help_text="A public author's slug, or their name.")
    year = YearFilter(field_name="published_at__year", help_text="Of publication, in UTC.")

    class Meta:
        model = Post
        fields: list[str] = []

    def by_category(self, posts: QuerySet[Post], name: str, wanted: str) -> QuerySet[Post]:
        return posts.filter(category__slug__in=slugs_of(wanted, otherwise="category"))

    def by_tag(self, posts: QuerySet[Post], name: str, wanted: str) -> QuerySet[Post]:
        slugs = slugs_of(wanted, otherwise="tag")
        found = posts.filter(tags__slug__in=slugs)
        return found.distinct() if len(slugs) > 1 else found

    def by_author(self, posts: QuerySet[Post], name: str, wanted: str) -> QuerySet[Post]:
        return posts.filter(author__slug__in=slugs_of(wanted, otherwise="author"), author__is_public=True)

    def by_search(self, posts: QuerySet[Post], name: str, value: object) -> QuerySet[Post]:
        """Without words to search for, which this is called with, a search lists all posts."""
        return posts
