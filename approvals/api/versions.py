"""Comparing versions, over HTTP: part of `/api/drafts/{id}/`."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from drf_spectacular.utils import (
    OpenApiParameter,
    PolymorphicProxySerializer,
    extend_schema,
    extend_schema_field,
)
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from approvals.diffs.comparison import Comparison, compare_versions
from approvals.diffs.line_diff import ChangeKind, FieldDiff, Line, hunks, moved_lines
from approvals.diffs.rendered_diff import CHANGED, DiffBlock
from approvals.errors import NoSuchVersion
from tasks.api.base import DeskViewSet
from tasks.api.serializers.drafts import VersionSerializer
from tasks.api.views import NUMBER, VERSION_PATH
from tasks.models import Draft
from tasks.version_costs import costs_of_versions

KINDS: dict[str, str] = {
    ChangeKind.SAME: "same", ChangeKind.ADDED: "added", ChangeKind.REMOVED: "removed",
    ChangeKind.MOVED_AWAY: "moved_away", ChangeKind.MOVED_HERE: "moved_here", CHANGED: "changed",
}  # fmt: skip
MOVE = "Both ends of a move have the same number; null for what did not move."


class PieceSerializer(serializers.Serializer[Any]):
    text = serializers.CharField()
    is_changed = serializers.BooleanField()


class LineSerializer(serializers.Serializer[Any]):
    kind = serializers.SerializerMethodField(
        help_text="same, added, removed, moved_away or moved_here. A reworded line is removed, then added."
    )
    text = serializers.CharField()
    pieces = PieceSerializer(many=True, help_text="The same text, split where words differ.")
    move = serializers.SerializerMethodField(help_text=MOVE)

    def get_kind(self, line: Line) -> str:
        return KINDS[line.kind]

    def get_move(self, line: Line) -> int | None:
        return line.move or None


class HunkSerializer(serializers.Serializer[Any]):
    old_start = serializers.IntegerField(help_text="Its first line in the old text, from 1.")
    new_start = serializers.IntegerField()
    lines = LineSerializer(many=True)


class MovedLineSerializer(serializers.Serializer[Any]):
    move = serializers.IntegerField(help_text="The number of both its lines.")
    text = serializers.CharField(help_text="Its current wording.")
    old_line = serializers.IntegerField(help_text="From 1.")
    new_line = serializers.IntegerField()


class FieldDiffSerializer(serializers.Serializer[Any]):
    field = serializers.CharField(source="name")
    hunks = serializers.SerializerMethodField()
    moved = serializers.SerializerMethodField()

    @extend_schema_field(MovedLineSerializer(many=True))
    def get_moved(self, field: FieldDiff) -> Any:
        return MovedLineSerializer(moved_lines(field.lines), many=True).data

    @extend_schema_field(HunkSerializer(many=True))
    def get_hunks(self, field: FieldDiff) -> Any:
        return HunkSerializer(hunks(field.lines), many=True).data


class BlockSerializer(serializers.Serializer[Any]):
    kind = serializers.SerializerMethodField(
        help_text="same, added, removed, changed (`<ins>` and `<del>` inside), moved_away or moved_here."
    )
    html = serializers.CharField(help_text="Sanitised.")
    move = serializers.SerializerMethodField(help_text=MOVE)

    def get_kind(self, block: DiffBlock) -> str:
        return KINDS[block.kind]

    def get_move(self, block: DiffBlock) -> int | None:
        return block.move or None


class ComparisonSerializer(serializers.Serializer[Any]):
    """From one version to another: every reader-visible field that differs."""

    old = VersionSerializer()
    new = VersionSerializer()
    is_same = serializers.SerializerMethodField()
    fields_changed = FieldDiffSerializer(source="fields", many=True)

    def get_is_same(self, comparison: Comparison) -> bool:
        return not comparison.fields


class RenderedComparisonSerializer(ComparisonSerializer):
    fields_changed = FieldDiffSerializer(
        source="fields_but_body", many=True, help_text="All except the body."
    )
    body = BlockSerializer(source="blocks", many=True, help_text="The whole body, block by block.")


SERIALIZERS = {"source": ComparisonSerializer, "rendered": RenderedComparisonSerializer}


class DraftVersionsViewSet(DeskViewSet):
    """What changed between the versions of a draft."""

    queryset = Draft.objects.select_related("task")
    serializer_class = ComparisonSerializer
    pagination_class = None  # type: ignore[assignment]  # DRF takes None, its stubs do not
    permissions = {"diff": ("tasks.view_draft",)}
    parameters = {"diff": {"view"}}

    @extend_schema(
        summary="Compare two versions",
        description="Lines first, then words inside reworded lines; moved lines are marked as moved.",
        parameters=[
            NUMBER,
            OpenApiParameter("other", int, OpenApiParameter.PATH, description="The version to compare to."),
            OpenApiParameter(
                "view", str, enum=list(SERIALIZERS), description="`rendered`: the body as readers see it."
            ),
        ],
        responses=PolymorphicProxySerializer(
            "AnyComparison", list(SERIALIZERS.values()), resource_type_field_name=None
        ),
    )
    @action(detail=True, url_path=f"{VERSION_PATH}/diff/(?P<other>[0-9]{{1,9}})")
    def diff(self, request: Request, pk: str, number: str, other: str) -> Response:
        view = request.query_params.get("view", "source")
        if view not in SERIALIZERS:
            raise serializers.ValidationError({"view": [f"Choose one of: {', '.join(SERIALIZERS)}."]})
        draft = self.get_object()
        try:
            comparison = compare_versions(draft, int(number), int(other))
        except NoSuchVersion as error:
            raise Http404(str(error)) from None
        context = {"costs": costs_of_versions(draft)}
        return Response(SERIALIZERS[view](comparison, context=context).data)
