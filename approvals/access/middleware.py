"""Middleware of access: headers of proxies, cookies of known devices, a page after too many attempts."""

from __future__ import annotations

import logging
from collections.abc import Callable

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from approvals.access import devices
from approvals.access.addresses import is_trusted_proxy
from approvals.access.passwords import TooManyAttempts

logger = logging.getLogger(__name__)

Next = Callable[[HttpRequest], HttpResponse]
FORWARDED = ("HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO")
_warned_about: set[str] = set()


def only_trusted_proxies(get_response: Next) -> Next:
    """Middleware, to come first. Ignore what an untrusted client says about the way that the request came."""

    def answer(request: HttpRequest) -> HttpResponse:
        forwarded = [name for name in FORWARDED if name in request.META]
        if forwarded and not is_trusted_proxy(peer := request.META.get("REMOTE_ADDR", "")):
            if "HTTP_X_FORWARDED_PROTO" in forwarded:
                # It stays, empty: that there is a proxy is no secret, and /metrics has to know it.
                request.META["HTTP_X_FORWARDED_PROTO"] = ""
            _warn_about(peer)
        return get_response(request)

    return answer


def _warn_about(peer: str) -> None:
    """Once, and of few: a proxy that was forgotten makes one client of all who come through it."""
    if peer not in _warned_about and len(_warned_about) < 10:
        _warned_about.add(peer)
        logger.warning(
            "%s passes requests on (X-Forwarded-…) and is not in TRUSTED_PROXIES: it counts as the client.",
            peer,
        )


class Door:
    """Middleware, to come after that of sessions."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        account = getattr(request, "remembers_device", "")
        if account:
            devices.remember(response, account)
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """For a form that does not say itself why it was refused."""
        if not isinstance(exception, TooManyAttempts):
            return None
        context = admin.site.each_context(request) | {
            "is_nav_sidebar_enabled": False, "title": "Too many attempts", "why": exception,
        }  # fmt: skip
        response = render(request, "desk/too_many_attempts.html", context, status=429)
        response["Retry-After"] = str(exception.seconds)
        return response
