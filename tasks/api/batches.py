"""Many briefs in one request: all of them are filed, or none."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import as_serializer_error

from tasks import actions
from tasks.actor import actor
from tasks.api.base import DeskViewSet, StrictSerializer, checked
from tasks.api.serializers.tasks import BriefSerializer
from tasks.models import ContentTask

MAX_BRIEFS = 100


class BatchSerializer(StrictSerializer):
    # `max_length` goes to the ListSerializer, which the stubs do not know.
    briefs = BriefSerializer(many=True, allow_empty=False, max_length=MAX_BRIEFS)  # type: ignore[call-arg]


class FiledSerializer(serializers.Serializer[Any]):
    tasks = serializers.ListField(
        child=serializers.IntegerField(), help_text="The ids of the new tasks, in the order of the briefs."
    )


class BatchActions(DeskViewSet):
    """The part of the tasks' operations that files many briefs."""

    @extend_schema(
        summary="File many briefs",
        description="In one transaction: where one is wrong, none is filed, and `errors.briefs` says what is "
        "wrong by the brief's place in the list, from 0.",
        request=BatchSerializer,
        responses={201: FiledSerializer},
    )
    @action(detail=False, methods=["post"], pagination_class=None)
    def batch(self, request: Request) -> Response:
        briefs = checked(BatchSerializer, request)["briefs"]
        errors: dict[str, Any] = {}
        filed: list[ContentTask] = []
        with transaction.atomic():
            for index, fields in enumerate(briefs):
                try:
                    # What is wrong with one must not end the statements of the others.
                    with transaction.atomic():
                        filed.append(actions.file_brief(fields, fields.pop("sources", []), by=actor(request)))
                except ValidationError as error:
                    errors[str(index)] = as_serializer_error(error)
            if errors:
                raise serializers.ValidationError({"briefs": errors})
        return Response({"tasks": [task.pk for task in filed]}, status=201)
