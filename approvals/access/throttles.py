"""The API's rate limits: by account, or by address without one, over all processes and hosts."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request
from rest_framework.throttling import AnonRateThrottle, SimpleRateThrottle, UserRateThrottle

from approvals.access.addresses import client_address, network_of
from approvals.access.counting import RequestsCounted, count


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
        return self.counted.number <= self.num_requests

    def wait(self) -> float:
        return self.counted.seconds_left


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
