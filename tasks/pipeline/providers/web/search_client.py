"""Searches the web over HTTP, by one of the protocols of tasks/pipeline/web_search.

The address is the operator's: it may be of a private network, and redirects are not followed, so nobody else
says where a request goes. What comes back is from outside: bounded, and cleaned before it is used.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from yarl import URL

from tasks.pipeline.errors import ProviderError, ProviderUnavailable
from tasks.pipeline.providers import FoundPage
from tasks.pipeline.providers.model_replies.characters import clean
from tasks.pipeline.providers.model_servers.vendor_pool import proxy_for
from tasks.pipeline.providers.model_servers.vendor_protocol import Access
from tasks.pipeline.providers.web.search_errors import SearchErrors
from tasks.pipeline.providers.web.search_protocol import SearchEngine, SearchProtocol, WebSearchRequest

SEARCH_SECONDS = 20.0
MAX_REPLY_BYTES = 2_000_000
MAX_TITLE_CHARACTERS, MAX_URL_CHARACTERS = 300, 2000
LONGEST_WAIT_SECONDS = 3.0
"""Plans that allow one search a second ask to wait for one; who asks to wait for longer is asked later."""


@dataclass(frozen=True)
class SearchReply:
    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)


@dataclass(frozen=True)
class SearchClient:
    """A WebSearch."""

    engine: SearchEngine
    access: Access
    site_url: str = ""
    total_seconds: float = SEARCH_SECONDS

    @property
    def name(self) -> str:
        return self.engine.name

    async def search(self, query: str, *, limit: int, language: str = "") -> list[FoundPage]:
        """Return up to `limit` pages, best first. Raises ProviderError or ProviderUnavailable."""
        if missing := self.engine.missing_setting(self.access):
            raise ProviderError(f"{self.engine.title} cannot be asked: set {missing}.")
        protocol = self.engine.protocol(self.access)
        request = protocol.request(clean(" ".join(query.split())), limit=limit, language=language)
        errors = SearchErrors(self.engine, protocol)
        try:
            reply = await self._reply(request, errors)
        except ProviderUnavailable as error:
            wait = error.retry_after_seconds
            if wait is None or wait > LONGEST_WAIT_SECONDS:
                raise
            await asyncio.sleep(wait)
            reply = await self._reply(request, errors)
        return _pages(_listed(reply, protocol, errors))[:limit]

    async def _reply(self, request: WebSearchRequest, errors: SearchErrors) -> SearchReply:
        """Make the request. Raises ProviderError for anything but success."""
        try:
            async with asyncio.timeout(self.total_seconds):
                reply = await self._exchange(request)
        except TimeoutError:
            raise errors.too_late(self.total_seconds) from None
        except (aiohttp.NonHttpUrlClientError, aiohttp.InvalidURL, ValueError):
            # From None: the address may have a password.
            raise errors.misconfigured() from None
        except aiohttp.ClientError as error:
            raise errors.disconnected(error) from None
        if reply.status != 200:
            raise errors.from_reply(reply.status, reply.headers, reply.body)
        if len(reply.body) > MAX_REPLY_BYTES:
            raise errors.unreadable("it is larger than any list of results")
        return reply

    async def _exchange(self, request: WebSearchRequest) -> SearchReply:
        url = URL(request.url).update_query(request.query)
        contact = f" (+{self.site_url})" if self.site_url else ""
        headers = {"User-Agent": f"EditorialDesk/1.0{contact}", "Accept-Encoding": "gzip, deflate"}
        async with (
            aiohttp.ClientSession(
                trust_env=False,
                cookie_jar=aiohttp.DummyCookieJar(),
                timeout=aiohttp.ClientTimeout(total=None, sock_connect=10),
            ) as session,
            session.request(
                "GET" if request.body is None else "POST",
                url,
                json=request.body,
                headers={**headers, **request.headers},
                # A redirect could take the key to another host, or lead into a private network.
                allow_redirects=False,
                proxy=proxy_for(url),
            ) as response,
        ):
            body = bytearray()
            async for chunk in response.content.iter_chunked(65_536):
                body += chunk
                if len(body) > MAX_REPLY_BYTES:
                    break
            return SearchReply(response.status, response.headers.copy(), bytes(body))


def _listed(reply: SearchReply, protocol: SearchProtocol, errors: SearchErrors) -> list[Any]:
    """The results of a reply. Raises ProviderError for a body that has none."""
    text = reply.body.decode("utf-8", "replace").lstrip("\ufeff")
    try:
        value = json.loads(text, strict=False)
    except (ValueError, RecursionError):
        raise errors.no_json(text) from None
    try:
        found = protocol.results(value) if isinstance(value, dict) else value["results"]
    except (KeyError, TypeError, AttributeError):
        raise errors.no_results(value) from None
    if not isinstance(found, list):
        raise errors.unreadable("its results are no list")
    return found


def _pages(results: list[Any]) -> list[FoundPage]:
    """The results that are addresses of pages; others, such as answers and magnet links, are left out."""
    pages = []
    for result in results:
        url = result.get("url") if isinstance(result, dict) else None
        if not isinstance(url, str) or len(url) > MAX_URL_CHARACTERS or not _is_page(url.strip()):
            continue
        title = result.get("title")
        title = clean(" ".join(title.split())) if isinstance(title, str) else ""
        pages.append(FoundPage(url=url.strip(), title=title[:MAX_TITLE_CHARACTERS]))
    return pages


def _is_page(url: str) -> bool:
    if clean(url) != url or any(character.isspace() for character in url):
        return False
    try:
        parsed = URL(url)
        host = parsed.host
    except (ValueError, TypeError):
        return False
    return parsed.scheme in ("http", "https") and bool(host) and parsed.user is None
