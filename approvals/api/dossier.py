"""An article's dossier, over HTTP: part of `/api/drafts/{id}/`."""

from __future__ import annotations

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from approvals.audit.dossier import dossier
from approvals.desk.dossier import PERMISSIONS
from tasks.actor import actor
from tasks.api.base import DeskViewSet, StrictSerializer, checked
from tasks.models import Draft


class DossierSerializer(StrictSerializer):
    with_bytes = serializers.BooleanField(
        default=False, help_text="Include the documents that its sources were, in base64."
    )


class DraftDossierViewSet(DeskViewSet):
    queryset = Draft.objects.all()
    permissions = {"dossier": PERMISSIONS}

    @extend_schema(
        summary="Everything on record about an article",
        description="One JSON file that tools/verify_audit.py checks offline. POST, because it is recorded.",
        request=DossierSerializer,
        responses={200: OpenApiTypes.OBJECT},
    )
    @action(detail=True, methods=["post"])
    def dossier(self, request: Request, pk: str) -> Response:
        options = checked(DossierSerializer, request)
        return Response(dossier(self.get_object(), by=actor(request), via="api", **options))
