"""Pages that are the same for all readers, so that the web server's page cache may store them.

Such a page reads no cookie, no session and no host (its addresses come from SITE_URL); of the query it reads
what CACHED_PARAMETERS names. The page cache stores it until the site changes, compresses it, and answers
with 304.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.middleware.http import ConditionalGetMiddleware
from django.utils.cache import patch_vary_headers
from django.utils.decorators import decorator_from_middleware

from publishing.addresses import with_query

HEADER = "X-Desk-Cache-Seconds"
"""For how many seconds the page cache may store the response. The web server removes the header."""
ENVIRON_KEY = "desk.page_cache"
"""Set by a web server with a page cache, which adds each reader's query to cached redirects."""
QUERY_KEY = "desk.cached_query"
"""The part of the query that the page may read, set by the same server."""
CACHED_PARAMETERS = frozenset({"page", "before"})
"""The query parameters of a cached page, each a number: the page of a list, or the post before it."""
CACHE_SECONDS = 2 * 3600
"""An upper bound: every change of the site invalidates the page earlier."""
CACHED_STATUSES = frozenset({200, 301, 308, 410})

# The ETag is made from the page's bytes, so every change of a page changes it, such as a new neighbour.
_conditional = decorator_from_middleware(ConditionalGetMiddleware)

View = Callable[..., HttpResponse]


def revalidated(view: View) -> View:
    """Browsers and proxies may store the response, if they revalidate it each time."""
    conditional_view = _conditional(view)

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response: HttpResponse = conditional_view(request, *args, **kwargs)  # type: ignore[assignment]
        if "Cache-Control" not in response:
            # A withdrawn text disappears at once: no copy is shown without revalidation.
            response["Cache-Control"] = "public, max-age=0, must-revalidate"
        patch_vary_headers(response, ["Accept-Encoding"])
        return response

    return wrapped


def public_page(view: View) -> View:
    """The page cache may store the page; so may browsers and proxies, if they revalidate it."""
    revalidated_view = revalidated(view)

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        query = request.META.get("QUERY_STRING", "")
        is_cacheable = ENVIRON_KEY in request.META and request.method == "GET"
        if is_cacheable:
            # The page cache stores the whole page, and answers conditional requests itself.
            request.META.pop("HTTP_IF_NONE_MATCH", None)
            request.META.pop("HTTP_IF_MODIFIED_SINCE", None)
            _read_only(request, request.META.get(QUERY_KEY, query))
        response = revalidated_view(request, *args, **kwargs)
        if is_cacheable and response.status_code in CACHED_STATUSES and not response.cookies:
            response[HEADER] = str(CACHE_SECONDS)
        elif "Location" in response:
            response["Location"] = with_query(response["Location"], query)
        return response

    return wrapped


def _read_only(request: HttpRequest, query: str) -> None:
    """Let the view see only this part of the query, which is part of the page's cache key."""
    request.META["QUERY_STRING"] = query
    request.__dict__.pop("GET", None)  # middleware may have parsed the whole query
