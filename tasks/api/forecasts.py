"""What a brief would cost, before it is filed."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from tasks import forecasts
from tasks.api.base import DeskViewSet, checked
from tasks.api.serializers.tasks import BriefSerializer, ForecastSerializer


class ForecastActions(DeskViewSet):
    """The part of the tasks' operations that forecasts."""

    @extend_schema(
        summary="Forecast cost and time of a brief, and file nothing",
        request=BriefSerializer,
        responses={200: ForecastSerializer},
    )
    @action(detail=False, methods=["post"], pagination_class=None)
    def forecast(self, request: Request) -> Response:
        fields = checked(BriefSerializer, request)
        found = forecasts.forecast(fields, fields.pop("sources", []))
        return Response(ForecastSerializer(found.as_json()).data)
