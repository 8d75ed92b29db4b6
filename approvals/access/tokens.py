"""Authentication by API token. Wrong tokens are limited by address; a right one is always accepted.

A token has 256 random bits, so that the limit protects the server and not the tokens. Nobody can lock out a
program by sending wrong tokens from its address.
"""

from __future__ import annotations

from typing import Any

from drf_spectacular.contrib.knox_auth_token import KnoxTokenScheme
from knox.auth import TokenAuthentication as KnoxTokenAuthentication
from rest_framework.exceptions import AuthenticationFailed, Throttled

from approvals.access.addresses import client_address, network_of
from approvals.access.counting import count
from approvals.access.records import record_limit

LIMIT, SECONDS = 30, 60
"""How many wrong tokens an address may send in how many seconds."""


class TokenAuthentication(KnoxTokenAuthentication):  # type: ignore[misc]  # knox has no types
    def authenticate(self, request: Any) -> Any:
        """Raises AuthenticationFailed, or Throttled after too many of these."""
        try:
            return super().authenticate(request)
        except (AuthenticationFailed, UnicodeDecodeError) as error:
            address = client_address(request)
            counted = count(f"token:{network_of(address)}", SECONDS)
            if counted.number <= LIMIT:
                # The library assumes that every token is UTF-8.
                raise AuthenticationFailed(getattr(error, "detail", "Invalid token.")) from error
            if counted.number == LIMIT + 1:
                record_limit(
                    "token.limited", request, address=address, failures=LIMIT, seconds=counted.seconds_left
                )
            raise Throttled(counted.seconds_left) from error


class TokenScheme(KnoxTokenScheme):  # type: ignore[no-untyped-call]  # its base has no types
    target_class = "approvals.access.tokens.TokenAuthentication"
