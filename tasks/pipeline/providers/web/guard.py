"""Connects to addresses that users have named, without giving them access to this machine's network.

A name may resolve to another address the second time it is looked up, so it is looked up once: what was
checked is what is connected to.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from tasks.pipeline.errors import ProviderError
from tasks.pipeline.providers.web.addresses import is_public

Resolve = Callable[[str, int], Awaitable[list[str]]]

PORTS = frozenset({80, 443})


class PortRefused(Exception):
    """The port is not one that public pages and webhooks use."""


class AddressUnknown(Exception):
    """The name has no address."""


class AddressRefused(Exception):
    """The name points to a private network."""


def parsed_url(text: str, base: URL | None = None) -> URL:
    """Parse a URL and refuse parts that no public page needs. Raises ProviderError."""
    try:
        url = URL(text.strip())
        url = (base.join(url) if base else url).with_fragment(None)
        host, port = url.host, url.port
    except (ValueError, TypeError) as error:
        raise ProviderError(f"{text[:200]} is not a usable address; check it.") from error
    if url.scheme not in ("http", "https"):
        raise ProviderError(f"{text[:200]} is not an http or https address; give one or paste the text.")
    if not host or not port or "%" in host:
        raise ProviderError(f"{text[:200]} is not a usable address; check it.")
    if url.user is not None or url.password is not None:
        raise ProviderError(f"{url.with_user(None)} carries a user name or password; give it without them.")
    return url


async def system_addresses(host: str, port: int) -> list[str]:
    """Resolve a host name as the operating system does. Raises OSError."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


async def checked_addresses(
    url: URL, *, allow_private_networks: bool = False, resolve: Resolve = system_addresses
) -> list[str]:
    """Resolve the host once; every address it has must be public, and the port one of the usual two.

    `allow_private_networks` lifts both rules. Raises PortRefused, AddressUnknown or AddressRefused.
    """
    if not allow_private_networks and url.port not in PORTS:
        raise PortRefused
    try:
        addresses = await resolve(url.raw_host or "", url.port or 80)
    except (OSError, UnicodeError) as error:
        raise AddressUnknown from error
    if not addresses:
        raise AddressUnknown
    if not allow_private_networks and not all(map(is_public, addresses)):
        raise AddressRefused
    return addresses


def connector_to(url: URL, addresses: list[str]) -> aiohttp.TCPConnector:
    """Connects to the host of `url` only, at these addresses."""
    pinned = _Pinned(url.raw_host or "", addresses)  # in ASCII, as aiohttp resolves it
    return aiohttp.TCPConnector(resolver=pinned, use_dns_cache=False, force_close=True)


class _Pinned(AbstractResolver):
    """Resolves to the addresses that were checked, so that no second look-up can differ."""

    def __init__(self, host: str, addresses: list[str]) -> None:
        self._host, self._addresses = host, addresses

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        if host != self._host:
            raise OSError(f"{host} was not checked")
        return [
            ResolveResult(
                hostname=host,
                host=address,
                port=port,
                family=socket.AF_INET6 if ":" in address else socket.AF_INET,
                proto=0,
                flags=socket.AI_NUMERICHOST,
            )
            for address in self._addresses
        ]

    async def close(self) -> None:
        """Nothing is held."""
