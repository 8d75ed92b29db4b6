"""Middleware: forwarding headers, device cookies, and a page after too many attempts."""

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
    """Middleware, to come first. Ignore the forwarding headers of an untrusted client."""

    def answer(request: HttpRequest) -> HttpResponse:
        forwarded = [name for name in FORWARDED if name in request.META]
        if forwarded and not is_trusted_proxy(peer := request.META.get("REMOTE_ADDR", "")):
            if "HTTP_X_FORWARDED_PROTO" in forwarded:
                # Emptied, not removed: /metrics has to know that there is a proxy.
                request.META["HTTP_X_FORWARDED_PROTO"] = ""
            _warn_about(peer)
        return get_response(request)

    return answer


def _warn_about(peer: str) -> None:
    """Once, and for few: with a proxy missing from the setting, everyone behind it counts as one client."""
    if peer not in _warned_about and len(_warned_about) < 10:
        _warned_about.add(peer)
        logger.warning(
            "%s forwards requests (X-Forwarded-…) but is not in TRUSTED_PROXIES: it counts as the client.",
            peer,
        )


class PasswordThrottleMiddleware:
    """Sets device cookies, and answers TooManyAttempts. To come after the session middleware."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        account = getattr(request, "logged_in_account", "")
        if account:
            devices.set_device_cookie(response, account)
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """For forms that do not show the reason themselves."""
        if not isinstance(exception, TooManyAttempts):
            return None
        context = admin.site.each_context(request) | {
            "is_nav_sidebar_enabled": False, "title": "Too many attempts", "why": exception,
        }  # fmt: skip
        response = render(request, "desk/too_many_attempts.html", context, status=429)
        response["Retry-After"] = str(exception.seconds)
        return response
