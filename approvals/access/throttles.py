"""The API's limits: of an account, or of an address without one, over all processes and hosts."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request
from rest_framework.throttling import AnonRateThrottle, SimpleRateThrottle, UserRateThrottle

from approvals.access.addresses import client_address, network_of
from approvals.access.counting import Counted, count


class Shared(SimpleRateThrottle):
    """The framework's own keeps a list of times for each client in a cache: without Redis, one a process."""

    counted: Counted

    def get_ident(self, request: Request) -> str:
        return network_of(client_address(request))

    def allow_request(self, request: Request, view: Any) -> bool:
        key = None if self.rate is None else self.get_cache_key(request, view)
        if key is None:
            return True
        assert self.num_requests is not None
        assert self.duration is not None
        self.counted = count(key, self.duration)
        return self.counted.count <= self.num_requests

    def wait(self) -> float:
        return self.counted.seconds_left


class AnonThrottle(Shared, AnonRateThrottle):
    pass


class UserThrottle(Shared, UserRateThrottle):
    pass
