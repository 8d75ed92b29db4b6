"""Taking part of a machine's changes, over HTTP: part of `/api/drafts/{id}/`."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from approvals.errors import NoSuchVersion
from approvals.partial_acceptance import hunks_between, take_hunks
from tasks.actor import actor
from tasks.api.base import DeskViewSet, StrictSerializer, checked
from tasks.api.edit_conditions import IF_MATCH, require_current, tagged
from tasks.api.serializers.drafts import DraftSerializer
from tasks.api.views import NUMBER, VERSION_PATH
from tasks.models import Draft

MAX_HUNKS = 5000


class VersionHunkSerializer(serializers.Serializer[Any]):
    """One change between two versions. Its id is the same whenever these two versions are compared."""

    id = serializers.CharField()
    field = serializers.CharField(
        help_text="body, where a hunk is a paragraph or an item of a list; any other field is one hunk. "
        "Citations follow the body."
    )
    kind = serializers.CharField(help_text="changed, added, removed or moved.")
    old = serializers.CharField(help_text="Empty for what was added.")
    new = serializers.CharField(help_text="Empty for what was removed.")
    section = serializers.CharField(help_text="The heading it stands under.")
    line = serializers.IntegerField(help_text="Where it begins in the body, from 1; 0 for other fields.")


class VersionHunksSerializer(serializers.Serializer[Any]):
    from_version = serializers.IntegerField(source="old.version")
    to_version = serializers.IntegerField(source="new.version")
    hunks = VersionHunkSerializer(many=True)


class TakeHunksSerializer(StrictSerializer):
    from_version = serializers.IntegerField(min_value=1, max_value=2**31 - 1)
    to_version = serializers.IntegerField(min_value=1, max_value=2**31 - 1)
    accept = serializers.ListField(
        child=serializers.CharField(max_length=64),
        max_length=MAX_HUNKS,
        help_text="The ids of the accepted hunks; all others are refused.",
    )
    reason = serializers.CharField(default="", allow_blank=True, max_length=1000)


class DraftHunkViewSet(DeskViewSet):
    """The changes between two versions one by one, and versions that have some of them."""

    queryset = Draft.objects.all()
    serializer_class = VersionHunksSerializer
    pagination_class = None  # type: ignore[assignment]  # DRF takes None, its stubs do not
    permissions = {
        "hunks": ("tasks.view_draft",),
        "take": ("tasks.view_draft", "tasks.change_draft"),
    }

    @extend_schema(
        summary="The changes from one version to another, one by one",
        parameters=[
            NUMBER,
            OpenApiParameter("other", int, OpenApiParameter.PATH, description="The version to compare to."),
        ],
        responses=VersionHunksSerializer,
    )
    @action(detail=True, url_path=f"{VERSION_PATH}/hunks/(?P<other>[0-9]{{1,9}})")
    def hunks(self, request: Request, pk: str, number: str, other: str) -> Response:
        try:
            found = hunks_between(self.get_object(), int(number), int(other))
        except NoSuchVersion as error:
            raise Http404(str(error)) from None
        return Response(VersionHunksSerializer(found).data)

    @extend_schema(
        summary="Accept some changes of a version and refuse the others",
        description="Makes a version by the caller: the text of `from_version` with the accepted changes, "
        "and what was edited since `to_version`. When the text is so already, it makes none. 409: a later "
        "edit is in the way, or a locked paragraph would change.",
        parameters=[IF_MATCH],
        request=TakeHunksSerializer,
        responses={200: DraftSerializer, 404: OpenApiResponse(description="No such version.")},
    )
    @action(detail=True, methods=["post"], url_path="hunks")
    def take(self, request: Request, pk: str) -> Response:
        draft = self.get_object()
        require_current(request, draft)
        try:
            take_hunks(draft, **checked(TakeHunksSerializer, request), by=actor(request))
        except NoSuchVersion as error:
            raise Http404(str(error)) from None
        current = self.get_object()
        return tagged(Response(DraftSerializer(current).data), current)
