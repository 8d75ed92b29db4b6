"""The address a request comes from. Headers are believed only as far as trusted proxies wrote them."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any

from django.conf import settings

IPV6_PREFIX = 64
"""What one household or machine is assigned: all of its addresses count as one client."""

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network


def client_address(request: Any) -> str:
    """The address of the client, or of the nearest known machine; empty if there is none.

    Each proxy appends its peer's address to X-Forwarded-For. The header is read from the right, for as long
    as the machine that wrote each part is in TRUSTED_PROXIES; what a client wrote is never reached.
    """
    meta = request.META
    found = _address(meta.get("REMOTE_ADDR", ""))
    for written in reversed(meta.get("HTTP_X_FORWARDED_FOR", "").split(",")):
        if found is None or not _is_trusted(found):
            break
        before = _address(written)
        if before is None:
            break
        found = before
    return "" if found is None else str(found)


def network_of(address: str) -> str:
    """The unit that a limit applies to: the address itself, or for IPv6 its /64 network."""
    found = _address(address)
    if found is None or found.version == 4:
        return address
    return str(ip_network((found, IPV6_PREFIX), strict=False))


def is_trusted_proxy(peer: str) -> bool:
    """Whether the forwarding headers of this peer are believed."""
    found = _address(peer)
    return found is not None and _is_trusted(found)


def _is_trusted(address: Address) -> bool:
    return any(address in network for network in _networks(tuple(settings.TRUSTED_PROXIES)))


@lru_cache(maxsize=16)
def _networks(written: Iterable[str]) -> tuple[Network, ...]:
    return tuple(ip_network(one, strict=False) for one in written)


@lru_cache(maxsize=4096)
def _address(written: str) -> Address | None:
    """Some proxies write the port, and IPv6 in brackets; a dual-stack server maps IPv4 into IPv6."""
    text = written.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        found = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return getattr(found, "ipv4_mapped", None) or found
