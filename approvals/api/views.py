"""Decisions and the audit trail, over HTTP."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import mixins
from rest_framework.decorators import action
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from approvals.api.filters import AuditFilter, DecisionFilter
from approvals.api.serializers import (
    AuditEntrySerializer,
    DecideSerializer,
    DecisionSerializer,
    HeadsSerializer,
    MoveSerializer,
    VerificationSerializer,
)
from approvals.audit import chain
from approvals.audit.verification import first_failure
from approvals.decisions import decide
from approvals.models import AuditEntry, Decision, Verdict
from tasks.actor import actor
from tasks.api.base import DeskViewSet, checked
from tasks.api.parameters import PAGE
from tasks.models import ContentTask, Draft


class DraftDecisionViewSet(DeskViewSet):
    """Decisions on a draft: part of `/api/drafts/{id}/`."""

    queryset = Draft.objects.all()
    serializer_class = DecisionSerializer
    permissions = {
        "decisions": ("tasks.view_draft", "approvals.view_decision"),
        "decide": ("tasks.view_draft", "approvals.add_decision"),
    }
    parameters = {"decisions": PAGE}

    @extend_schema(summary="Decisions on a draft, newest first",
                   responses=DecisionSerializer(many=True))  # fmt: skip
    @action(detail=True)
    def decisions(self, request: Request, pk: str) -> Response:
        draft = self.get_object()
        return self.listing(draft.decisions.select_related("draft"), DecisionSerializer)

    @extend_schema(
        summary="Decide on a draft",
        description="`version` and `content_sha256` name the text that was read. 409: it has changed since.",
        request=DecideSerializer,
        responses={201: DecisionSerializer},
    )
    @decisions.mapping.post
    def decide(self, request: Request, pk: str) -> Response:
        draft = self.get_object()
        fields = checked(DecideSerializer, request)
        verdict = Verdict(fields.pop("decision"))
        decision = decide(draft, verdict, **fields, by=actor(request), via="api")
        return Response(DecisionSerializer(decision).data, status=201)


class TaskHistoryViewSet(DeskViewSet):
    """A task's transitions: part of `/api/tasks/{id}/`, in this app because they are audit entries."""

    queryset = ContentTask.objects.all()
    serializer_class = MoveSerializer
    permissions = {"history": ("tasks.view_contenttask",)}
    parameters = {"history": PAGE}

    @extend_schema(summary="Every transition of its lifecycle, in order", responses=MoveSerializer(many=True))
    @action(detail=True)
    def history(self, request: Request, pk: str) -> Response:
        task = get_object_or_404(ContentTask, pk=pk)
        moves = AuditEntry.objects.filter(
            task_id=task.pk, object_type="contenttask", action__startswith="task."
        )
        return self.listing(moves.order_by("seq"), MoveSerializer)


@extend_schema_view(
    list=extend_schema(summary="List decisions, newest first"),
    retrieve=extend_schema(summary="Read a decision"),
)
class DecisionViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, DeskViewSet):
    """Who decided what, on which text, and why."""

    queryset = Decision.objects.select_related("draft").defer("draft__body", "draft__citations")
    serializer_class = DecisionSerializer
    filterset_class = DecisionFilter
    permissions = dict.fromkeys(("list", "retrieve"), ("approvals.view_decision",))


@extend_schema_view(
    list=extend_schema(summary="List audit entries, newest first"),
    retrieve=extend_schema(summary="Read an audit entry"),
)
class AuditViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, DeskViewSet):
    """The audit chain: a chained record of everything that happened."""

    queryset = AuditEntry.objects.all()
    serializer_class = AuditEntrySerializer
    filterset_class = AuditFilter
    permissions = dict.fromkeys(("list", "retrieve", "verify"), ("approvals.view_auditentry",))
    parameters = {"verify": {"head"}}

    @extend_schema(
        summary="Verify the whole chain",
        description="Also against heads stored elsewhere, if given: only those reveal a truncated chain.",
        filters=False,
        parameters=[HeadsSerializer],
        responses=VerificationSerializer,
    )
    @action(detail=False, pagination_class=None)
    def verify(self, request: Request) -> Response:
        heads = HeadsSerializer.read(request.query_params)
        failure = first_failure(heads)
        head_seq, head_hash = chain.head()
        found = {
            "is_intact": failure is None, "first_flaw": failure, "heads_checked": len(heads),
            "head_seq": head_seq, "head_hash": head_hash,
        }  # fmt: skip
        return Response(VerificationSerializer(found).data)
