"""A name for each request, in its response and in every line that is logged about it."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from publishing.site import public_pages
from tasks.tracing import log_context

HEADER = "X-Request-Id"
USABLE = re.compile(r"[A-Za-z0-9._~+/=:-]{1,128}")

GetResponse = Callable[[HttpRequest], HttpResponse]


def middleware(get_response: GetResponse) -> GetResponse:
    """Use the `X-Request-Id` of the client or a proxy where it is short and plain, and make one otherwise."""

    def with_id(request: HttpRequest) -> HttpResponse:
        given = request.headers.get(HEADER, "")
        request_id = given if USABLE.fullmatch(given) else secrets.token_hex(16)
        request.request_id = request_id  # type: ignore[attr-defined]  # for what is logged after the middleware
        with log_context(request_id=request_id):
            response = get_response(request)
        if public_pages.HEADER not in response.headers:  # a page of the cache answers many requests
            response.headers[HEADER] = request_id
        return response

    return with_id
