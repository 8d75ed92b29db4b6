"""Proposals of a model for a part of a draft, over HTTP: part of `/api/drafts/{id}/`."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from tasks import proposals
from tasks.actor import actor
from tasks.api.base import DeskViewSet, StrictSerializer, checked
from tasks.api.edit_conditions import IF_MATCH, require_current, require_match, tagged
from tasks.api.parameters import PAGE
from tasks.api.serializers.drafts import DraftSerializer
from tasks.api.serializers.fields import UsdField
from tasks.models import Draft, Proposal
from tasks.models.proposals import MAX_INSTRUCTION

PROPOSAL = OpenApiParameter("proposal", int, OpenApiParameter.PATH, description="Its id.")
PROPOSAL_PATH = "proposals/(?P<proposal>[0-9]{1,18})"
SHA256 = r"^[0-9a-f]{64}\Z"


class ProposalSerializer(serializers.ModelSerializer[Proposal]):
    """`texts` are there once it is ready; `cost_usd` is null when a model has no known price."""

    texts = serializers.ListField(child=serializers.CharField())
    notes = serializers.ListField(child=serializers.CharField())
    model = serializers.CharField(source="written_by")
    cost_usd = UsdField(allow_null=True)

    class Meta:
        model = Proposal
        fields = (
            "id", "draft", "kind", "version", "paragraphs", "original", "instruction", "share_percent",
            "status", "texts", "notes", "model", "cost_usd", "error", "error_kind", "taken_version",
            "asked_by", "asked_by_name", "created_at", "started_at", "finished_at",
        )  # fmt: skip
        read_only_fields = fields


class ProposeSerializer(StrictSerializer):
    kind = serializers.ChoiceField(
        choices=Proposal.Kind.choices,
        error_messages={"invalid_choice": f"Choose from: {', '.join(Proposal.Kind.values)}."},
    )
    instruction = serializers.CharField(
        default="", allow_blank=True, max_length=MAX_INSTRUCTION, help_text="Required for a paragraph."
    )
    paragraph = serializers.RegexField(
        SHA256,
        required=False,
        help_text="The hash of the paragraph, or of the first one, as `blame/` names it.",
    )
    last_paragraph = serializers.RegexField(
        SHA256, required=False, help_text="To shorten several in a row: the hash of the last one."
    )
    share_percent = serializers.IntegerField(
        required=False,
        min_value=proposals.SHARES[0],
        max_value=proposals.SHARES[-1],
        help_text="By how much to shorten.",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """No field that the kind does not have: it would be silently ignored."""
        allowed = {
            Proposal.Kind.TITLES: set(),
            Proposal.Kind.PARAGRAPH: {"paragraph"},
            Proposal.Kind.SHORTEN: {"paragraph", "last_paragraph", "share_percent"},
        }[Proposal.Kind(attrs["kind"])]
        needed = allowed - {"last_paragraph"}
        errors = {name: ["This kind has no such field."] for name in attrs.keys() - allowed - COMMON}
        errors |= {name: [f"Required for {attrs['kind']}."] for name in needed - attrs.keys()}
        if attrs["kind"] == Proposal.Kind.PARAGRAPH and not attrs["instruction"].strip():
            errors["instruction"] = ["Say what is to change, such as “shorter”."]
        if errors:
            raise serializers.ValidationError(errors)
        return attrs


COMMON = {"kind", "instruction"}


class AcceptProposalSerializer(StrictSerializer):
    choice = serializers.IntegerField(
        default=0, min_value=0, max_value=100, help_text="Which of the texts, from 0."
    )


class DraftProposalViewSet(DeskViewSet):
    """What a model proposes for a part of a draft. Nothing changes until someone accepts it."""

    queryset = Draft.objects.all()
    serializer_class = ProposalSerializer
    permissions = {
        **dict.fromkeys(("proposals", "proposal"), ("tasks.view_draft",)),
        **dict.fromkeys(("propose", "accept", "dismiss"), ("tasks.view_draft", "tasks.change_draft")),
    }
    parameters = {"proposals": PAGE}

    @extend_schema(summary="Proposals for a draft, newest first", responses=ProposalSerializer(many=True))
    @action(detail=True)
    def proposals(self, request: Request, pk: str) -> Response:
        return self.listing(self.get_object().proposals.all(), ProposalSerializer)

    @extend_schema(
        summary="Ask a model for a proposal",
        description="`paragraph`: one paragraph again, as the instruction says. `titles`: three titles to "
        "choose from. `shorten`: the same passage in fewer words. A worker asks the model: read the proposal "
        "again until it is `ready` or `failed`. 409: no model is configured, the paragraph is locked or not "
        "in the text, or the text cannot be edited now.",
        request=ProposeSerializer,
        parameters=[OpenApiParameter("If-Match", str, OpenApiParameter.HEADER)],
        responses={201: ProposalSerializer},
    )
    @proposals.mapping.post
    def propose(self, request: Request, pk: str) -> Response:
        draft = self.get_object()
        if "If-Match" in request.headers:
            require_match(request, draft)
        asked = checked(ProposeSerializer, request)
        first, last = asked.pop("paragraph", ""), asked.pop("last_paragraph", "")
        made = proposals.request_proposal(draft, **asked, first=first, last=last, by=actor(request))
        return Response(self.get_serializer(made).data, status=201)

    @extend_schema(summary="Read a proposal", parameters=[PROPOSAL], responses=ProposalSerializer)
    @action(detail=True, url_path=PROPOSAL_PATH)
    def proposal(self, request: Request, pk: str, proposal: str) -> Response:
        return Response(self.get_serializer(self._found(proposal)).data)

    @extend_schema(
        summary="Accept a proposal",
        description="Makes a version by the caller that names the model too. 409: it is not ready, or what "
        "it replaces is no longer in the text.",
        parameters=[PROPOSAL, IF_MATCH],
        request=AcceptProposalSerializer,
        responses=DraftSerializer,
    )
    @action(detail=True, methods=["post"], url_path=f"{PROPOSAL_PATH}/accept")
    def accept(self, request: Request, pk: str, proposal: str) -> Response:
        found = self._found(proposal)
        require_current(request, self.get_object())
        proposals.accept_proposal(found, **checked(AcceptProposalSerializer, request), by=actor(request))
        draft = self.get_object()
        return tagged(Response(DraftSerializer(draft).data), draft)

    @extend_schema(
        summary="Dismiss a proposal, and stop the call of a model for it",
        parameters=[PROPOSAL],
        request=None,
        responses={200: ProposalSerializer, 409: OpenApiResponse(description="It was taken.")},
    )
    @action(detail=True, methods=["post"], url_path=f"{PROPOSAL_PATH}/dismiss")
    def dismiss(self, request: Request, pk: str, proposal: str) -> Response:
        found = self._found(proposal)
        proposals.dismiss_proposal(found)
        found.refresh_from_db()
        return Response(self.get_serializer(found).data)

    def _found(self, proposal: str) -> Proposal:
        found: Proposal = get_object_or_404(Proposal, pk=proposal, draft=self.get_object())
        return found
