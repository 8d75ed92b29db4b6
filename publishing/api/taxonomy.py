"""What posts are grouped by, and the addresses that they had."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import mixins, serializers

from publishing.addresses import absolute
from publishing.models import Category, Post, Redirect, Tag
from tasks.api.base import DeskViewSet
from tasks.naming import SLUG_PATTERN


def with_posts(rows: QuerySet[Any], relation: str) -> QuerySet[Any]:
    """Each with `post_count`, how many published articles it has."""
    published = Post.objects.published().articles().order_by().filter(**{relation: OuterRef("pk")})
    counted = published.values(relation).annotate(count=Count("pk")).values("count")
    counted_rows: QuerySet[Any] = rows.annotate(post_count=Coalesce(Subquery(counted), 0))
    return counted_rows


class GroupSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    slug = serializers.CharField()
    url = serializers.SerializerMethodField()
    posts = serializers.IntegerField(source="post_count", help_text="How many published articles it has.")

    def get_url(self, group: Category | Tag) -> str:
        return absolute(group.get_absolute_url())


class CategoryDetailSerializer(GroupSerializer):
    """A category."""


class TagDetailSerializer(GroupSerializer):
    """A tag."""


class RedirectSerializer(serializers.ModelSerializer[Redirect]):
    to = serializers.CharField(source="post.slug", read_only=True, help_text="The post's present slug.")
    url = serializers.SerializerMethodField(help_text="The address that redirects.")
    to_url = serializers.SerializerMethodField()
    is_live = serializers.BooleanField(
        source="post.is_live", read_only=True, help_text="False: the post was withdrawn, which is 410."
    )

    class Meta:
        model = Redirect
        fields = ("id", "slug", "to", "url", "to_url", "is_live", "created_at")
        read_only_fields = fields

    def get_url(self, redirect: Redirect) -> str:
        return absolute(redirect.get_absolute_url())

    def get_to_url(self, redirect: Redirect) -> str:
        return absolute(redirect.post.get_absolute_url())


@extend_schema_view(
    list=extend_schema(summary="List categories, by name"), retrieve=extend_schema(summary="Read a category")
)
class CategoryViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, DeskViewSet):
    """Categories that posts have. One is made when a post of it is published."""

    queryset = with_posts(Category.objects.order_by("name"), "category")
    serializer_class = CategoryDetailSerializer
    permissions = dict.fromkeys(("list", "retrieve"), ("publishing.view_category",))
    lookup_field = "slug"
    lookup_value_regex = SLUG_PATTERN


@extend_schema_view(
    list=extend_schema(summary="List tags, by name"), retrieve=extend_schema(summary="Read a tag")
)
class TagViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, DeskViewSet):
    """Tags that posts have. One is made when a post with it is published."""

    queryset = with_posts(Tag.objects.order_by("name"), "tags")
    serializer_class = TagDetailSerializer
    permissions = dict.fromkeys(("list", "retrieve"), ("publishing.view_tag",))
    lookup_field = "slug"
    lookup_value_regex = SLUG_PATTERN


@extend_schema_view(
    list=extend_schema(summary="List redirects, newest first"),
    retrieve=extend_schema(summary="Read a redirect"),
)
class RedirectViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, DeskViewSet):
    """Addresses that posts had. One is made when a live post gets another slug."""

    queryset = Redirect.objects.select_related("post").order_by("-id")
    serializer_class = RedirectSerializer
    permissions = dict.fromkeys(("list", "retrieve"), ("publishing.view_redirect",))
