"""Response headers in addition to Django's own: no powers for any page, no copies of private ones.

Texts vary by Accept-Encoding, because the ASGI application compresses them.
"""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.cache import has_vary_header, patch_vary_headers

from contentpipeline.webserver.content_encoding import MIN_COMPRESSED_BYTES, is_compressible

Next = Callable[[HttpRequest], HttpResponse]


def policy(get_response: Next) -> Next:
    """Middleware. No page needs a camera or the like, so an injected script gets none either."""
    permissions = ", ".join(f"{feature}=()" for feature in settings.DENIED_FEATURES)

    def answer(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.headers.setdefault("Permissions-Policy", permissions)
        if "Cache-Control" not in response and has_vary_header(response, "Cookie"):
            # It was made for one who is logged in; the next at this screen must not find it with "back".
            response["Cache-Control"] = "private, no-store"
        kind = response.get("Content-Type", "").encode("latin-1", "replace")
        if is_compressible(kind) and (response.streaming or len(response.content) >= MIN_COMPRESSED_BYTES):
            patch_vary_headers(response, ["Accept-Encoding"])
        return response

    return answer
