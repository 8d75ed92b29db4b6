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
from tasks.events.log import ENDED, EVENTS_AFTER, EventQuery, event_batches, query_parameters
from tasks.events.streams import HELLO
from tasks.models import ContentTask

HEADER, PARAMETER = "Last-Event-ID", "last_event_id"
EVENT_ID = {"type": "integer", "minimum": 0, "maximum": 10**18 - 1}
PARAMETERS = [
    OpenApiParameter(
        HEADER, EVENT_ID, OpenApiParameter.HEADER, description="Send every event after this one; 0 means all."
    ),
    OpenApiParameter(PARAMETER, EVENT_ID, description="The same, for clients that cannot set the header."),
]
DESCRIPTION = """Server-Sent Events. `id` counts a task's events without gaps; `data` is JSON.

* `status` and `stage`: status, stage, progress and error as they are from then on.
* `text`: a piece of the text as it is written. It belongs at character `offset`; offset 0 starts over.
* `end`: the work is over (its status says how), and the stream with it.

Without `Last-Event-ID` the first event is a `status` with the present state. When the work is over and you
have its last event, the answer is 204, which ends an EventSource."""


class EventStreamRenderer(JSONRenderer):
    """The media type of the stream. It only renders errors, which are JSON."""

    media_type = "text/event-stream"
    format = "events"


def follow(request: Request, task: ContentTask) -> HttpResponse:
    """The task's events: as a lasting stream or, from a server without streams, those that exist by now.

    A client then reconnects after two seconds, as after any lost connection. Raises ValidationError.
    """
    after = _last_event_id(request)
    if after is not None:
        after = min(after, task.event_seq)
        if after == task.event_seq and task.status in ENDED:
            return HttpResponse(status=204)  # by which an EventSource stops connecting again
    response = HttpResponse(content_type="text/event-stream")
    response["Cache-Control"] = "no-store"
    response["X-Accel-Buffering"] = "no"
    if request.META.get(handover.ENVIRON_KEY):
        response[handover.HEADER] = handover.name(task.pk, after)
    else:
        response.content = HELLO + _events_so_far(task.pk, after)
    return response


def _last_event_id(request: Request) -> int | None:
    """The header before the parameter: a browser that connects again sends both, and the header is newer."""
    for name, given in ((HEADER, request.headers.get(HEADER)), (PARAMETER, request.GET.get(PARAMETER))):
        if given is None:
            continue
        if not re.fullmatch(r"[0-9]{1,18}", given):
            raise ValidationError({name: ["Send the id of an event: a whole number from 0."]})
        return int(given)
    return None


def _events_so_far(task_id: int, after: int | None) -> bytes:
    query = EventQuery(task_id, 2**62 if after is None else after, always=True)
    with connection.cursor() as cursor:
        cursor.execute(EVENTS_AFTER, query_parameters([query]))
        (batch,) = event_batches(cursor.fetchall())
    events = [batch.snapshot] if after is None else [encoded for _, encoded in batch.events]
    is_all = not batch.events or batch.events[-1][0] == batch.seq
    return b"".join([*events, batch.end or b"" if is_all else b""])
