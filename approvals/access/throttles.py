"""The API's rate limits: by account, or by address without one, over all processes and hosts."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from rest_framework.request import Request
from rest_framework.throttling import AnonRateThrottle, SimpleRateThrottle, UserRateThrottle

from approvals.access.addresses import client_address, network_of
from approvals.access.counting import RequestsCounted, count

THROTTLES = "desk_throttles"
"""The attribute of a request with those that counted it."""


class SharedRateThrottle(SimpleRateThrottle):
    """The framework's own counts in the cache, which without Redis is one for each process."""

    counted: RequestsCounted
    num_requests: int | None
    duration: int | None

    def get_ident(self, request: Request) -> str:
        return network_of(client_address(request))

    def allow_request(self, request: Request, view: Any) -> bool:
        key = None if self.rate is None else self.get_cache_key(request, view)
        if key is None:
            return True
        assert self.num_requests is not None
        assert self.duration is not None
        self.counted = count(key, self.duration)
        _note(request, self)
        return self.counted.number <= self.num_requests

    def wait(self) -> float:
        return self.counted.seconds_left

    @property
    def policy(self) -> str:
        return f'"{self.scope}";q={self.num_requests};w={self.duration}'

    @property
    def left(self) -> str:
        remaining = max(0, (self.num_requests or 0) - self.counted.number)
        return f'"{self.scope}";r={remaining};t={self.counted.seconds_left}'


def _note(request: Request, throttle: SharedRateThrottle) -> None:
    """For the headers of the response, whatever it will be."""
    noted: list[SharedRateThrottle] = getattr(request._request, THROTTLES, [])
    setattr(request._request, THROTTLES, [*noted, throttle])


def rate_limit_headers(request: HttpRequest) -> dict[str, str]:
    """`RateLimit` and `RateLimit-Policy`, as draft-ietf-httpapi-ratelimit-headers-10 has them.

    Of each limit that counted this request: how many requests (q) in how many seconds (w), how many are left
    (r) and when it begins again (t, in seconds).
    """
    throttles: list[SharedRateThrottle] = getattr(request, THROTTLES, [])
    if not throttles:
        return {}
    return {
        "RateLimit-Policy": ", ".join(each.policy for each in throttles),
        "RateLimit": ", ".join(each.left for each in throttles),
    }


class AnonThrottle(SharedRateThrottle, AnonRateThrottle):
    pass


class UserThrottle(SharedRateThrottle, UserRateThrottle):
    pass


class SearchThrottle(SharedRateThrottle):
    """Of searches, which a search box makes at every letter, for many readers at a time."""

    scope = "search"

    def get_cache_key(self, request: Request, view: Any) -> str:
        ident = request.user.pk if request.user.is_authenticated else self.get_ident(request)
        return self.cache_format % {"scope": self.scope, "ident": ident}
