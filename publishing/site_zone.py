"""Shows and reads times in the site's time zone: on the desk and on public pages, not in the API."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from publishing import site_identity

API = ("/api/", "/mcp/", "/health/", "/metrics", "/static/", "/media/")
"""Programs get UTC, and files have no times."""


def middleware(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    def answer(request: HttpRequest) -> HttpResponse:
        if request.path.startswith(API):
            return get_response(request)
        with timezone.override(site_identity.current().zone):
            return get_response(request)

    return answer
