"""Repeating recorded runs."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from tasks import recordings
from tasks.actor import actor
from tasks.api.base import DeskViewSet, StrictSerializer, checked
from tasks.api.serializers.tasks import TaskSerializer


class ReplaySerializer(StrictSerializer):
    run = serializers.IntegerField(
        required=False, min_value=0, max_value=2**31 - 1, help_text="Default: the newest that is recorded."
    )
    branch = serializers.ChoiceField(
        choices=list(recordings.BRANCHES),
        default="",
        allow_blank=True,
        error_messages={"invalid_choice": f"Choose from: {', '.join(recordings.BRANCHES)}."},
    )


class ReplayActions(DeskViewSet):
    """The part of the tasks' operations that repeats runs."""

    @extend_schema(
        summary="Repeat a recorded run as a new task",
        description="Without a call that costs; with `branch`, everything is asked again from that stage on.",
        request=ReplaySerializer,
        responses={201: TaskSerializer},
    )
    @action(detail=True, methods=["post"])
    def replay(self, request: Request, pk: str) -> Response:
        given = checked(ReplaySerializer, request)
        task = recordings.replay(self.get_object(), by=actor(request), **given)
        answer = Response(self.get_serializer(self.get_queryset().get(pk=task.pk)).data, status=201)
        answer["Location"] = answer.data["links"]["self"]
        return answer
