"""Tasks and drafts over HTTP. Each method parses, calls an action and responds."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import User
from django.db import connection
from django.db.models import Prefetch, QuerySet
from django.http import Http404, HttpResponse
from django.utils.http import parse_etags
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema, extend_schema_view
from rest_framework import mixins
from rest_framework.decorators import action
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer

from tasks import actions
from tasks.actor import actor
from tasks.api import event_stream
from tasks.api.base import DeskViewSet, ReasonSerializer, checked
from tasks.api.batches import BatchActions
from tasks.api.edit_conditions import IF_MATCH, names_draft, require_current, require_match, tagged
from tasks.api.filters import DraftFilter, TaskFilter
from tasks.api.forecasts import ForecastActions
from tasks.api.parameters import PAGE
from tasks.api.replays import ReplayActions
from tasks.api.serializers.drafts import (
    DraftEditSerializer,
    DraftPreviewSerializer,
    DraftSerializer,
    DraftTeaserSerializer,
    QualitySerializer,
    VersionSerializer,
    VersionTextSerializer,
)
from tasks.api.serializers.metrics import MetricsSerializer
from tasks.api.serializers.sources import FiledSourceSerializer
from tasks.api.serializers.tasks import (
    BriefSerializer,
    BulkResultSerializer,
    BulkSerializer,
    ModelCallSerializer,
    RetrySerializer,
    StageRunSerializer,
    TaskSerializer,
)
from tasks.attachments import attachments_of
from tasks.bulk import VERBS
from tasks.errors import TransitionRefused
from tasks.metrics import task_metrics
from tasks.models import ContentTask, Draft, ModelCall, Source
from tasks.pipeline.text import markdown
from tasks.version_costs import costs_of_versions
from tasks.version_scores import with_checked_scores

VERSION_PATH = "versions/(?P<number>[0-9]{1,9})"
NUMBER = OpenApiParameter("number", int, OpenApiParameter.PATH, description="The version.")


@extend_schema_view(
    list=extend_schema(summary="List tasks, newest first"),
    retrieve=extend_schema(summary="Read a task"),
)
class TaskViewSet(
    mixins.ListModelMixin, mixins.RetrieveModelMixin, ReplayActions, ForecastActions, BatchActions
):
    """Briefs and the work on them. The same addresses also exist under `/api/content/tasks/`."""

    queryset = (
        ContentTask.objects.select_related("draft", "assignee", "reviewer")
        .defer("draft__body", "draft__citations")
        .prefetch_related(
            Prefetch("sources", Source.objects.with_warnings().defer("text")),
            # What the cost is the sum of; a call's error may be long.
            Prefetch("calls", ModelCall.objects.only("task_id", "input_tokens", "output_tokens", "cost_usd")),
        )
    )
    serializer_class = TaskSerializer
    filterset_class = TaskFilter
    permissions = {
        **dict.fromkeys(("list", "retrieve", "events", "metrics"), ("tasks.view_contenttask",)),
        **dict.fromkeys(("create", "batch", "forecast"), ("tasks.view_contenttask", "tasks.add_contenttask")),
        **dict.fromkeys((*VERBS, "bulk"), ("tasks.view_contenttask", "tasks.change_contenttask")),
        "replay": ("tasks.view_contenttask", "tasks.add_contenttask"),
        "stages": ("tasks.view_contenttask", "tasks.view_stagerun"),
        "calls": ("tasks.view_contenttask", "tasks.view_modelcall"),
        "sources": ("tasks.view_contenttask", "tasks.view_source"),
    }
    parameters = {**dict.fromkeys(("stages", "calls", "sources"), PAGE), "events": {event_stream.PARAMETER}}

    @extend_schema(
        summary="File a brief",
        request=BriefSerializer,
        responses={201: TaskSerializer},
    )
    def create(self, request: Request) -> Response:
        fields = checked(BriefSerializer, request)
        sources = fields.pop("sources", [])
        task = actions.file_brief(fields, sources, by=actor(request))
        answer = self._answer(task, status=201)
        answer["Location"] = answer.data["links"]["self"]
        return answer

    @extend_schema(summary="Cancel a task and stop the work on it", request=ReasonSerializer)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: str) -> Response:
        return self._move(request)

    @extend_schema(
        summary="Retry a failed, cancelled or rejected task",
        description="With changed settings, if the body names any.",
        request=RetrySerializer,
    )
    @action(detail=True, methods=["post"])
    def retry(self, request: Request, pk: str) -> Response:
        task, limits = self.get_object(), checked(RetrySerializer, request)
        actions.retry(task, by=actor(request), reason=limits.pop("reason"), limits=limits)
        return self._answer(task)

    @extend_schema(summary="Put a task on hold", request=ReasonSerializer)
    @action(detail=True, methods=["post"])
    def hold(self, request: Request, pk: str) -> Response:
        return self._move(request)

    @extend_schema(summary="Resume a task on hold", request=ReasonSerializer)
    @action(detail=True, methods=["post"])
    def resume(self, request: Request, pk: str) -> Response:
        return self._move(request)

    @extend_schema(
        summary="Run an action on many tasks",
        description="Each is processed by itself: one that refuses does not stop the others.",
        request=BulkSerializer,
        responses=BulkResultSerializer,
    )
    @action(detail=False, methods=["post"])
    def bulk(self, request: Request) -> Response:
        given = checked(BulkSerializer, request)
        ids = list(dict.fromkeys(given.pop("ids")))
        tasks = _rows(ids)
        return Response({"results": [_try(pk, tasks.get(pk), by=actor(request), **given) for pk in ids]})

    @extend_schema(
        summary="Finished and failed stages, in order",
        filters=False,
        responses=StageRunSerializer(many=True),
    )
    @action(detail=True)
    def stages(self, request: Request, pk: str) -> Response:
        task = get_object_or_404(ContentTask, pk=pk)
        return self.listing(task.stage_runs.defer("output"), StageRunSerializer)

    @extend_schema(
        summary="Calls of language models, in order",
        filters=False,
        responses=ModelCallSerializer(many=True),
    )
    @action(detail=True)
    def calls(self, request: Request, pk: str) -> Response:
        return self.listing(get_object_or_404(ContentTask, pk=pk).calls.all(), ModelCallSerializer)

    @extend_schema(summary="Sources, in order", filters=False, responses=FiledSourceSerializer(many=True))
    @action(detail=True)
    def sources(self, request: Request, pk: str) -> Response:
        rows = get_object_or_404(ContentTask, pk=pk).sources.with_warnings()
        return self.listing(rows.defer("text"), FiledSourceSerializer)

    @extend_schema(
        summary="Follow the work live",
        description=event_stream.DESCRIPTION,
        parameters=event_stream.PARAMETERS,
        filters=False,
        responses={
            (200, "text/event-stream"): OpenApiTypes.STR,
            204: OpenApiResponse(description="The work is over, and you have all its events."),
        },
    )
    @action(detail=True, renderer_classes=[event_stream.EventStreamRenderer], pagination_class=None)
    def events(self, request: Request, pk: str) -> HttpResponse:
        task = get_object_or_404(ContentTask.objects.only("event_seq", "status"), pk=pk)
        return event_stream.follow(request, task)

    @extend_schema(summary="Figures over all tasks", filters=False, responses=MetricsSerializer)
    @action(detail=False, pagination_class=None)
    def metrics(self, request: Request) -> Response:
        return Response(MetricsSerializer(task_metrics()).data)

    def _move(self, request: Request) -> Response:
        task = self.get_object()
        VERBS[self.action].act(task, by=actor(request), **checked(ReasonSerializer, request))
        return self._answer(task)

    def _answer(self, task: ContentTask, status: int = 200) -> Response:
        """The task as it stands now: what was prefetched before a verb ran may be out of date."""
        return Response(self.get_serializer(self.get_queryset().get(pk=task.pk)).data, status=status)


def _rows(ids: list[int]) -> dict[int, ContentTask]:
    rows = ContentTask.objects.order_by("pk")
    # Under an Idempotency-Key all is one transaction: the rows first, then the chain, as every verb does.
    return (rows.select_for_update() if connection.in_atomic_block else rows).in_bulk(ids)


def _try(pk: int, task: ContentTask | None, *, action: str, by: User, reason: str) -> dict[str, Any]:
    if task is None:
        return {"id": pk, "ok": False, "status": None, "error": f"There is no task {pk}."}
    try:
        VERBS[action].act(task, by=by, reason=reason)
    except TransitionRefused as error:
        task.refresh_from_db(fields=["status"])
        return {"id": pk, "ok": False, "status": task.status, "error": str(error)}
    return {"id": pk, "ok": True, "status": task.status, "error": ""}


@extend_schema_view(list=extend_schema(summary="List drafts, newest first"))
class DraftViewSet(mixins.ListModelMixin, DeskViewSet):
    """The text of a task and its versions."""

    queryset = Draft.objects.all()
    filterset_class = DraftFilter
    serializer_class = DraftSerializer
    permissions = {
        **dict.fromkeys(("list", "retrieve", "preview", "versions", "version"), ("tasks.view_draft",)),
        "partial_update": ("tasks.view_draft", "tasks.change_draft"),
        "restore": ("tasks.view_draft", "tasks.restore_draft"),
        "quality": ("tasks.view_draft", "tasks.view_qualityreport"),
    }
    parameters = {"versions": PAGE}

    def get_queryset(self) -> QuerySet[Draft]:
        if self.action != "list":
            return super().get_queryset()
        return Draft.objects.select_related("task").defer("body", "citations").order_by("-id")

    def get_serializer_class(self) -> type[BaseSerializer[Draft]]:
        return DraftTeaserSerializer if self.action == "list" else DraftSerializer

    def filter_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return super().filter_queryset(queryset) if self.action == "list" else queryset

    @extend_schema(
        summary="Read a draft",
        parameters=[OpenApiParameter("If-None-Match", str, OpenApiParameter.HEADER)],
        responses={
            200: DraftSerializer,
            304: OpenApiResponse(description="Not modified."),
        },
    )
    def retrieve(self, request: Request, pk: str) -> Response:
        draft = self.get_object()
        known = parse_etags(request.headers.get("If-None-Match", ""))
        if names_draft({tag.removeprefix("W/") for tag in known}, draft):
            return tagged(Response(status=304), draft)
        return self._answer(draft)

    @extend_schema(
        summary="Edit a draft",
        description="Creates the next version. An approval of the old text is void. What is published stays "
        "as it is, and only editors may change its text.",
        parameters=[IF_MATCH],
        request=DraftEditSerializer,
        responses=DraftSerializer,
    )
    def partial_update(self, request: Request, pk: str) -> Response:
        draft = self.get_object()
        require_current(request, draft)
        content = checked(DraftEditSerializer, request)
        reason = content.pop("reason")
        actions.edit_draft(draft, content, by=actor(request), reason=reason)
        return self._answer(self.get_object())

    @extend_schema(summary="Versions, newest first", filters=False, responses=VersionSerializer(many=True))
    @action(detail=True)
    def versions(self, request: Request, pk: str) -> Response:
        draft = self.get_object()
        rows = with_checked_scores(draft.versions.defer("body", "citations"))
        return self.listing(rows, VersionSerializer, costs=costs_of_versions(draft))

    @extend_schema(summary="Read a version", parameters=[NUMBER], responses=VersionTextSerializer)
    @action(detail=True, url_path=VERSION_PATH)
    def version(self, request: Request, pk: str, number: str) -> Response:
        draft = self.get_object()
        found = with_checked_scores(draft.history.filter(version=number)).first()
        if found is None:
            raise Http404(f"Draft {pk} has no version {number}.")
        context = {"costs": costs_of_versions(draft)}
        return Response(VersionTextSerializer(found, context=context).data)

    @extend_schema(
        summary="Restore an earlier version as the next one",
        parameters=[NUMBER],
        request=None,
        responses=DraftSerializer,
    )
    @action(detail=True, methods=["post"], url_path=f"{VERSION_PATH}/restore")
    def restore(self, request: Request, pk: str, number: str) -> Response:
        draft = self.get_object()
        if "If-Match" in request.headers:
            require_match(request, draft)
        try:
            actions.restore_version(draft, int(number), by=actor(request))
        except Draft.history.model.DoesNotExist:
            raise Http404(f"Draft {pk} has no version {number}.") from None
        return self._answer(self.get_object())

    @extend_schema(
        summary="The current text as readers will see it",
        description="The body as HTML with notes where something is not shown, and a list of these.",
        responses=DraftPreviewSerializer,
    )
    @action(detail=True)
    def preview(self, request: Request, pk: str) -> Response:
        draft = self.get_object()
        text, attached = (draft.body, draft.citations), attachments_of(draft.body)
        language = draft.task.language
        shown = {
            "html": markdown.render(*text, language=language, for_editors=True, attachments=attached),
            "unshown": markdown.unshown(*text, attachments=attached),
        }
        return tagged(Response(DraftPreviewSerializer(shown).data), draft)

    @extend_schema(summary="Quality report of the current version", responses=QualitySerializer)
    @action(detail=True)
    def quality(self, request: Request, pk: str) -> Response:
        draft = self.get_object()
        report = draft.quality_reports.filter(version=draft.version).first()
        if report is None:
            raise Http404(f"Version {draft.version} has not been checked yet.")
        return Response(QualitySerializer(report).data)

    def _answer(self, draft: Draft) -> Response:
        return tagged(Response(self.get_serializer(draft).data), draft)
