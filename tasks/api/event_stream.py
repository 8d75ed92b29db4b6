"""A task's events over HTTP: who may follow them, and from where on."""

from __future__ import annotations

import re

from django.db import connection
from django.http import HttpResponse
from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import ValidationError
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request

from tasks.events import handover
from tasks.events.log import NEWS, Asked, news_of, parameters
from tasks.events.streams import HELLO
from tasks.models import ContentTask

HEADER, PARAMETER = "Last-Event-ID", "last_event_id"
PARAMETERS = [
    OpenApiParameter(
        HEADER, int, OpenApiParameter.HEADER, description="Have every event after this one; 0 means all."
    ),
    OpenApiParameter(PARAMETER, int, description="The same, for clients that cannot set the header."),
]
DESCRIPTION = """Server-Sent Events. `id` counts a task's events without gaps; `data` is JSON.

* `status` and `stage`: status, stage, progress and error as they are from then on.
* `text`: a piece of the text as it is written. It belongs at character `offset`; offset 0 begins anew.
* `end`: the work is over (its status says how), and the stream with it.

Without `Last-Event-ID` the first event is a `status` with the present state."""


class EventStream(JSONRenderer):
    """The media type of the stream. What it renders itself are refusals, which are JSON."""

    media_type = "text/event-stream"
    format = "events"


def follow(request: Request, task: ContentTask) -> HttpResponse:
    """The task's events: as a stream that lasts, or, from a server without streams, those there are by now.

    A client then asks again after two seconds, as after any lost connection. Raises ValidationError.
    """
    after = _last_event_id(request)
    if after is not None:
        after = min(after, task.event_seq)
    answer = HttpResponse(content_type="text/event-stream")
    answer["Cache-Control"] = "no-store"
    answer["X-Accel-Buffering"] = "no"
    if request.META.get(handover.ENVIRON_KEY):
        answer[handover.HEADER] = handover.name(task.pk, after)
    else:
        answer.content = HELLO + _so_far(task.pk, after)
    return answer


def _last_event_id(request: Request) -> int | None:
    """The header before the parameter: a browser that connects again sends both, and the header is newer."""
    for name, given in ((HEADER, request.headers.get(HEADER)), (PARAMETER, request.GET.get(PARAMETER))):
        if given is None:
            continue
        if not re.fullmatch(r"[0-9]{1,18}", given):
            raise ValidationError({name: ["Send the id of an event: a whole number from 0."]})
        return int(given)
    return None


def _so_far(task_id: int, after: int | None) -> bytes:
    asked = Asked(task_id, 2**62 if after is None else after, always=True)
    with connection.cursor() as cursor:
        cursor.execute(NEWS, parameters([asked]))
        (news,) = news_of(cursor.fetchall())
    events = [news.snapshot] if after is None else [encoded for _, encoded in news.events]
    is_all = not news.events or news.events[-1][0] == news.seq
    return b"".join([*events, news.end or b"" if is_all else b""])
