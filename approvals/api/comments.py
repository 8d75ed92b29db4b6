"""Comments on drafts, over HTTP."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from approvals import comments
from approvals.models import DraftComment
from tasks.actor import actor
from tasks.api.base import DeskViewSet, StrictSerializer, checked
from tasks.api.parameters import PAGE
from tasks.models import Draft


class CommentingSerializer(StrictSerializer):
    version = serializers.IntegerField(
        min_value=1, max_value=2**31 - 1, help_text="The version that was read."
    )
    text = serializers.CharField(max_length=2000)
    quote = serializers.CharField(
        default="", allow_blank=True, max_length=2000,
        help_text="Words (Markdown) from the paragraph it is about; empty: the whole text.",
    )  # fmt: skip


class CommentSerializer(serializers.ModelSerializer[DraftComment]):
    class Meta:
        model = DraftComment
        fields = (
            "id", "draft", "version", "quote", "text", "author_name", "created_at", "resolved_at",
            "resolved_by_name",
        )  # fmt: skip
        read_only_fields = fields


class DraftCommentViewSet(DeskViewSet):
    """Comments on a draft: part of `/api/drafts/{id}/`."""

    queryset = Draft.objects.all()
    serializer_class = CommentSerializer
    permissions = {
        "comments": ("tasks.view_draft",),
        "comment": ("tasks.view_draft", comments.COMMENT),
        "resolve": ("tasks.view_draft", comments.COMMENT),
    }
    parameters = {"comments": PAGE}

    @extend_schema(summary="Comments on a draft, in order", responses=CommentSerializer(many=True))
    @action(detail=True)
    def comments(self, request: Request, pk: str) -> Response:
        return self.listing(self.get_object().comments.all(), CommentSerializer)

    @extend_schema(
        summary="Comment on a draft", request=CommentingSerializer, responses={201: CommentSerializer}
    )
    @comments.mapping.post
    def comment(self, request: Request, pk: str) -> Response:
        draft = self.get_object()
        created = comments.comment(draft, **checked(CommentingSerializer, request), by=actor(request))
        return Response(CommentSerializer(created).data, status=201)

    @extend_schema(summary="Resolve a comment", request=None, responses=CommentSerializer)
    @action(detail=True, methods=["post"], url_path="comments/(?P<comment>[0-9]{1,18})/resolve")
    def resolve(self, request: Request, pk: str, comment: str) -> Response:
        found = get_object_or_404(DraftComment, pk=comment, draft=self.get_object())
        comments.resolve(found, by=actor(request))
        found.refresh_from_db()
        return Response(CommentSerializer(found).data)
