"""Locked paragraphs over HTTP: part of `/api/drafts/{id}/`."""

from __future__ import annotations

from django.http import Http404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from tasks import actions
from tasks.actor import actor
from tasks.api.base import DeskViewSet, StrictSerializer, checked
from tasks.api.parameters import PAGE
from tasks.models import Draft, ParagraphLock


class LockSerializer(serializers.ModelSerializer[ParagraphLock]):
    class Meta:
        model = ParagraphLock
        fields = ("sha256", "text", "reason", "locked_by", "locked_by_name", "locked_at")
        read_only_fields = fields


class LockParagraphSerializer(StrictSerializer):
    sha256 = serializers.RegexField(r"^[0-9a-f]{64}\Z", help_text="Of the paragraph, as `blame/` names it.")
    reason = serializers.CharField(default="", allow_blank=True, max_length=1000)


class DraftLockViewSet(DeskViewSet):
    """Locked paragraphs of a draft, which no revision changes."""

    queryset = Draft.objects.all()
    serializer_class = LockSerializer
    permissions = {
        "locks": ("tasks.view_draft", "tasks.view_paragraphlock"),
        "lock": ("tasks.view_draft", "tasks.add_paragraphlock"),
        "unlock": ("tasks.view_draft", "tasks.delete_paragraphlock"),
    }
    parameters = {"locks": PAGE}

    @extend_schema(summary="Locked paragraphs", responses=LockSerializer(many=True))
    @action(detail=True)
    def locks(self, request: Request, pk: str) -> Response:
        return self.listing(self.get_object().locks.all(), LockSerializer)

    @extend_schema(
        summary="Lock a paragraph",
        description="409: the current text has no such paragraph, or it is being written.",
        request=LockParagraphSerializer,
        responses={201: LockSerializer},
    )
    @locks.mapping.post
    def lock(self, request: Request, pk: str) -> Response:
        draft = self.get_object()
        lock = actions.lock_paragraph(draft, by=actor(request), **checked(LockParagraphSerializer, request))
        return Response(LockSerializer(lock).data, status=201)

    @extend_schema(
        summary="Unlock a paragraph",
        parameters=[OpenApiParameter("sha256", str, OpenApiParameter.PATH)],
        responses={204: None},
    )
    @action(detail=True, methods=["delete"], url_path="locks/(?P<sha256>[0-9a-f]{64})")
    def unlock(self, request: Request, pk: str, sha256: str) -> Response:
        try:
            actions.unlock_paragraph(self.get_object(), sha256, by=actor(request))
        except ParagraphLock.DoesNotExist:
            raise Http404(f"Draft {pk} has no such locked paragraph.") from None
        return Response(status=204)
