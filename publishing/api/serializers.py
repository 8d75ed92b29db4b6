"""Posts, corrections and schedules in the API."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.dateparse import parse_datetime
from rest_framework import serializers

from publishing.addresses import absolute
from publishing.models import Category, Correction, Post, Schedule, Tag
from publishing.models.corrections import MAX_NOTE, MIN_NOTE, checked_note
from tasks.api.base import ReasonSerializer, StrictSerializer


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
        extra_kwargs = {"words": {"help_text": "Of Chinese and Japanese: characters."}}

    def get_url(self, post: Post) -> str:
        return absolute(post.get_absolute_url())

    def get_cover_url(self, post: Post) -> str:
        return absolute(post.cover.largest_jpeg) if post.cover else ""


class LoggedCorrectionSerializer(serializers.ModelSerializer[Correction]):
    """A change of the text while readers could see it."""

    class Meta:
        model = Correction
        fields = ("kind", "note", "at", "from_version", "to_version")
        read_only_fields = fields


class PostSerializer(PostTeaserSerializer):
    corrections = LoggedCorrectionSerializer(
        source="logged", many=True, read_only=True, help_text="Newest first."
    )
    citations = PostSourceSerializer(source="sources", many=True, read_only=True)

    class Meta(PostTeaserSerializer.Meta):
        fields = (
            *PostTeaserSerializer.Meta.fields, "body", "body_html", "seo_title", "seo_description",
            "citations", "corrections", "version", "content_sha256", "is_live",
        )  # fmt: skip
        read_only_fields = fields


class MomentField(serializers.DateTimeField):
    """A time with its offset from UTC. Without one it would be ambiguous."""

    default_error_messages = {
        "invalid": "Write the time as 2026-12-01T09:30:00+01:00 or 2026-12-01T08:30:00Z.",
        "no_offset": "Add the offset from UTC, as in 2026-12-01T09:30:00+01:00 or 2026-12-01T08:30:00Z.",
    }

    def to_internal_value(self, value: Any) -> datetime:
        try:
            found = parse_datetime(value) if isinstance(value, str) else None
        except ValueError:
            found = None
        if found is None:
            self.fail("invalid")
        if found.tzinfo is None:
            self.fail("no_offset")
        return found


class CorrectionSerializer(StrictSerializer):
    """The note to readers about a change of a live post."""

    kind = serializers.ChoiceField(choices=Correction.Kind.choices)
    note = serializers.CharField(
        default="",
        allow_blank=True,
        help_text=f"{MIN_NOTE} to {MAX_NOTE} characters; a minor change needs none.",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        try:
            return attrs | {"note": checked_note(attrs["kind"], attrs["note"])}
        except ValidationError as error:
            raise serializers.ValidationError(serializers.as_serializer_error(error)) from None


class PublishSerializer(StrictSerializer):
    """Publishes the approved text, at once or at a future time."""

    correction = CorrectionSerializer(required=False, help_text="Required if the post is already live.")
    publish_at = MomentField(required=False, help_text="With its offset from UTC. Default: now.")


class UnpublishSerializer(ReasonSerializer):
    """Takes the post off the site, at once or at a future time."""

    at = MomentField(required=False, help_text="With its offset from UTC. Default: now.")


class ScheduleSerializer(serializers.ModelSerializer[Schedule]):
    """A scheduled publication, or a planned update or withdrawal of a live post."""

    by = serializers.CharField(source="by_name", help_text="Who scheduled it; it is published in their name.")
    try_at = serializers.DateTimeField(
        source="due_at", read_only=True, help_text="The time of the next attempt: later after a failure."
    )

    class Meta:
        model = Schedule
        fields = (
            "id", "action", "draft", "version", "content_sha256", "correction_kind", "note", "publish_at",
            "zone", "by", "attempts", "last_error", "try_at",
        )  # fmt: skip
        read_only_fields = fields
