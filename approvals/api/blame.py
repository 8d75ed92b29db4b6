"""Editorial blame over HTTP: part of `/api/drafts/{id}/`."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from approvals.diffs.blame import Paragraph, blame
from approvals.errors import NoSuchVersion
from tasks.api.base import DeskViewSet
from tasks.api.locks import LockSerializer
from tasks.models import Draft


class ChangeSerializer(serializers.Serializer[Any]):
    """The version that last changed a paragraph."""

    version = serializers.IntegerField()
    created_at = serializers.DateTimeField()
    reason = serializers.CharField()
    author = serializers.IntegerField(source="author_id", allow_null=True, help_text="Null for a model.")
    written_by = serializers.CharField(help_text="A person's or a model's name.")
    score = serializers.IntegerField(allow_null=True)


class AnswerSerializer(serializers.Serializer[Any]):
    kind = serializers.CharField(help_text="check, critic or note: what an editor asked for.")
    name = serializers.CharField(help_text="The check's name, or the note's reason code.")
    message = serializers.CharField()
    words = serializers.CharField(help_text="What it was about.")
    by = serializers.CharField(help_text="Who wrote the note.")
    version = serializers.IntegerField(help_text="In which it was found.")


class ParagraphSerializer(serializers.Serializer[Any]):
    number = serializers.IntegerField(help_text="From 1.")
    text = serializers.CharField(help_text="Markdown.")
    sha256 = serializers.CharField()
    section = serializers.CharField(help_text="The heading above it.")
    changed_in = ChangeSerializer()
    first_version = serializers.IntegerField(
        source="origin.first_version", help_text="Where these words stood first, if they went and came back."
    )
    replaced = serializers.CharField(source="origin.replaced", help_text="The words before, if there were.")
    answers = serializers.SerializerMethodField()
    lock = LockSerializer(allow_null=True, help_text="Null unless the paragraph is locked at present.")

    @extend_schema_field(AnswerSerializer(many=True))
    def get_answers(self, paragraph: Paragraph) -> Any:
        return AnswerSerializer(paragraph.answers, many=True).data


class BlameSerializer(serializers.Serializer[Any]):
    version = serializers.IntegerField()
    paragraphs = ParagraphSerializer(many=True)


class DraftBlameViewSet(DeskViewSet):
    """Who or which model last changed each paragraph, and why."""

    queryset = Draft.objects.all()
    serializer_class = BlameSerializer
    pagination_class = None
    permissions = {
        "blame": (
            "tasks.view_draft", "tasks.view_qualityreport", "tasks.view_paragraphlock",
            "approvals.view_decision",
        )
    }  # fmt: skip
    parameters = {"blame": {"version"}}

    @extend_schema(
        summary="Who last changed each paragraph, why, and which finding that answered",
        parameters=[OpenApiParameter("version", int, description="Otherwise the present one.")],
    )
    @action(detail=True)
    def blame(self, request: Request, pk: str) -> Response:
        draft = self.get_object()
        asked = request.query_params.get("version", str(draft.version))
        if not (asked.isascii() and asked.isdigit() and len(asked) < 10):
            raise serializers.ValidationError({"version": ["Give the number of a version."]})
        try:
            paragraphs = blame(draft, int(asked))
        except NoSuchVersion as error:
            raise Http404(str(error)) from None
        return Response(BlameSerializer({"version": int(asked), "paragraphs": paragraphs}).data)
