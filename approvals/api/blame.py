"""Editorial blame over HTTP: part of `/api/drafts/{id}/`."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from drf_spectacular.utils import (
    OpenApiParameter,
    extend_schema,
    extend_schema_field,
    extend_schema_serializer,
)
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from approvals.diffs.blame import BlamedParagraph, blame_paragraphs
from approvals.errors import NoSuchVersion
from tasks.api.base import DeskViewSet
from tasks.api.locks import LockSerializer
from tasks.api.parameters import VERSION
from tasks.models import Draft


class ChangeSerializer(serializers.Serializer[Any]):
    """The version that last changed a paragraph."""

    version = serializers.IntegerField()
    created_at = serializers.DateTimeField()
    reason = serializers.CharField()
    author = serializers.IntegerField(source="author_id", allow_null=True, help_text="Null for a model.")
    written_by = serializers.CharField(help_text="A person's or a model's name.")
    score = serializers.IntegerField(allow_null=True)


@extend_schema_serializer(component_name="Answer")
class AddressedFindingSerializer(serializers.Serializer[Any]):
    kind = serializers.CharField(help_text="check, critic or note (an editor's reason).")
    name = serializers.CharField(help_text="The check's name, or the note's reason code.")
    message = serializers.CharField()
    words = serializers.CharField(help_text="The words it was about.")
    by = serializers.CharField(help_text="Who wrote the note.")
    version = serializers.IntegerField(help_text="The version in which it was found.")


class ParagraphSerializer(serializers.Serializer[Any]):
    number = serializers.IntegerField(help_text="From 1.")
    text = serializers.CharField(help_text="Markdown.")
    sha256 = serializers.CharField()
    section = serializers.CharField(help_text="The heading above it.")
    changed_in = ChangeSerializer()
    first_version = serializers.IntegerField(
        source="origin.first_version",
        help_text="The first version with exactly these words.",
    )
    replaced = serializers.CharField(
        source="origin.replaced", help_text="The words that were replaced, if any."
    )
    answers = serializers.SerializerMethodField(help_text="Findings that the change addressed.")
    lock = LockSerializer(allow_null=True, help_text="Null unless the paragraph is locked now.")

    @extend_schema_field(AddressedFindingSerializer(many=True))
    def get_answers(self, paragraph: BlamedParagraph) -> Any:
        return AddressedFindingSerializer(paragraph.addressed, many=True).data


class BlameSerializer(serializers.Serializer[Any]):
    version = serializers.IntegerField()
    paragraphs = ParagraphSerializer(many=True)


class DraftBlameViewSet(DeskViewSet):
    """Who or which model last changed each paragraph, and why."""

    queryset = Draft.objects.all()
    serializer_class = BlameSerializer
    pagination_class = None  # type: ignore[assignment]  # DRF takes None, its stubs do not
    permissions = {
        "blame": (
            "tasks.view_draft", "tasks.view_qualityreport", "tasks.view_paragraphlock",
            "approvals.view_decision",
        )
    }  # fmt: skip
    parameters = {"blame": {"version"}}

    @extend_schema(
        summary="Who last changed each paragraph, why, and which findings that addressed",
        parameters=[OpenApiParameter("version", VERSION, description="Default: the current version.")],
    )
    @action(detail=True)
    def blame(self, request: Request, pk: str) -> Response:
        draft = self.get_object()
        number = request.query_params.get("version", str(draft.version))
        if not (number.isascii() and number.isdigit() and len(number) < 10):
            raise serializers.ValidationError({"version": ["Give the number of a version."]})
        try:
            paragraphs = blame_paragraphs(draft, int(number))
        except NoSuchVersion as error:
            raise Http404(str(error)) from None
        return Response(BlameSerializer({"version": int(number), "paragraphs": paragraphs}).data)
