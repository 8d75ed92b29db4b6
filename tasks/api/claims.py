"""The claim ledger over HTTP: that of one version, and the claims of all current texts."""

from __future__ import annotations

import django_filters as filters
from django.db.models import Exists, OuterRef, QuerySet
from django.http import Http404
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from tasks.api.base import DeskViewSet
from tasks.api.filtering import DeskFilterSet, IdFilter
from tasks.api.parameters import MOST_VERSIONS, VERSION
from tasks.api.serializers.claims import ClaimLedgerSerializer, CurrentClaimSerializer
from tasks.claim_records import ledger_of
from tasks.models import ClaimRecord, Draft, Source
from tasks.pipeline.claim_verdict import ClaimVerdict

READ = ("tasks.view_draft", "tasks.view_qualityreport", "tasks.view_source")
VERDICTS = [verdict.value for verdict in ClaimVerdict]


class DraftClaimsViewSet(DeskViewSet):
    """What the sources say of each factual sentence of a draft."""

    queryset = Draft.objects.all()
    serializer_class = ClaimLedgerSerializer
    pagination_class = None  # type: ignore[assignment]  # DRF takes None, its stubs do not
    permissions = {"claims": READ}
    parameters = {"claims": {"version", "verdict"}}

    @extend_schema(
        summary="Claim ledger of a version",
        description="Every factual sentence with its citations, the nearest passage of its sources and the "
        "verdict. 404: the sentences of this version were not compared, or not yet.",
        parameters=[
            OpenApiParameter("version", VERSION, description="Left out: the current one."),
            OpenApiParameter("verdict", str, enum=VERDICTS, many=True, description="Only these verdicts."),
        ],
        filters=False,
        responses=ClaimLedgerSerializer,
    )
    @action(detail=True)
    def claims(self, request: Request, pk: str) -> Response:
        version, verdicts = _wanted_version(request), _wanted_verdicts(request)
        draft = self.get_object()
        number = draft.version if version is None else version
        ledger = ledger_of(draft, number)
        if ledger is None:
            raise Http404(_why_none(draft, number))
        claims = [one for one in ledger.entries if not verdicts or one[1].verdict in verdicts]
        return Response(ClaimLedgerSerializer(ledger, context={"claims": claims}).data)


class ClaimFilter(DeskFilterSet):
    verdict = filters.MultipleChoiceFilter(
        choices=[(verdict, verdict) for verdict in VERDICTS], help_text="May be given more than once."
    )
    task = IdFilter(field_name="draft__task_id")
    draft = IdFilter(field_name="draft_id")
    source = IdFilter(method="by_source", help_text="The id of a source: claims whose passage is from it.")

    class Meta:
        model = ClaimRecord
        fields: list[str] = []

    def by_source(self, rows: QuerySet[ClaimRecord], name: str, wanted: int) -> QuerySet[ClaimRecord]:
        given = Source.objects.filter(pk=wanted, task=OuterRef("draft__task"), number=OuterRef("source"))
        return rows.filter(Exists(given))


@extend_schema_view(
    list=extend_schema(
        summary="List claims of current texts, newest first",
        description="Of versions that were compared with their sources.",
    )
)
class ClaimViewSet(mixins.ListModelMixin, DeskViewSet):
    queryset = ClaimRecord.objects.none()
    serializer_class = CurrentClaimSerializer
    filterset_class = ClaimFilter
    permissions = {"list": READ}

    def get_queryset(self) -> QuerySet[ClaimRecord]:
        return (
            ClaimRecord.objects.current()
            .select_related("draft")
            .defer("draft__body", "draft__citations")
            .order_by("-id")
        )


def _wanted_version(request: Request) -> int | None:
    given = request.query_params.get("version")
    if given is None:
        return None
    if not (given.isascii() and given.isdigit() and 1 <= int(given[:12]) <= MOST_VERSIONS):
        raise serializers.ValidationError({"version": ["Give the number of a version, from 1."]})
    return int(given)


def _wanted_verdicts(request: Request) -> set[str]:
    given = set(request.query_params.getlist("verdict"))
    if not given <= set(VERDICTS):
        raise serializers.ValidationError({"verdict": [f"Choose from: {', '.join(VERDICTS)}."]})
    return given


def _why_none(draft: Draft, version: int) -> str:
    if not draft.history.filter(version=version).exists():
        return f"Draft {draft.pk} has no version {version}."
    if draft.quality_reports.filter(version=version).exists():
        return f"Version {version} was checked, but its sentences were not compared one by one."
    return f"Version {version} has not been checked yet."
