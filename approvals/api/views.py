"""Decisions and the audit trail over HTTP."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import mixins
from rest_framework.decorators import action
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from approvals.api import serializers as wire
from approvals.api.filters import AuditFilter, DecisionFilter
from approvals.audit import chain
from approvals.audit.verification import first_flaw
from approvals.decisions import decide
from approvals.models import AuditEntry, Decision, Verdict
from tasks.api.base import DeskViewSet, checked
from tasks.api.parameters import PAGE
from tasks.models import ContentTask, Draft


class DraftDecisionViewSet(DeskViewSet):
    """What was and is decided about a draft: part of `/api/drafts/{id}/`."""

    queryset = Draft.objects.all()
    serializer_class = wire.DecisionSerializer
    permissions = {
        "decisions": ("tasks.view_draft", "approvals.view_decision"),
        "decide": ("tasks.view_draft", "approvals.add_decision"),
    }
    parameters = {"decisions": PAGE}

    @extend_schema(summary="Decisions about a draft, newest first",
                   responses=wire.DecisionSerializer(many=True))  # fmt: skip
    @action(detail=True)
    def decisions(self, request: Request, pk: str) -> Response:
        draft = self.get_object()
        return self.listing(draft.decisions.select_related("draft"), wire.DecisionSerializer)

    @extend_schema(
        summary="Decide about a draft",
        description="`version` and `content_sha256` name the text that was read. 409: it is another by now.",
        request=wire.DecideSerializer,
        responses={201: wire.DecisionSerializer},
    )
    @decisions.mapping.post
    def decide(self, request: Request, pk: str) -> Response:
        draft = self.get_object()
        asked = checked(wire.DecideSerializer, request)
        verdict = Verdict(asked.pop("decision"))
        decision = decide(draft, verdict, **asked, by=request.user, via="api")
        return Response(wire.DecisionSerializer(decision).data, status=201)


class TaskHistoryViewSet(DeskViewSet):
    """The moves of a task: part of `/api/tasks/{id}/`, answered here because they are audit entries."""

    queryset = ContentTask.objects.all()
    serializer_class = wire.MoveSerializer
    permissions = {"history": ("tasks.view_contenttask",)}
    parameters = {"history": PAGE}

    @extend_schema(summary="Every move of its lifecycle, in order", responses=wire.MoveSerializer(many=True))
    @action(detail=True)
    def history(self, request: Request, pk: str) -> Response:
        task = get_object_or_404(ContentTask, pk=pk)
        moves = AuditEntry.objects.filter(
            task_id=task.pk, object_type="contenttask", action__startswith="task."
        )
        return self.listing(moves.order_by("seq"), wire.MoveSerializer)


@extend_schema_view(
    list=extend_schema(summary="List decisions, newest first"),
    retrieve=extend_schema(summary="Read a decision"),
)
class DecisionViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, DeskViewSet):
    """Who decided what, on which text, and why."""

    queryset = Decision.objects.select_related("draft").defer("draft__body", "draft__citations")
    serializer_class = wire.DecisionSerializer
    filterset_class = DecisionFilter
    permissions = dict.fromkeys(("list", "retrieve"), ("approvals.view_decision",))


@extend_schema_view(
    list=extend_schema(summary="List audit entries, newest first"),
    retrieve=extend_schema(summary="Read an audit entry"),
)
class AuditViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, DeskViewSet):
    """The chained record of everything that happened."""

    queryset = AuditEntry.objects.all()
    serializer_class = wire.AuditEntrySerializer
    filterset_class = AuditFilter
    permissions = dict.fromkeys(("list", "retrieve", "verify"), ("approvals.view_auditentry",))
    parameters = {"verify": {"head"}}

    @extend_schema(
        summary="Verify the whole chain",
        description="Against heads that were kept elsewhere as well, if given: only they show a cut tail.",
        filters=False,
        parameters=[wire.HeadsSerializer],
        responses=wire.VerificationSerializer,
    )
    @action(detail=False, pagination_class=None)
    def verify(self, request: Request) -> Response:
        heads = wire.HeadsSerializer.read(request.query_params)
        flaw = first_flaw(heads)
        head_seq, head_hash = chain.head()
        found = {
            "is_intact": flaw is None, "first_flaw": flaw, "heads_checked": len(heads), "head_seq": head_seq,
            "head_hash": head_hash,
        }  # fmt: skip
        return Response(wire.VerificationSerializer(found).data)
