"""Who writes and who reviews a task, over HTTP."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from approvals import assignments
from tasks.actor import actor
from tasks.api.base import DeskViewSet, StrictSerializer, checked
from tasks.api.serializers.fields import AccountNameField
from tasks.api.serializers.tasks import MAX_BULK, MAX_ID
from tasks.models import ContentTask

NAME = "An account's name; null for nobody. Left out: stays as it is."


class AssignmentSerializer(StrictSerializer):
    schema_extra = {"minProperties": 1}

    assignee = AccountNameField(required=False, allow_null=True, help_text=NAME)
    reviewer = AccountNameField(
        required=False, allow_null=True,
        help_text=f"{NAME} One who may decide and, under four-eyes, did not write the text.",
    )  # fmt: skip

    def validate(self, people: dict[str, Any]) -> dict[str, Any]:
        if not people.keys() & set(assignments.PARTS):
            raise serializers.ValidationError("Give an assignee or a reviewer.")
        return people


class BulkAssignmentSerializer(AssignmentSerializer):
    schema_extra = {"minProperties": 2}

    ids = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=MAX_ID), allow_empty=False, max_length=MAX_BULK
    )


class AssignedSerializer(serializers.ModelSerializer[ContentTask]):
    assignee = serializers.CharField(
        source="assignee.username", default=None, allow_null=True, read_only=True
    )
    reviewer = serializers.CharField(
        source="reviewer.username", default=None, allow_null=True, read_only=True
    )

    class Meta:
        model = ContentTask
        fields = ("id", "assignee", "reviewer")
        read_only_fields = fields


class AssignmentRowSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    ok = serializers.BooleanField()
    error = serializers.CharField(help_text="Empty where it was done, or was so already.")


class AssignmentResultsSerializer(serializers.Serializer[Any]):
    results = AssignmentRowSerializer(many=True)


class TaskAssignmentViewSet(DeskViewSet):
    """Assignments: part of `/api/tasks/`."""

    queryset = ContentTask.objects.select_related("assignee", "reviewer")
    serializer_class = AssignedSerializer
    permissions = dict.fromkeys(("assign", "assign_each"), ("tasks.view_contenttask", assignments.ASSIGN))

    @extend_schema(
        summary="Assign a task to people", request=AssignmentSerializer, responses=AssignedSerializer
    )
    @action(detail=True, methods=["post"])
    def assign(self, request: Request, pk: str) -> Response:
        task = get_object_or_404(self.get_queryset(), pk=pk)
        assignments.assign(task, checked(AssignmentSerializer, request), by=actor(request))
        return Response(AssignedSerializer(self.get_queryset().get(pk=task.pk)).data)

    @extend_schema(
        operation_id="tasks_assign_many",
        summary="Assign many tasks to people",
        description="Each is processed by itself: one that is refused does not stop the others.",
        request=BulkAssignmentSerializer,
        responses=AssignmentResultsSerializer,
    )
    @action(detail=False, methods=["post"], url_path="assign", pagination_class=None)
    def assign_each(self, request: Request) -> Response:
        people = checked(BulkAssignmentSerializer, request)
        ids = list(dict.fromkeys(people.pop("ids")))
        result = assignments.assign_each(ids, people, by=actor(request))
        rows = [{"id": pk, "ok": pk not in result.refused, "error": result.refused.get(pk, "")} for pk in ids]
        return Response({"results": rows})
