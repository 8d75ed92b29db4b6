"""Drafts, their versions and quality reports as the API represents them."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from tasks.api.base import StrictSerializer
from tasks.api.serializers.fields import (
    MAX_LIST_ITEMS,
    MAX_SOURCES,
    SlugTextField,
    UsdField,
    WebAddressField,
)
from tasks.content import CONTENT_FIELDS, with_unix_lines
from tasks.lifecycle import Status
from tasks.models import Draft, QualityReport

MAX_BODY_CHARACTERS = 1_000_000

TEXT_FIELDS = tuple(name for name in CONTENT_FIELDS if not name.startswith("cover_"))
"""The content that the API can edit: covers are set on the desk."""


class CitationSerializer(StrictSerializer):
    number = serializers.IntegerField(min_value=1, max_value=10_000)
    title = serializers.CharField(max_length=300)
    url = WebAddressField()


class CheckSerializer(serializers.Serializer[Any]):
    check = serializers.CharField()
    status = serializers.CharField(help_text="passed, failed or skipped")
    severity = serializers.CharField(help_text="veto or advisory")
    message = serializers.CharField()
    evidence = serializers.ListField(child=serializers.CharField())


class ScorePartSerializer(serializers.Serializer[Any]):
    name = serializers.CharField(help_text="critic, checks passed, or the checks that took points off")
    points = serializers.IntegerField()
    is_veto = serializers.BooleanField()


class QualitySerializer(serializers.ModelSerializer[QualityReport]):
    """What the checks found in a version. Without a report they have not run on it."""

    results = CheckSerializer(many=True)
    score_parts = ScorePartSerializer(
        many=True, read_only=True, help_text="How the score came about: they add up to it."
    )
    critique = serializers.DictField(
        allow_null=True,
        help_text="`score`, `summary`, `problems` (`criterion`, `where`, `what`, `remedy`), and `criteria` "
        "(`criterion`, `score`, `evidence`, `why`), which critiques of earlier releases do not have.",
    )
    editor_notes = serializers.ListField(child=serializers.CharField())

    class Meta:
        model = QualityReport
        fields = ("version", "score", "score_parts", "results", "critique", "editor_notes", "created_at")
        read_only_fields = fields


class DraftSerializer(serializers.ModelSerializer[Draft]):
    citations = CitationSerializer(many=True)
    quality = serializers.SerializerMethodField()

    class Meta:
        model = Draft
        fields = (
            "id", "task", "version", "content_sha256", *TEXT_FIELDS, "cover_image", "cover_alt",
            "cover_credit", "quality",
        )  # fmt: skip
        read_only_fields = fields

    @extend_schema_field(QualitySerializer(allow_null=True))
    def get_quality(self, draft: Draft) -> dict[str, Any] | None:
        report = draft.quality_reports.filter(version=draft.version).first()
        return QualitySerializer(report).data if report else None


class DraftTeaserSerializer(serializers.ModelSerializer[Draft]):
    """A draft in a list: without its text."""

    status = serializers.ChoiceField(source="task.status", choices=Status.choices, read_only=True)
    language = serializers.CharField(source="task.language", read_only=True)

    class Meta:
        model = Draft
        fields = (
            "id", "task", "status", "version", "content_sha256", "title", "slug", "summary", "category",
            "tags", "language", "cover_image", "score", "written_by", "updated_at",
        )  # fmt: skip
        read_only_fields = fields


class UnshownSerializer(serializers.Serializer[Any]):
    line = serializers.IntegerField(help_text="Of the body; the first is 1.")
    what = serializers.CharField()


class DraftPreviewSerializer(serializers.Serializer[Any]):
    html = serializers.CharField()
    unshown = UnshownSerializer(many=True)


class DraftEditSerializer(StrictSerializer, serializers.ModelSerializer[Draft]):
    """The fields to change, and why. Outer spaces stay: stripping would change what nobody touched.

    Never used with `partial`, which would reach into the citations and let half of one pass.
    """

    slug = SlugTextField(required=False, max_length=100)
    summary = serializers.CharField(required=False, allow_blank=True, max_length=600, trim_whitespace=False)
    body = serializers.CharField(required=False, max_length=MAX_BODY_CHARACTERS, trim_whitespace=False)
    # `max_length` goes to the ListSerializer, which the stubs do not know.
    citations = CitationSerializer(required=False, many=True, max_length=10 * MAX_SOURCES)  # type: ignore[call-arg]
    reason = serializers.CharField(default="", allow_blank=True, max_length=1000)

    class Meta:
        model = Draft
        fields = (*TEXT_FIELDS, "reason")
        extra_kwargs = {"title": {"required": False}, "tags": {"max_length": MAX_LIST_ITEMS}}

    def to_internal_value(self, data: Any) -> Any:
        # First: a text that fits must not become too long by its line ends.
        return super().to_internal_value(with_unix_lines(data))

    def validate_citations(self, citations: list[dict[str, Any]]) -> list[dict[str, Any]]:
        numbers = [citation["number"] for citation in citations]
        if len(set(numbers)) < len(numbers):
            raise serializers.ValidationError("Give every citation a number of its own.")
        return citations


class VersionSerializer(serializers.Serializer[Any]):
    """One row of a draft's history. `costs` in the context says what each version cost."""

    version = serializers.IntegerField()
    content_sha256 = serializers.CharField()
    title = serializers.CharField()
    reason = serializers.CharField(source="history_change_reason", allow_null=True)
    author = serializers.IntegerField(source="author_id", allow_null=True, help_text="Null for a model.")
    written_by = serializers.CharField()
    score = serializers.IntegerField(
        source="checked_score", allow_null=True, help_text="Of the checks of this very version."
    )
    cost_usd = serializers.SerializerMethodField(
        help_text="Of the model calls that led to it; null when one has no known price."
    )
    created_at = serializers.DateTimeField(source="history_date")

    @extend_schema_field(UsdField(allow_null=True))
    def get_cost_usd(self, row: Any) -> float | None:
        cost = self.context["costs"][row.version]
        return None if cost is None else float(cost)


class VersionTextSerializer(VersionSerializer):
    slug = serializers.CharField()
    summary = serializers.CharField()
    body = serializers.CharField()
    seo_title = serializers.CharField()
    seo_description = serializers.CharField()
    category = serializers.CharField()
    tags = serializers.ListField(child=serializers.CharField())
    cover_image = serializers.CharField()
    cover_alt = serializers.CharField()
    cover_credit = serializers.CharField()
    citations = CitationSerializer(many=True)
