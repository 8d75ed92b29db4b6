"""The page cache: public pages held in memory and sent without a thread, until the site changes.

The application marks a cacheable response with an internal header. A cached page is the same for every
reader: requests with a session or credentials bypass the cache.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any
from urllib.parse import unquote_to_bytes

from contentpipeline.webserver.cached_response import CachedResponse
from contentpipeline.webserver.content_encoding import coding_of
from contentpipeline.webserver.wsgi_call import WsgiResponse

Key = tuple[bytes, bytes, bytes, bytes]
"""Host, scheme, path and query."""

TRACKING = re.compile(rb"(?:utm_\w+|fbclid|gclid|dclid|msclkid|mc_[ce]id)(?:=|$)")
"""Parameters that only tell a statistic where a reader came from."""
NUMBER = re.compile(rb"[1-9][0-9]{0,9}")
WAIT_SECONDS = 2.0
"""How long a request waits for another that renders the same page; then it renders the page itself."""
MAX_UNCACHEABLE = 4096
FILE_SECONDS = 24 * 3600.0


@dataclass(frozen=True)
class CacheRules:
    """What may be cached, as the application defines it."""

    header: str
    environ_key: str
    session_cookie: str
    parameters: frozenset[str]
    host_of: Callable[[str], str]
    """The name in a Host header, without its port; empty for a host that is not ours."""
    files: str = "/static/"
    """Below this are files that do not change while the server runs; each encoding is one of its own."""
    proxy_header: tuple[str, str] | None = None
    """The header, and its value, by which a proxy says that a request came over https."""
    trusts: Callable[[str], bool] = lambda _peer: True
    """Whether forwarded headers from the peer with this address are trusted."""
    query_key: str = "desk.cached_query"
    """Where the application finds the part of the query that a cached page may read."""


@dataclass(slots=True)
class PageRequest:
    """The parts of a request that decide which cached response answers it."""

    key: Key
    coding: bytes = b""
    known_tag: bytes = b""
    known_since: bytes = b""
    is_head: bool = False
    is_file: bool = False
    query: bytes = b""
    """As it was sent. The key has only the part that selects a page; a redirect passes on all of it."""


class PageCache:
    """The cached pages of one process. For its event loop alone, except `response_to_cache`."""

    def __init__(
        self,
        rules: CacheRules,
        *,
        max_bytes: int = 64 * 1024 * 1024,
        max_pages: int = 20_000,
        count: Callable[[str], object] = bool,
    ) -> None:
        """`count` gets the outcome of each request (hit, unchanged: also a hit, joined, miss) and purge."""
        self.rules = rules
        self.count = count
        self.is_live = False
        """Whether invalidations arrive. While not, nothing is stored, nor sent from here."""
        self.bytes = 0
        self._max_bytes, self._max_pages = max_bytes, max_pages
        self._header = rules.header.lower().encode()
        self._files = rules.files.encode()
        self._cookie = re.compile(rb"(?:^|;)\s*" + re.escape(rules.session_cookie.encode()) + rb"=")
        self._proxy = rules.proxy_header and tuple(part.lower().encode() for part in rules.proxy_header)
        self._parameters = frozenset(name.encode() for name in rules.parameters)
        self._host = lru_cache(maxsize=1024)(lambda raw: rules.host_of(raw.decode("latin-1")).encode())
        self._query = lru_cache(maxsize=4096)(self._normal_query)
        self._pages: OrderedDict[Key, CachedResponse] = OrderedDict()
        self._in_flight: dict[Key, InFlightRender] = {}
        self._uncacheable: OrderedDict[Key, None] = OrderedDict()
        self._generation = 0

    def __len__(self) -> int:
        return len(self._pages)

    # --- Invalidation ---

    def invalidate(self) -> None:
        """Drop all pages, and store none that is being rendered: it may show the state before the change."""
        self._generation += 1
        self._pages.clear()
        self._in_flight.clear()
        self._uncacheable.clear()
        self.bytes = 0
        self.count("purge")

    # --- Requests ---

    def page_request(self, scope: dict[str, Any]) -> PageRequest | None:
        """None when the request must bypass the cache."""
        if not self.is_live or scope["method"] not in ("GET", "HEAD"):
            return None
        query = self._query(scope["query_string"])
        if query is None:
            return None
        host = accepted = known_tag = known_since = b""
        has_session = False
        proxy, expected = self._proxy or (b"", b"")
        scheme = b"" if proxy else str(scope["scheme"]).encode()
        for name, value in scope["headers"]:
            if name == b"host":
                if host:
                    return None
                host = self._host(value)
            elif name == b"accept-encoding":
                accepted = value
            elif name == b"if-none-match":
                known_tag = value
            elif name == b"if-modified-since":
                known_since = value
            elif name == b"authorization" or name == b"range":
                return None
            elif name == b"cookie":
                has_session = has_session or self._cookie.search(value) is not None
            elif name == proxy and not scheme:
                is_https = value.partition(b",")[0].strip() == expected and self._trusts(scope)
                scheme = b"https" if is_https else b"http"
        if not host:
            return None
        path: bytes = scope["raw_path"]
        if b"%" in path:
            path = unquote_to_bytes(path)  # one page, however its URL is escaped
        coding = coding_of(accepted)
        is_file = path.startswith(self._files)
        if is_file and not query:
            query = coding  # each encoding of a file is an entry of its own
        elif is_file or has_session:
            return None
        is_head = scope["method"] == "HEAD"
        key = (host, scheme or b"http", path, query)
        sent: bytes = scope["query_string"]
        return PageRequest(key, coding, known_tag, known_since, is_head, is_file, sent)

    def _trusts(self, scope: dict[str, Any]) -> bool:
        return self.rules.trusts((scope.get("client") or ("",))[0])

    def _normal_query(self, query: bytes) -> bytes | None:
        """The part of the query that selects a page; None when such a page is not cached."""
        significant = [part for part in query.split(b"&") if part and not TRACKING.match(part)]
        for part in significant:
            name, _, value = part.partition(b"=")
            if name not in self._parameters or not NUMBER.fullmatch(value):
                return None
        return b"&".join(significant) if len(significant) < 2 else None

    def get(self, request: PageRequest) -> CachedResponse | None:
        page = self._pages.get(request.key)
        if page is None:
            return None
        if page.expires_at < time.monotonic():
            self._drop(request.key)
            return None
        self._pages.move_to_end(request.key)
        return page

    # --- Single flight: of several requests for a page that is not cached, one renders it ---

    def in_flight(self, request: PageRequest) -> InFlightRender | None:
        """The render of this page by another request, if one is under way."""
        return self._in_flight.get(request.key)

    async def wait(self, render: InFlightRender) -> CachedResponse | None:
        """The page that the other request renders; None when it is not cacheable or takes too long."""
        self.count("joined")
        finished: asyncio.Future[CachedResponse | None] = asyncio.get_running_loop().create_future()
        render.waiting.append(finished)
        try:
            async with asyncio.timeout(WAIT_SECONDS):
                return await finished
        except TimeoutError:
            return None

    def begin(self, request: PageRequest) -> InFlightRender:
        """Begin to render a page. The render must be finished, whatever its outcome."""
        self.count("miss")
        may_store = not request.is_head and request.key not in self._uncacheable
        render = InFlightRender(self, request, self._generation, may_store)
        if may_store:
            self._in_flight.setdefault(request.key, render)
        return render

    def finish(self, render: InFlightRender, page: CachedResponse | None) -> None:
        request = render.request
        cacheable = page if page is not None and page.is_cacheable and not request.is_head else None
        if self._in_flight.get(request.key) is render:
            del self._in_flight[request.key]
        for waiting in render.waiting:
            if not waiting.done():
                waiting.set_result(cacheable)
        if render.generation != self._generation or not self.is_live:
            return
        if cacheable is not None:
            self._store(request.key, cacheable)
        elif not request.is_head:
            self._uncacheable[request.key] = None
            if len(self._uncacheable) > MAX_UNCACHEABLE:
                self._uncacheable.popitem(last=False)

    def response_to_cache(self, response: WsgiResponse, request: PageRequest) -> CachedResponse | None:
        """In a thread: the response in its cached form, if it is a file or marked as cacheable."""
        head = response.head
        max_age = head.pop(self._header)
        if response.rest is not None or request.is_head:
            return None
        if request.is_file:
            if head.status != 200:
                return None
            return CachedResponse(200, head.headers, response.piece, FILE_SECONDS, is_file=True)
        if max_age is None:
            return None
        page = CachedResponse(head.status, head.headers, response.piece, float(max_age))
        if page.wants(request.coding):
            page.add(request.coding, page.compressed(request.coding))
        return page

    # --- Size limits ---

    def _store(self, key: Key, page: CachedResponse) -> None:
        if page.bytes > self._max_bytes // 8:
            return
        self._drop(key)
        self._pages[key] = page
        self.bytes += page.bytes
        self._evict()

    def add(self, request: PageRequest, page: CachedResponse, body: bytes) -> None:
        """Add another encoding of a page."""
        before = page.bytes
        page.add(request.coding, body)
        if self._pages.get(request.key) is page:
            self.bytes += page.bytes - before
            self._evict()

    def _evict(self) -> None:
        while self.bytes > self._max_bytes or len(self._pages) > self._max_pages:
            self._drop(next(iter(self._pages)))

    def _drop(self, key: Key) -> None:
        page = self._pages.pop(key, None)
        if page is not None:
            self.bytes -= page.bytes


@dataclass(slots=True)
class InFlightRender:
    """A page being rendered: under which generation of the site, and the requests that wait for it."""

    cache: PageCache
    request: PageRequest
    generation: int
    may_store: bool
    waiting: list[asyncio.Future[CachedResponse | None]] = field(default_factory=list)
    is_finished: bool = False

    def prepare(self, environ: dict[str, Any]) -> None:
        """Have the application render the page for all readers, not for this one."""
        # A cached page reads this part of the query. Others get the whole, for a redirect must not lose it.
        environ[self.cache.rules.environ_key] = True
        if not self.request.is_file:
            environ[self.cache.rules.query_key] = self.request.key[-1].decode()
        elif self.may_store:
            for name in ("HTTP_IF_NONE_MATCH", "HTTP_IF_MODIFIED_SINCE"):
                environ.pop(name, None)
            environ["HTTP_ACCEPT_ENCODING"] = self.request.coding.decode()

    def finish(self, page: CachedResponse | None = None) -> None:
        if not self.is_finished:
            self.is_finished = True
            self.cache.finish(self, page)
