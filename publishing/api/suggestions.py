"""Completions of what a reader types, for a search box of another site."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from approvals.access.throttles import SearchThrottle
from publishing.addresses import absolute
from publishing.search.suggestions import suggestions
from tasks.api.base import DeskViewSet

KINDS = ["article", "category", "tag", "word"]


class SuggestionSerializer(serializers.Serializer[Any]):
    text = serializers.CharField()
    kind = serializers.ChoiceField(choices=KINDS)
    url = serializers.SerializerMethodField(help_text="Where it leads.")

    def get_url(self, found: Any) -> str:
        return absolute(found.path)


class SuggestionsSerializer(serializers.Serializer[Any]):
    q = serializers.CharField(help_text="What was completed.")
    suggestions = SuggestionSerializer(many=True)


class SuggestionViewSet(DeskViewSet):
    """Open to everyone, within the limit of searches."""

    serializer_class = SuggestionsSerializer
    pagination_class = None  # type: ignore[assignment]  # DRF takes None, its stubs do not
    permission_classes = [AllowAny]
    throttle_classes = [SearchThrottle]
    parameters = {"complete": {"q"}}

    @extend_schema(
        summary="Complete the beginning of a search",
        description="Titles first, then topics, then words: ten at most, each with a result.",
        parameters=[OpenApiParameter("q", str, description="What was typed so far.")],
        responses=SuggestionsSerializer,
    )
    def complete(self, request: Request) -> Response:
        text = request.query_params.get("q", "")
        found = {"q": text, "suggestions": suggestions(text)}
        answer = Response(SuggestionsSerializer(found).data)
        answer["Cache-Control"] = "no-cache"
        return answer
