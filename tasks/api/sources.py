"""Sources over HTTP: what was given, what it was, and what was read from it."""

from __future__ import annotations

from typing import Any

import django_filters as filters
from django.db.models import Q, QuerySet
from django.http import Http404, HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import mixins
from rest_framework.decorators import action
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from tasks import actions
from tasks.actor import actor
from tasks.api.base import DeskViewSet, checked
from tasks.api.filtering import DeskFilterSet, IdFilter, YesNoFilter
from tasks.api.parameters import PAGE
from tasks.api.serializers.sources import (
    FiledSourceSerializer,
    RereadSerializer,
    SourceDetailSerializer,
    SourceReadingSerializer,
    SourceReadingTextSerializer,
)
from tasks.downloads import as_download
from tasks.models import Source, SourceReading
from tasks.source_records import record_prefetches

READ = ("tasks.view_contenttask", "tasks.view_source")


class SourceFilter(DeskFilterSet):
    task = IdFilter(field_name="task_id")
    has_warnings = YesNoFilter(
        method="with_warnings", help_text="Something is missing or doubtful in its newest reading."
    )
    has_problem = YesNoFilter(method="with_problem", help_text="It could not be used.")
    url = filters.CharFilter(lookup_expr="icontains")

    class Meta:
        model = Source
        fields: list[str] = []

    def with_warnings(self, rows: QuerySet[Source], name: str, value: bool) -> QuerySet[Source]:
        doubted = Q(warnings__len__gt=0)
        return rows.filter(doubted) if value else rows.filter(Q(warnings=None) | Q(warnings__len=0))

    def with_problem(self, rows: QuerySet[Source], name: str, value: bool) -> QuerySet[Source]:
        return rows.exclude(problem="") if value else rows.filter(problem="")


class DocumentRenderer(JSONRenderer):
    """The media type of a download. It only renders errors, which are JSON."""

    media_type = "application/octet-stream"
    format = "document"


@extend_schema_view(list=extend_schema(summary="List sources, newest first"))
class SourceViewSet(mixins.ListModelMixin, DeskViewSet):
    """What articles may say: sources as they were given, as they were fetched, and as they were read."""

    queryset = Source.objects.with_warnings().order_by("-id")
    serializer_class = FiledSourceSerializer
    filterset_class = SourceFilter
    permissions = {
        **dict.fromkeys(("list", "retrieve", "readings", "reading", "snapshot"), READ),
        "reread": (*READ, "tasks.change_source"),
    }
    parameters = {"readings": PAGE, "snapshot": {"sha256"}}

    def get_queryset(self) -> QuerySet[Source]:
        rows = super().get_queryset()
        if self.action != "retrieve":
            return rows.defer("text")
        return rows.prefetch_related(*record_prefetches())

    @extend_schema(summary="Read a source", responses=SourceDetailSerializer)
    def retrieve(self, request: Request, pk: str) -> Response:
        context = self.get_serializer_context()
        return Response(SourceDetailSerializer(self.get_object(), context=context).data)

    @extend_schema(
        summary="Readings of a source, newest first",
        filters=False,
        responses=SourceReadingSerializer(many=True),
    )
    @action(detail=True)
    def readings(self, request: Request, pk: str) -> Response:
        rows = SourceReading.objects.filter(snapshot__source=self.get_object())
        return self.listing(rows.defer("text", "kinds").order_by("-id"), SourceReadingSerializer)

    @extend_schema(
        summary="Read a reading, with its text",
        parameters=[OpenApiParameter("reading", int, OpenApiParameter.PATH)],
        responses=SourceReadingTextSerializer,
    )
    @action(detail=True, url_path="readings/(?P<reading>[0-9]{1,18})")
    def reading(self, request: Request, pk: str, reading: str) -> Response:
        rows = SourceReading.objects.filter(snapshot__source=self.get_object(), pk=int(reading))
        found = rows.first()
        if found is None:
            raise Http404(f"Source {pk} has no reading {reading}.")
        return Response(SourceReadingTextSerializer(found).data)

    @extend_schema(
        summary="Download the document that a source was",
        description="The newest, or the one with this SHA-256; the bytes as they were fetched or uploaded.",
        parameters=[OpenApiParameter("sha256", str, description="Of the bytes, in hexadecimal.")],
        filters=False,
        responses={(200, "application/octet-stream"): OpenApiTypes.BINARY},
    )
    @action(detail=True, renderer_classes=[DocumentRenderer], pagination_class=None)
    def snapshot(self, request: Request, pk: str) -> HttpResponse:
        source, sha256 = self.get_object(), request.query_params.get("sha256")
        rows = source.snapshots.select_related("content").order_by("-id")
        found = (rows.filter(content__sha256=sha256) if sha256 else rows).first()
        if found is None:
            raise Http404(f"No such document of source {pk} is stored.")
        return as_download(found)

    @extend_schema(
        summary="Read a stored document again",
        description="With today's reader, as a new reading next to the earlier ones. 200: this reader has "
        "read it before. Drafts stay what they were checked against.",
        request=RereadSerializer,
        responses={200: SourceReadingSerializer, 201: SourceReadingSerializer},
    )
    @action(detail=True, methods=["post"])
    def reread(self, request: Request, pk: str) -> Response:
        wanted: dict[str, Any] = checked(RereadSerializer, request)
        rows = self.get_object().snapshots.order_by("-id")
        found = (rows.filter(pk=wanted["snapshot"]) if wanted else rows).first()
        if found is None:
            raise Http404(f"No such document of source {pk} is stored.")
        reading, is_new = actions.read_again(found, by=actor(request))
        return Response(SourceReadingSerializer(reading).data, status=201 if is_new else 200)
