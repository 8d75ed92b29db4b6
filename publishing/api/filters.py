"""The filters of the list of posts."""

from __future__ import annotations

import django_filters as filters
from django.contrib.postgres.fields import ArrayField
from django.db.models import BigIntegerField, F, Func, IntegerField, QuerySet, Value

from publishing.models import Post
from publishing.search import search
from tasks.api.filtering import DeskFilterSet
from tasks.naming import slugs_of


class PostFilter(DeskFilterSet):
    search = filters.CharFilter(method="by_search", help_text="Words to search for; best matches first.")
    category = filters.CharFilter(method="by_category", help_text="A category's slug, or its name.")
    tag = filters.CharFilter(method="by_tag", help_text="A tag's slug, or its name.")

    class Meta:
        model = Post
        fields: list[str] = []

    def by_category(self, posts: QuerySet[Post], name: str, wanted: str) -> QuerySet[Post]:
        return posts.filter(category__slug__in=slugs_of(wanted, otherwise="category"))

    def by_tag(self, posts: QuerySet[Post], name: str, wanted: str) -> QuerySet[Post]:
        slugs = slugs_of(wanted, otherwise="tag")
        found = posts.filter(tags__slug__in=slugs)
        return found.distinct() if len(slugs) > 1 else found

    def by_search(self, posts: QuerySet[Post], name: str, text: str) -> QuerySet[Post]:
        # As typed: the response has no place for a corrected query.
        found = search(text, as_typed=True).post_ids
        ids = Value(found, output_field=ArrayField(BigIntegerField()))
        place = Func(ids, F("pk"), function="array_position", output_field=IntegerField())
        # The rank is unique, so results are paginated like any other list. With it as the only condition,
        # every post would be examined.
        return posts.filter(pk__in=found).annotate(place=place).order_by("place")
