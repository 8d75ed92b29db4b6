"""Guidelines of categories: what every text of one is to keep to."""

from __future__ import annotations

import django_filters as filters
from django.db.models import QuerySet, Value
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import mixins, serializers
from rest_framework.request import Request
from rest_framework.response import Response

from tasks.actor import actor
from tasks.api.base import DeskViewSet, StrictSerializer, checked
from tasks.api.filtering import DeskFilterSet
from tasks.guidance import adopt_guideline, remove_guideline
from tasks.models import CategoryGuidance
from tasks.naming import name_key


class GuidelineSerializer(serializers.ModelSerializer[CategoryGuidance]):
    by = serializers.CharField(source="adopted_by_name", read_only=True)

    class Meta:
        model = CategoryGuidance
        fields = ("id", "category", "text", "reason_code", "by", "adopted_at")
        read_only_fields = fields


class NewGuidelineSerializer(StrictSerializer):
    category = serializers.CharField(max_length=100)
    text = serializers.CharField(min_length=10, max_length=1000)


class GuidelineFilter(DeskFilterSet):
    category = filters.CharFilter(method="by_category", help_text="In any case, with blanks or hyphens.")

    class Meta:
        model = CategoryGuidance
        fields: list[str] = []

    def by_category(
        self, rows: QuerySet[CategoryGuidance], name: str, wanted: str
    ) -> QuerySet[CategoryGuidance]:
        return rows.alias(key=name_key("category")).filter(key=name_key(Value(wanted)))


@extend_schema_view(
    list=extend_schema(summary="List guidelines, newest first"),
    retrieve=extend_schema(summary="Read a guideline"),
)
class GuidelineViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, DeskViewSet):
    """What the writer is shown in every run of a category's tasks."""

    queryset = CategoryGuidance.objects.order_by("-id")
    serializer_class = GuidelineSerializer
    filterset_class = GuidelineFilter
    permissions = {
        "list": ("tasks.view_categoryguidance",),
        "retrieve": ("tasks.view_categoryguidance",),
        "create": ("tasks.view_categoryguidance", "tasks.add_categoryguidance"),
        "destroy": ("tasks.view_categoryguidance", "tasks.delete_categoryguidance"),
    }

    @extend_schema(
        summary="Add a guideline to a category",
        description="409: the category has it already, or as many as it may have.",
        request=NewGuidelineSerializer,
        responses={201: GuidelineSerializer},
    )
    def create(self, request: Request) -> Response:
        asked = checked(NewGuidelineSerializer, request)
        made = adopt_guideline(asked["category"], asked["text"], by=actor(request))
        return Response(GuidelineSerializer(made).data, status=201)

    @extend_schema(summary="Remove a guideline from its category", responses={204: None})
    def destroy(self, request: Request, pk: str) -> Response:
        remove_guideline(self.get_object(), by=actor(request))
        return Response(status=204)
