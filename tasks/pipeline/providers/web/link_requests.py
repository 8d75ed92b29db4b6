"""Asks one address whether it is still there, as a reader's browser would, within the guard's rules."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cache

import aiohttp
from yarl import URL

from tasks.pipeline.errors import ProviderError
from tasks.pipeline.link_state import LinkState, alive, dead, unknown
from tasks.pipeline.providers.web.guard import (
    AddressRefused,
    AddressUnknown,
    PortRefused,
    Resolve,
    checked_addresses,
    connector_to,
    parsed_url,
)
from tasks.pipeline.providers.web.pages import user_agent

MAX_REDIRECTS = 10
"""Half of what browsers follow: more is taken for a loop."""
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_GONE = frozenset({404, 410})
_NO_SUCH_NAME = frozenset({socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME)})
# Of OpenSSL: what a browser refuses as well. An unknown issuer is none of these: browsers know more issuers,
# and find intermediate certificates that a server forgot.
_BAD_CERTIFICATE = {
    9: "its certificate is not valid yet",
    10: "its certificate has expired",
    18: "its certificate is signed by itself",
    23: "its certificate was revoked",
    62: "its certificate is for another host",
    64: "its certificate is for another host",
}


class _Settled(Exception):
    """The state is known without a response."""

    def __init__(
        self, state: Callable[[str, str], LinkState], why: str, *, has_no_name: bool = False
    ) -> None:
        super().__init__(why)
        self.state, self.why, self.has_no_name = state, why, has_no_name


@cache
def _threads() -> ThreadPoolExecutor:
    """A name server that does not answer holds a thread for half a minute: not one that others need."""
    return ThreadPoolExecutor(4, thread_name_prefix="link-names")


async def _addresses(host: str, port: int) -> list[str]:
    def look_up() -> list[str]:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        return list(dict.fromkeys(str(entry[4][0]) for entry in found))

    return await asyncio.get_running_loop().run_in_executor(_threads(), look_up)


@dataclass
class LinkRequests:
    """Follows redirects by hand, so that each hop passes the same checks; no body is read.

    robots.txt is not asked: this is one request for one page that an editor is about to send readers to.
    """

    allow_private_networks: bool
    site_url: str
    seconds: float
    resolve: Resolve = _addresses
    has_resolved: bool = field(default=False, init=False)
    """Whether any name had an address, so there is a network."""

    async def state_of(self, text: str) -> LinkState:
        try:
            async with asyncio.timeout(self.seconds):
                return await self._follow(text)
        except TimeoutError:
            return unknown(text, f"no answer within {self.seconds:g} seconds")
        except _Settled as settled:
            found = settled.state(text, settled.why)
            return found.model_copy(update={"has_no_name": settled.has_no_name})

    async def _follow(self, text: str) -> LinkState:
        # Many sites redirect to the same address until a cookie comes back.
        cookies = aiohttp.CookieJar()
        url = _parsed(text)
        for _ in range(MAX_REDIRECTS + 1):
            answer = await self._ask(url, cookies)
            if isinstance(answer, int):
                return _by_status(text, answer)
            url = answer
        return dead(text, f"it redirects more than {MAX_REDIRECTS} times")

    async def _ask(self, url: URL, cookies: aiohttp.CookieJar) -> int | URL:
        """The status of a page, or where it redirects to. Raises _Settled."""
        addresses = await self._checked_addresses(url)
        try:
            answer = await self._send("HEAD", url, addresses, cookies)
            # Many servers know no HEAD, and say so in many ways: 404 is one, to hang up another.
            is_final = isinstance(answer, URL) or answer < 400 or answer == 429
        except aiohttp.ClientConnectorError as error:
            raise _failure(error) from error
        except (aiohttp.ClientError, OSError, ValueError):
            is_final = False
        if is_final:
            return answer
        try:
            return await self._send("GET", url, addresses, cookies)
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise _failure(error) from error

    async def _send(
        self, method: str, url: URL, addresses: list[str], cookies: aiohttp.CookieJar
    ) -> int | URL:
        headers = {"User-Agent": user_agent(self.site_url), "Accept": "text/html,*/*;q=0.8"}
        async with (
            aiohttp.ClientSession(
                connector=connector_to(url, addresses), trust_env=False, cookie_jar=cookies
            ) as session,
            session.request(method, url, allow_redirects=False, headers=headers) as response,
        ):
            location = response.headers.get("Location", "")
            if response.status in _REDIRECTS and location:
                return _parsed(location, base=url)
            return response.status

    async def _checked_addresses(self, url: URL) -> list[str]:
        try:
            found = await checked_addresses(
                url, allow_private_networks=self.allow_private_networks, resolve=self.resolve
            )
        except PortRefused:
            raise _Settled(unknown, f"only ports 80 and 443 are looked up, not {url.port}") from None
        except AddressRefused:
            self.has_resolved = True
            raise _Settled(unknown, "it points to a private network") from None
        except AddressUnknown as error:
            cause = error.__cause__
            is_certain = isinstance(cause, socket.gaierror) and cause.errno in _NO_SUCH_NAME
            if isinstance(cause, OSError) and not is_certain:
                raise _Settled(unknown, "its name could not be looked up now") from None
            raise _Settled(dead, f"there is no host {url.host}", has_no_name=True) from None
        self.has_resolved = True
        return found


def _parsed(text: str, base: URL | None = None) -> URL:
    try:
        return parsed_url(text, base)
    except ProviderError:
        why = "it redirects to an address that cannot be used" if base else "it is no address of a web page"
        raise _Settled(unknown, why) from None


def _by_status(url: str, status: int) -> LinkState:
    if 200 <= status < 300:
        return alive(url)
    return dead(url, str(status)) if status in _GONE else unknown(url, str(status))


def _failure(error: Exception) -> _Settled:
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        reason = error.certificate_error
        code = reason.verify_code if isinstance(reason, ssl.SSLCertVerificationError) else 0
        if why := _BAD_CERTIFICATE.get(code):
            return _Settled(dead, why)
        return _Settled(unknown, "its certificate could not be verified here")
    if isinstance(error, aiohttp.ClientConnectorSSLError):
        return _Settled(unknown, "no secure connection could be made")
    if isinstance(error, aiohttp.ClientConnectorError):
        return _Settled(unknown, "no connection could be made")
    return _Settled(unknown, f"it could not be reached ({type(error).__name__})")
