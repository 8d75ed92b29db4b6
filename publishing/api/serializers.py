"""What of posts goes over the wire."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from publishing.addresses import absolute
from publishing.models import Category, Post, Tag
from tasks.api.base import StrictSerializer


class CategorySerializer(serializers.ModelSerializer[Category]):
    class Meta:
        model = Category
        fields = ("name", "slug")
        read_only_fields = fields


class TagSerializer(serializers.ModelSerializer[Tag]):
    class Meta:
        model = Tag
        fields = ("name", "slug")
        read_only_fields = fields


class PostSourceSerializer(serializers.Serializer[Any]):
    number = serializers.IntegerField()
    title = serializers.CharField()
    url = serializers.CharField(allow_blank=True)


class PostTeaserSerializer(serializers.ModelSerializer[Post]):
    """A post in a list."""

    url = serializers.SerializerMethodField()
    cover_url = serializers.SerializerMethodField(help_text="The cover as a JPEG; empty without one.")
    category = CategorySerializer(allow_null=True, read_only=True)
    tags = TagSerializer(many=True, read_only=True)
    reading_minutes = serializers.IntegerField(read_only=True)

    class Meta:
        model = Post
        fields: tuple[str, ...] = (
            "id", "slug", "url", "title", "summary", "category", "tags", "language", "words",
            "reading_minutes", "cover_image", "cover_url", "cover_alt", "cover_credit", "published_at",
            "updated_at",
        )  # fmt: skip
        read_only_fields = fields

    def get_url(self, post: Post) -> str:
        return absolute(post.get_absolute_url())

    def get_cover_url(self, post: Post) -> str:
        return absolute(post.cover.largest_jpeg) if post.cover else ""


class PostSerializer(PostTeaserSerializer):
    citations = PostSourceSerializer(source="sources", many=True, read_only=True)

    class Meta(PostTeaserSerializer.Meta):
        fields = (
            *PostTeaserSerializer.Meta.fields, "body", "body_html", "seo_title", "seo_description",
            "citations", "version", "content_sha256", "is_live",
        )  # fmt: skip
        read_only_fields = fields


class PublishSerializer(StrictSerializer):
    """Takes nothing: what is published is the text that was approved, at once."""

    def why_unknown(self, name: str) -> list[str]:
        if name == "publish_at":
            return ["Scheduling is not available yet: leave publish_at out to publish at once."]
        return super().why_unknown(name)
