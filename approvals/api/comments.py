"""Comments on drafts, over HTTP."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from approvals.comments import threads
from approvals.comments.anchors import SelectedWords
from approvals.comments.people import mentions_in
from approvals.models import DraftComment
from tasks.actor import actor
from tasks.api.base import DeskViewSet, StrictSerializer, checked
from tasks.api.parameters import PAGE
from tasks.models import Draft

ONE = "comments/(?P<comment>[0-9]{1,18})"


class CommentTextSerializer(StrictSerializer):
    text = serializers.CharField(max_length=2000, help_text="`@name` mentions and notifies a person.")


class CommentingSerializer(CommentTextSerializer):
    version = serializers.IntegerField(
        min_value=1, max_value=2**31 - 1, help_text="The version that was read."
    )
    quote = serializers.CharField(
        default="", allow_blank=True, max_length=2000,
        help_text="Words (Markdown) from the paragraph it is about; empty: the whole text.",
    )  # fmt: skip
    selection = serializers.CharField(
        default="", allow_blank=True, max_length=1000,
        help_text="The words that it is about, as readers see them: of the quoted paragraph, else of the "
        "first that has them.",
    )  # fmt: skip


FIELDS = (
    "id", "draft", "parent", "version", "quote", "selection", "text", "mentioned", "author_name",
    "created_at", "edited_at", "resolved_at", "resolved_by_name",
)  # fmt: skip
HELP = {
    "parent": {"help_text": "The first comment of its thread; null for that one."},
    "edited_at": {"help_text": "Null where its text is the first one."},
}


class CommentSerializer(serializers.ModelSerializer[DraftComment]):
    mentioned = serializers.SlugRelatedField[Any](slug_field="username", many=True, read_only=True)

    class Meta:
        model = DraftComment
        fields: tuple[str, ...] = FIELDS
        read_only_fields: tuple[str, ...] = FIELDS
        extra_kwargs = HELP


class WrittenCommentSerializer(CommentSerializer):
    unknown_names = serializers.SerializerMethodField(
        help_text="What was written as `@name` although nobody who may read drafts is named so."
    )

    class Meta:
        model = DraftComment
        fields: tuple[str, ...] = (*FIELDS, "unknown_names")
        read_only_fields = fields
        extra_kwargs = HELP

    def get_unknown_names(self, row: DraftComment) -> list[str]:
        return list(mentions_in(row.text).unknown)


class DraftCommentViewSet(DeskViewSet):
    """Comments on a draft: part of `/api/drafts/{id}/`."""

    queryset = Draft.objects.all()
    serializer_class = CommentSerializer
    permissions = {
        "comments": ("tasks.view_draft",),
        **dict.fromkeys(
            ("comment", "resolve", "reopen", "reply", "edit_comment", "delete_comment"),
            ("tasks.view_draft", threads.COMMENT),
        ),
    }
    parameters = {"comments": PAGE}

    @extend_schema(
        summary="Comments on a draft and replies to them, in order", responses=CommentSerializer(many=True)
    )
    @action(detail=True)
    def comments(self, request: Request, pk: str) -> Response:
        rows = self.get_object().comments.filter(deleted_at=None).prefetch_related("mentioned")
        return self.listing(rows, CommentSerializer)

    @extend_schema(
        summary="Comment on a draft", request=CommentingSerializer, responses={201: WrittenCommentSerializer}
    )
    @comments.mapping.post
    def comment(self, request: Request, pk: str) -> Response:
        draft = self.get_object()
        given = checked(CommentingSerializer, request)
        words = given.pop("selection")
        selection = SelectedWords(words) if words else None
        created = threads.comment(draft, **given, selection=selection, by=actor(request))
        return Response(WrittenCommentSerializer(created).data, status=201)

    @extend_schema(
        summary="Edit a comment of yours",
        description="For a quarter of an hour after it was made; it is then marked as edited.",
        request=CommentTextSerializer,
        responses=WrittenCommentSerializer,
    )
    @action(detail=True, methods=["patch"], url_path=ONE)
    def edit_comment(self, request: Request, pk: str, comment: str) -> Response:
        row = self._comment(comment)
        changed = threads.edit(row, **checked(CommentTextSerializer, request), by=actor(request))
        return Response(WrittenCommentSerializer(changed).data)

    @extend_schema(
        summary="Delete a comment of yours",
        description="For a quarter of an hour after it was made, and while it has no reply.",
        request=None,
        responses={204: None},
    )
    @edit_comment.mapping.delete
    def delete_comment(self, request: Request, pk: str, comment: str) -> Response:
        threads.delete(self._comment(comment), by=actor(request))
        return Response(status=204)

    @extend_schema(
        summary="Reply to a comment",
        description="To the first of its thread. A thread that was resolved is open again.",
        request=CommentTextSerializer,
        responses={201: WrittenCommentSerializer},
    )
    @action(detail=True, methods=["post"], url_path=f"{ONE}/replies")
    def reply(self, request: Request, pk: str, comment: str) -> Response:
        row = self._comment(comment)
        created = threads.reply(row, **checked(CommentTextSerializer, request), by=actor(request))
        return Response(WrittenCommentSerializer(created).data, status=201)

    @extend_schema(summary="Resolve a thread of comments", request=None, responses=CommentSerializer)
    @action(detail=True, methods=["post"], url_path=f"{ONE}/resolve")
    def resolve(self, request: Request, pk: str, comment: str) -> Response:
        row = self._comment(comment)
        threads.resolve(row, by=actor(request))
        return self._first(row)

    @extend_schema(summary="Open a resolved thread again", request=None, responses=CommentSerializer)
    @action(detail=True, methods=["post"], url_path=f"{ONE}/reopen")
    def reopen(self, request: Request, pk: str, comment: str) -> Response:
        row = self._comment(comment)
        threads.reopen(row, by=actor(request))
        return self._first(row)

    def _comment(self, pk: str) -> DraftComment:
        found: DraftComment = get_object_or_404(
            DraftComment.objects.filter(deleted_at=None), pk=pk, draft=self.get_object()
        )
        return found

    def _first(self, row: DraftComment) -> Response:
        return Response(CommentSerializer(DraftComment.objects.get(pk=row.parent_id or row.pk)).data)
