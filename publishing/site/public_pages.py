"""Pages that are the same for everybody, so that the server in front may keep them.

Such a page reads no cookie, no session and no host (its addresses come from SITE_URL); of the query it reads
what PARAMETERS names. The front keeps it until the site changes, compresses it, and answers with 304.
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

HEADER = "X-Desk-Keep"
"""Says for how many seconds the answer may be kept. The front takes it out."""
ENVIRON_KEY = "desk.keeps_pages"
"""Where the server says that it is such a front, which no client can say. A redirect that it keeps hands on
the query of each reader."""
QUERY_KEY = "desk.kept_query"
"""Where it says how much of the query the page may read."""
PARAMETERS = frozenset({"page", "before"})
"""What a kept page may read of its query, each a number: which part of a list it is, or after which post."""
KEEP_SECONDS = 2 * 3600
"""A bound, and no more: every change of the site ends it earlier."""
STATUSES = frozenset({200, 301, 308, 410})

# The tag is made from the page's bytes: whatever changes a page, be it a new neighbour, changes its tag.
_conditional = decorator_from_middleware(ConditionalGetMiddleware)

View = Callable[..., HttpResponse]


def asking_first(view: View) -> View:
    """Browsers and proxies may keep the answer, if they ask each time whether it is still the same."""
    answering = _conditional(view)

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = answering(request, *args, **kwargs)
        if "Cache-Control" not in response:
            # A withdrawn text is gone at once: no copy is shown without asking.
            response["Cache-Control"] = "public, max-age=0, must-revalidate"
        patch_vary_headers(response, ["Accept-Encoding"])
        return response

    return wrapped


def public_page(view: View) -> View:
    """The front may keep the page; so may browsers and proxies, if they ask."""
    answering = asking_first(view)

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        query = request.META.get("QUERY_STRING", "")
        is_kept = ENVIRON_KEY in request.META and request.method == "GET"
        if is_kept:
            # What is kept is the whole page; the front sees for itself who has it already.
            request.META.pop("HTTP_IF_NONE_MATCH", None)
            request.META.pop("HTTP_IF_MODIFIED_SINCE", None)
            _read_only(request, request.META.get(QUERY_KEY, query))
        response = answering(request, *args, **kwargs)
        if is_kept and response.status_code in STATUSES and not response.cookies:
            response[HEADER] = str(KEEP_SECONDS)
        elif "Location" in response:
            response["Location"] = with_query(response["Location"], query)
        return response

    return wrapped


def _read_only(request: HttpRequest, query: str) -> None:
    """Have the view see this much of the query: what it makes is for all who ask with as much."""
    request.META["QUERY_STRING"] = query
    request.__dict__.pop("GET", None)  # what middleware may have read of the whole
