"""Shows public pages in the site's language; the desk and the API are in English."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation

from publishing import site_identity
from publishing.site_zone import API

IN_ENGLISH = (*API, "/admin/")


def middleware(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    def answer(request: HttpRequest) -> HttpResponse:
        if request.path.startswith(IN_ENGLISH):
            return get_response(request)
        language = site_identity.current().language
        if language == settings.LANGUAGE_CODE:  # active anyway
            return get_response(request)
        with translation.override(language):
            return get_response(request)

    return answer
