"""Authentication by API token. Wrong tokens are limited by address; a right one is always accepted.

A token has 256 random bits, so that the limit protects the server and not the tokens. Nobody can lock out a
program by sending wrong tokens from its address.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import Q
from django.utils import timezone
from drf_spectacular.contrib.knox_auth_token import KnoxTokenScheme
from knox.auth import TokenAuthentication as KnoxTokenAuthentication
from knox.models import AuthToken
from rest_framework.authentication import get_authorization_header
from rest_framework.exceptions import AuthenticationFailed, Throttled

from approvals.access.addresses import client_address, network_of
from approvals.access.counting import count
from approvals.access.records import record_limit
from approvals.access.scopes import Credential
from approvals.models import TokenDetails

LIMIT, SECONDS = 30, 60
"""How many wrong tokens an address may send in how many seconds."""
BEARER = b"bearer"
USES_RECORDED_EVERY = timedelta(minutes=1)
"""Of a token that is used all the time, one use in this time is written to the database."""


class TokenAuthentication(KnoxTokenAuthentication):  # type: ignore[misc]  # knox has no types
    """`Authorization: Token KEY`, or `Bearer KEY` as OAuth 2 has it (RFC 6750)."""

    def authenticate(self, request: Any) -> Any:
        """Raises AuthenticationFailed, or Throttled after too many of these."""
        try:
            found = self._found(request)
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
        return found and (found[0], credential(found[1]))

    def _found(self, request: Any) -> Any:
        scheme, _, key = get_authorization_header(request).strip().partition(b" ")
        if scheme.lower() != BEARER:
            return super().authenticate(request)
        if not key or b" " in key.strip():
            raise AuthenticationFailed("Send `Authorization: Bearer KEY`, with a key that has no blanks.")
        return self.authenticate_credentials(key.strip())


def credential(token: AuthToken) -> Credential:
    """The token with its scopes; notes that it was used."""
    details = TokenDetails.objects.filter(token=token).first()
    if details is None:  # written by SQL, before or between migrations
        return Credential(token, None)
    now = timezone.now()
    if details.last_used_at is None or details.last_used_at < now - USES_RECORDED_EVERY:
        # Of many requests at the same time, one writes.
        unrecorded = Q(last_used_at=None) | Q(last_used_at__lt=now - USES_RECORDED_EVERY)
        TokenDetails.objects.filter(unrecorded, pk=details.pk).update(last_used_at=now)
    return Credential(token, None if details.scopes is None else frozenset(details.scopes))


class TokenScheme(KnoxTokenScheme):  # type: ignore[no-untyped-call]  # its base has no types
    target_class = "approvals.access.tokens.TokenAuthentication"
