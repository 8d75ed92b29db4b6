"""Links that show one version of a text to people without an account: part of `/api/drafts/{id}/`."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.http import Http404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from approvals.links.models import PreviewLink
from approvals.links.sharing import DAYS, DEFAULT_DAYS, make_link, revoke
from tasks.actor import actor
from tasks.api.base import DeskViewSet, StrictSerializer, checked
from tasks.api.parameters import PAGE
from tasks.models import Draft

LINK = OpenApiParameter("link", int, OpenApiParameter.PATH, description="The id of the link.")


class NewLinkSerializer(StrictSerializer):
    version = serializers.IntegerField(
        required=False, min_value=1, max_value=2**31 - 1, help_text="Default: the current one."
    )
    kind = serializers.ChoiceField(
        choices=PreviewLink.Kind.choices,
        default=PreviewLink.Kind.PREVIEW,
        help_text="`preview` shows the text; `sign_off` also asks `person` once for feedback.",
    )
    person = serializers.CharField(default="", allow_blank=True, max_length=150)
    days = serializers.ChoiceField(choices=DAYS, default=DEFAULT_DAYS, help_text="For how long it works.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["kind"] == PreviewLink.Kind.SIGN_OFF and not attrs["person"]:
            raise serializers.ValidationError(
                {"person": ["Say who will give the feedback: the name is recorded with it."]}
            )
        return attrs


class PreviewLinkSerializer(serializers.ModelSerializer[PreviewLink]):
    """A link. Its address is in no answer but the one that made it."""

    created_by = serializers.CharField(source="created_by_name", read_only=True)
    is_open = serializers.BooleanField(read_only=True, help_text="Whether it still shows the text.")

    class Meta:
        model = PreviewLink
        fields: tuple[str, ...] = (
            "id", "version", "content_sha256", "kind", "person", "created_by", "created_at", "expires_at",
            "revoked_at", "is_open",
        )  # fmt: skip
        read_only_fields = fields


class MadeLinkSerializer(PreviewLinkSerializer):
    url = serializers.SerializerMethodField(
        help_text="Not shown again; null where the same request is sent again under its Idempotency-Key."
    )

    class Meta(PreviewLinkSerializer.Meta):
        fields = (*PreviewLinkSerializer.Meta.fields, "url")
        read_only_fields = fields

    def get_url(self, link: PreviewLink) -> str | None:
        return str(self.context["url"])


class DraftLinkViewSet(DeskViewSet):
    """Links to versions of a draft, for people without an account."""

    queryset = Draft.objects.all()
    serializer_class = PreviewLinkSerializer
    permissions = {
        "links": ("tasks.view_draft", "approvals.view_previewlink"),
        "make": ("tasks.view_draft", "approvals.add_previewlink"),
        "revoke": ("tasks.view_draft", "approvals.change_previewlink"),
    }
    parameters = {"links": PAGE}

    def without_secrets(self, data: Any) -> Any:
        return data | {"url": None} if isinstance(data, dict) and "url" in data else data

    @extend_schema(
        summary="Links to versions of a draft, newest first",
        filters=False,
        responses=PreviewLinkSerializer(many=True),
    )
    @action(detail=True)
    def links(self, request: Request, pk: str) -> Response:
        return self.listing(_links_of(self.get_object()), PreviewLinkSerializer)

    @extend_schema(
        summary="Make a link to a version", request=NewLinkSerializer, responses={201: MadeLinkSerializer}
    )
    @links.mapping.post
    def make(self, request: Request, pk: str) -> Response:
        draft, asked = self.get_object(), checked(NewLinkSerializer, request)
        version = asked.pop("version", draft.version)
        try:
            link, path = make_link(draft, version=version, by=actor(request), **asked)
        except Draft.history.model.DoesNotExist:
            raise serializers.ValidationError(
                {"version": [f"Draft {pk} has no version {version}."]}
            ) from None
        answer = MadeLinkSerializer(link, context={"url": f"{settings.SITE_URL}{path}"})
        return Response(answer.data, status=201, headers={"Cache-Control": "private, no-store"})

    @extend_schema(summary="Revoke a link", parameters=[LINK], request=None, responses={204: None})
    @action(detail=True, methods=["delete"], url_path="links/(?P<link>[0-9]+)")
    def revoke(self, request: Request, pk: str, link: str) -> Response:
        found = _links_of(self.get_object()).filter(pk=min(int(link[:19]), 2**63 - 1)).first()
        if found is None:
            raise Http404(f"Draft {pk} has no link {link}.")
        revoke(found, by=actor(request))
        return Response(status=204)


def _links_of(draft: Draft) -> QuerySet[PreviewLink]:
    return draft.preview_links.select_related("feedback").order_by("-id")
