"""Which addresses can be subscribed. Where they lead is checked again whenever something is sent."""

from __future__ import annotations

from ipaddress import ip_address
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.exceptions import ValidationError

from tasks.pipeline.lazy_import import LazyModule

if TYPE_CHECKING:
    from yarl import URL

    from tasks.pipeline.providers.web import addresses, guard
else:
    addresses, guard = map(
        LazyModule, ("tasks.pipeline.providers.web.addresses", "tasks.pipeline.providers.web.guard")
    )


def check_address(text: str) -> None:
    """Raise ValidationError, with a sentence that says what to do."""
    from yarl import URL  # loads pydantic's core

    try:
        url = URL(text)
        host, port = url.host, url.port
    except (ValueError, TypeError):
        raise ValidationError("This is not a usable address: check it.") from None
    schemes = ("http", "https") if settings.FETCH_ALLOW_PRIVATE_NETWORKS else ("https",)
    if url.scheme not in schemes:
        raise ValidationError(f"Give an address that begins with {' or '.join(f'{s}://' for s in schemes)}.")
    if not host or not port or "%" in host:
        raise ValidationError("This is not a usable address: check it.")
    if url.user is not None or url.password is not None:
        raise ValidationError("Leave out the user name and password: calls are signed.")
    if not settings.FETCH_ALLOW_PRIVATE_NETWORKS:
        _check_public(host, port)


async def look_up(url: URL) -> list[str]:
    """The addresses of a receiver's host. Raises as `guard.checked_addresses` does."""
    return await guard.checked_addresses(url, allow_private_networks=settings.FETCH_ALLOW_PRIVATE_NETWORKS)


def _check_public(host: str, port: int) -> None:
    if port not in guard.PORTS:
        raise ValidationError(f"Port {port} is not allowed: receive on 443.")
    if _is_private(host):
        raise ValidationError("This points to a private network: give an address of the public internet.")


def _is_private(host: str) -> bool:
    """As far as can be seen without looking the name up, for which no request should wait."""
    try:
        ip_address(host)
    except ValueError:
        return f".{host.rstrip('.')}".endswith(".localhost")
    return not addresses.is_public(host)
