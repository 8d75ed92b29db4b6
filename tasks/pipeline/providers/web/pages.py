"""Fetches public pages that editors name, without giving them access to this machine's network.

A URL is untrusted: it may point at a metadata service, redirect there later, resolve to another address
the second time, never end, or unpack to gigabytes. Each rule below prevents one of these.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime

import aiohttp
from protego import Protego
from yarl import URL

from tasks.pipeline.errors import ProviderError, ProviderUnavailable
from tasks.pipeline.providers import FetchedPage
from tasks.pipeline.providers.web.guard import (
    AddressRefused,
    AddressUnknown,
    PortRefused,
    Resolve,
    checked_addresses,
    connector_to,
    parsed_url,
    system_addresses,
)
from tasks.pipeline.reading.formats import UNDECLARED, accept_header, accepted_types, formats_in_words
from tasks.pipeline.text.file_names import file_name

ROBOT = "EditorialDesk"
MAX_REDIRECTS = 5
MAX_PAGE_BYTES = 5_000_000
# RFC 9309 asks a crawler to read at least 500 KiB of robots.txt.
MAX_ROBOTS_BYTES = 512_000
ROBOTS_SECONDS = 3600.0
MAX_CACHED_ROBOTS = 500
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_TEMPORARY_STATUS = frozenset({408, 425, 429})


@dataclass(frozen=True)
class _Fetched:
    url: URL
    status: int
    content_type: str
    body: bytes
    file_name: str = ""


@dataclass
class GuardedPages:
    """A PageReader for pages of the public internet.

    `allow_private_networks` lifts the rules on addresses and ports, for tests and intranets.
    `site_url` is where the owner of a fetched page can find who fetches it.
    """

    allow_private_networks: bool = False
    total_seconds: float = 30.0
    max_bytes: int = MAX_PAGE_BYTES
    site_url: str = ""
    resolve: Resolve = system_addresses
    _robots: dict[str, tuple[float, Protego]] = field(default_factory=dict, init=False, repr=False)

    async def fetch(self, url: str) -> FetchedPage:
        """Fetch a public page or document. Raises ProviderError or ProviderUnavailable."""
        try:
            async with asyncio.timeout(self.total_seconds):
                page = await self._follow(url)
        except TimeoutError as error:
            raise ProviderUnavailable(
                f"{url} was not read within {self.total_seconds:g} seconds; try again or paste its text."
            ) from error
        return FetchedPage(
            body=page.body,
            final_url=str(page.url),
            content_type=page.content_type,
            fetched_at=datetime.now(UTC),
            status=page.status,
            requested_url=url,
            name=page.file_name or file_name(page.url.name),
        )

    async def close(self) -> None:
        """Clear the cached rules; no connection outlives its request."""
        self._robots.clear()

    async def _follow(self, text: str) -> _Fetched:
        """Fetch and follow redirects explicitly, so that each hop passes the same checks."""
        url = parsed_url(text)
        for _ in range(MAX_REDIRECTS + 1):
            await self._respect_robots(url)
            fetched = await self._fetch(url, self.max_bytes)
            if isinstance(fetched, _Fetched):
                return _usable(fetched)
            url = fetched
        raise ProviderError(f"{text} redirects more than {MAX_REDIRECTS} times; give the final address.")

    async def _fetch(self, url: URL, max_bytes: int) -> _Fetched | URL:
        """Send one request; a redirect is returned as the URL it names."""
        connector = connector_to(url, await self._checked_addresses(url))
        # One session a request: no cookie, connection or address survives to the next hop.
        timeout = aiohttp.ClientTimeout(total=self.total_seconds, sock_connect=10)
        try:
            async with (
                aiohttp.ClientSession(
                    connector=connector, trust_env=False, timeout=timeout, cookie_jar=aiohttp.DummyCookieJar()
                ) as session,
                session.get(url, allow_redirects=False, headers=self._headers()) as response,
            ):
                location = response.headers.get("Location", "")
                if response.status in _REDIRECTS and location:
                    return parsed_url(location, base=url)
                body = await _bounded(response, max_bytes) if response.status == 200 else b""
                content_type = response.headers.get("Content-Type", "")
                return _Fetched(url, response.status, content_type, body, _offered_name(response))
        except aiohttp.InvalidURL as error:
            raise ProviderError(f"{url} is not a usable address; check it.") from error
        except (aiohttp.ClientError, ValueError) as error:
            raise ProviderUnavailable(
                f"{url} could not be fetched ({type(error).__name__}); try again."
            ) from error

    async def _checked_addresses(self, url: URL) -> list[str]:
        """Resolve the host once; every address it has must be public."""
        try:
            return await checked_addresses(
                url, allow_private_networks=self.allow_private_networks, resolve=self.resolve
            )
        except PortRefused as error:
            raise ProviderError(
                f"{url} uses port {url.port}; only 80 and 443 are fetched, so paste its text."
            ) from error
        except AddressUnknown as error:
            raise ProviderUnavailable(
                f"{url} could not be found: no address for {url.host}; check the name."
            ) from error
        except AddressRefused as error:
            raise ProviderError(
                f"{url} points to a private network and is not fetched; paste its text instead."
            ) from error

    async def _respect_robots(self, url: URL) -> None:
        rules = await self._robots_of(url.origin())
        if not rules.can_fetch(str(url), ROBOT):
            raise ProviderError(
                f"{url} is closed to robots by its site's robots.txt; paste its text instead."
            )

    async def _robots_of(self, origin: URL) -> Protego:
        """The rules of a site. Without robots.txt all is allowed; a failing site is tried later."""
        until, rules = self._robots.get(str(origin), (0.0, None))
        if rules is None or until < time.monotonic():
            text = await self._robots_text(origin / "robots.txt")
            rules = await asyncio.to_thread(Protego.parse, text)
            if len(self._robots) >= MAX_CACHED_ROBOTS:
                self._robots.clear()
            self._robots[str(origin)] = (time.monotonic() + ROBOTS_SECONDS, rules)
        return rules

    async def _robots_text(self, url: URL) -> str:
        for _ in range(MAX_REDIRECTS + 1):
            fetched = await self._fetch_robots(url)
            if isinstance(fetched, str):
                return fetched
            url = fetched
        return ""

    async def _fetch_robots(self, url: URL) -> str | URL:
        try:
            fetched = await self._fetch(url, MAX_ROBOTS_BYTES)
        except _TooLarge as error:
            return error.head.decode("utf-8", "replace")
        if isinstance(fetched, URL):
            return fetched
        if fetched.status >= 500 or fetched.status in _TEMPORARY_STATUS:
            raise ProviderUnavailable(
                f"{url} returned {fetched.status}, so its page is not fetched now; try again."
            )
        return fetched.body.decode("utf-8", "replace")

    def _headers(self) -> dict[str, str]:
        return {"User-Agent": user_agent(self.site_url), "Accept": accept_header(),
                "Accept-Encoding": "gzip, deflate"}  # fmt: skip


def user_agent(site_url: str) -> str:
    return f"{ROBOT}/1.0 (+{site_url})" if site_url else f"{ROBOT}/1.0"


class _TooLarge(ProviderError):
    """The body exceeds its limit; `head` is what was read."""

    def __init__(self, message: str, head: bytes) -> None:
        super().__init__(message)
        self.head = head


def _usable(page: _Fetched) -> _Fetched:
    """Refuse responses that are not a page."""
    if page.status >= 500 or page.status in _TEMPORARY_STATUS:
        raise ProviderUnavailable(f"{page.url} returned {page.status}; try again later or paste its text.")
    if page.status != 200:
        raise ProviderError(f"{page.url} returned {page.status}; check the address or paste its text.")
    kind = page.content_type.partition(";")[0].strip().lower()
    if kind not in accepted_types() | UNDECLARED:
        raise ProviderError(f"{page.url} is {kind}, and not {formats_in_words()}; paste its text.")
    return page


def _offered_name(response: aiohttp.ClientResponse) -> str:
    """The name under which the server offers the document; never a path."""
    disposition = response.content_disposition
    name = disposition.filename if disposition else None
    return file_name(name or "")


async def _bounded(response: aiohttp.ClientResponse, max_bytes: int) -> bytes:
    """Read the decoded body up to its limit; aiohttp unpacks as it reads, so a bomb stops here."""
    body = bytearray()
    async for chunk in response.content.iter_chunked(65_536):
        body += chunk
        if len(body) > max_bytes:
            raise _TooLarge(
                f"{response.url} is larger than {max_bytes / 1e6:g} MB; paste the part that matters.",
                bytes(body[:max_bytes]),
            )
    return bytes(body)
