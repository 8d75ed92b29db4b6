"""Sources, the documents they were, and what was read from these, as the API represents them."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.reverse import reverse

from tasks.api.base import StrictSerializer
from tasks.models import Source, SourceReading, SourceSnapshot

READING_FIELDS = (
    "id", "snapshot", "reader", "media_type", "charset", "charset_from", "title", "author", "published",
    "language", "words", "share_taken", "warnings", "created_at",
)  # fmt: skip


class SourceReadingSerializer(serializers.ModelSerializer[SourceReading]):
    """Without its text, which its own address has."""

    class Meta:
        model = SourceReading
        fields: tuple[str, ...] = READING_FIELDS
        read_only_fields: tuple[str, ...] = READING_FIELDS
        extra_kwargs = {"words": {"help_text": "Of Chinese and Japanese: characters."}}


class SourceReadingTextSerializer(SourceReadingSerializer):
    class Meta(SourceReadingSerializer.Meta):
        fields = (*READING_FIELDS, "text", "kinds")
        read_only_fields = fields


class SourceSnapshotSerializer(serializers.ModelSerializer[SourceSnapshot]):
    sha256 = serializers.CharField(source="content.sha256", read_only=True, help_text="Of the bytes.")
    size = serializers.IntegerField(source="content.size", read_only=True, help_text="In bytes.")
    readings = SourceReadingSerializer(many=True, read_only=True)

    class Meta:
        model = SourceSnapshot
        fields = (
            "id", "origin", "sha256", "size", "media_type", "requested_url", "final_url", "file_name",
            "fetched_at", "uploaded_by_name", "readings",
        )  # fmt: skip
        read_only_fields = fields


class SourceLinksSerializer(serializers.Serializer[Any]):
    self = serializers.URLField()
    task = serializers.URLField()
    readings = serializers.URLField()
    snapshot = serializers.URLField(help_text="The newest document, as it was.")


class FiledSourceSerializer(serializers.ModelSerializer[Source]):
    """What an editor gave, and why it could not be used."""

    url = serializers.CharField(read_only=True, help_text="Empty, or an http(s) address.")
    warnings = serializers.SerializerMethodField(
        help_text="What is missing or doubtful in its newest reading: a sentence each."
    )
    links = serializers.SerializerMethodField()

    class Meta:
        model = Source
        fields: tuple[str, ...] = (
            "id", "task", "number", "title", "url", "file_name", "problem", "warnings", "found_by",
            "found_query", "found_rank", "found_at", "links",
        )  # fmt: skip
        read_only_fields: tuple[str, ...] = fields

    def get_warnings(self, source: Source) -> list[str]:
        found: list[str] | None = source.warnings  # type: ignore[attr-defined]  # an annotation
        return found or []

    @extend_schema_field(SourceLinksSerializer)
    def get_links(self, source: Source) -> dict[str, str]:
        request = self.context.get("request")
        this = reverse("source-detail", args=[source.pk], request=request)
        return {
            "self": this,
            "task": reverse("task-detail", args=[source.task_id], request=request),
            **{name: f"{this}{name}/" for name in ("readings", "snapshot")},
        }


class SourceDetailSerializer(FiledSourceSerializer):
    """With its text as it was given, and with every document that it was, oldest first."""

    snapshots = SourceSnapshotSerializer(many=True, read_only=True)

    class Meta(FiledSourceSerializer.Meta):
        fields = (*FiledSourceSerializer.Meta.fields, "text", "snapshots")
        read_only_fields = fields


class RereadSerializer(StrictSerializer):
    snapshot = serializers.IntegerField(
        required=False, min_value=1, max_value=2**63 - 1, help_text="Left out: the newest."
    )
