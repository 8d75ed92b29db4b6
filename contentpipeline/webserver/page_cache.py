"""Pages that are kept in memory and sent without a thread, until somebody says that the site has changed.

The application says of each answer whether it may be kept, in a header that stays inside. What is kept is
one page for all: only requests that show no login are looked at here.
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

from contentpipeline.webserver.cached_response import Page
from contentpipeline.webserver.content_encoding import coding_of
from contentpipeline.webserver.wsgi_call import Answer

Key = tuple[bytes, bytes, bytes, bytes]
"""Host, scheme, path and query."""

TRACKING = re.compile(rb"(?:utm_\w+|fbclid|gclid|dclid|msclkid|mc_[ce]id)(?:=|$)")
"""Parameters that only tell a statistic where a reader came from."""
NUMBER = re.compile(rb"[1-9][0-9]{0,9}")
FLIGHT_SECONDS = 2.0
"""How long a request waits for another that asks for the same page; then it asks for itself."""
MAX_OTHERS = 4096
FILE_SECONDS = 24 * 3600.0


@dataclass(frozen=True)
class Rules:
    """What may be kept, in the application's words."""

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
    """Whether what the machine with this address says of the way a request came is believed."""
    query_key: str = "desk.kept_query"
    """Where the application finds what a page that is kept may read of the query."""


@dataclass(slots=True)
class Asked:
    """One request as far as a kept page is concerned."""

    key: Key
    coding: bytes = b""
    known_tag: bytes = b""
    known_since: bytes = b""
    is_head: bool = False
    is_file: bool = False
    query: bytes = b""
    """As it was sent: of a page, the key has what matters of it; a redirect hands on all of it."""


@dataclass(slots=True)
class Flight:
    """Those who wait for a page that somebody else is making."""

    waiting: list[asyncio.Future[Page | None]] = field(default_factory=list)

    def land(self, page: Page | None) -> None:
        for one in self.waiting:
            if not one.done():
                one.set_result(page)


class KeptPages:
    """The pages of one process. Used on its event loop alone, but for `page_of`."""

    def __init__(
        self,
        rules: Rules,
        *,
        max_bytes: int = 64 * 1024 * 1024,
        max_pages: int = 20_000,
        count: Callable[[str], object] = bool,
    ) -> None:
        """`count` is told what becomes of a request: hit, unchanged (also a hit), joined, miss; and purge."""
        self.rules = rules
        self.count = count
        self.is_live = False
        """Whether a change of the site would be heard. While not, nothing is kept, nor sent from here."""
        self.bytes = 0
        self._max_bytes, self._max_pages = max_bytes, max_pages
        self._header = rules.header.lower().encode()
        self._files = rules.files.encode()
        self._cookie = re.compile(rb"(?:^|;)\s*" + re.escape(rules.session_cookie.encode()) + rb"=")
        self._proxy = rules.proxy_header and tuple(part.lower().encode() for part in rules.proxy_header)
        self._parameters = frozenset(name.encode() for name in rules.parameters)
        self._host = lru_cache(maxsize=1024)(lambda raw: rules.host_of(raw.decode("latin-1")).encode())
        self._query = lru_cache(maxsize=4096)(self._normal_query)
        self._pages: OrderedDict[Key, Page] = OrderedDict()
        self._flights: dict[Key, Flight] = {}
        self._others: OrderedDict[Key, None] = OrderedDict()  # asked for, and found not to be kept
        self._generation = 0

    def __len__(self) -> int:
        return len(self._pages)

    # --- Changes ---

    def purge(self) -> None:
        """Forget all pages, and do not keep what is being made: it may have been read before the change."""
        self._generation += 1
        self._pages.clear()
        self._flights.clear()
        self._others.clear()
        self.bytes = 0
        self.count("purge")

    # --- Requests ---

    def asked(self, scope: dict[str, Any]) -> Asked | None:
        """What a kept page needs to know of this request; None when it may not be answered by one."""
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
            path = unquote_to_bytes(path)  # one page, however its address is written
        coding = coding_of(accepted)
        is_file = path.startswith(self._files)
        if is_file and not query:
            query = coding  # of a file, each encoding is a page of its own
        elif is_file or has_session:
            return None
        is_head = scope["method"] == "HEAD"
        key = (host, scheme or b"http", path, query)
        sent: bytes = scope["query_string"]
        return Asked(key, coding, known_tag, known_since, is_head, is_file, sent)

    def _trusts(self, scope: dict[str, Any]) -> bool:
        return self.rules.trusts((scope.get("client") or ("",))[0])

    def _normal_query(self, query: bytes) -> bytes | None:
        """The query as far as it matters; None when it is not one of a page that is kept."""
        kept = [part for part in query.split(b"&") if part and not TRACKING.match(part)]
        for part in kept:
            name, _, value = part.partition(b"=")
            if name not in self._parameters or not NUMBER.fullmatch(value):
                return None
        return b"&".join(kept) if len(kept) < 2 else None

    def find(self, asked: Asked) -> Page | None:
        page = self._pages.get(asked.key)
        if page is None:
            return None
        if page.ends_at < time.monotonic():
            self._drop(asked.key)
            return None
        self._pages.move_to_end(asked.key)
        return page

    # --- Flights: of several that ask for a page that is not here, one makes it ---

    def flight_of(self, asked: Asked) -> Flight | None:
        """Where another request is making this page just now."""
        return self._flights.get(asked.key)

    async def join(self, flight: Flight) -> Page | None:
        self.count("joined")
        landed: asyncio.Future[Page | None] = asyncio.get_running_loop().create_future()
        flight.waiting.append(landed)
        try:
            async with asyncio.timeout(FLIGHT_SECONDS):
                return await landed
        except TimeoutError:
            return None

    def depart(self, asked: Asked) -> Departure:
        """Begin to make a page. Must be ended, whatever comes of it."""
        self.count("miss")
        flight = None
        may_keep = not asked.is_head and asked.key not in self._others
        if may_keep and asked.key not in self._flights:
            flight = self._flights[asked.key] = Flight()
        return Departure(self, asked, self._generation, flight, may_keep)

    def land(self, departure: Departure, page: Page | None) -> None:
        asked, flight = departure.asked, departure.flight
        may_keep = page is not None and page.may_be_kept and not asked.is_head
        if flight is not None:
            if self._flights.get(asked.key) is flight:
                del self._flights[asked.key]
            flight.land(page if may_keep else None)
        if departure.generation != self._generation or not self.is_live:
            return
        if page is not None and may_keep:
            self._keep(asked.key, page)
        elif not asked.is_head:
            self._others[asked.key] = None
            if len(self._others) > MAX_OTHERS:
                self._others.popitem(last=False)

    def page_of(self, answer: Answer, asked: Asked) -> Page | None:
        """In a thread: the answer as a page, if it is a file, or the application says that it may be kept."""
        head = answer.head
        said = head.pop(self._header)
        if answer.rest is not None or asked.is_head:
            return None
        if asked.is_file:
            return (
                Page(200, head.headers, answer.piece, FILE_SECONDS, is_file=True)
                if head.status == 200
                else None
            )
        if said is None:
            return None
        page = Page(head.status, head.headers, answer.piece, float(said))
        if page.wants(asked.coding):
            page.add(asked.coding, page.compressed(asked.coding))
        return page

    # --- Room ---

    def _keep(self, key: Key, page: Page) -> None:
        if page.bytes > self._max_bytes // 8:
            return
        self._drop(key)
        self._pages[key] = page
        self.bytes += page.bytes
        self._make_room()

    def add(self, asked: Asked, page: Page, body: bytes) -> None:
        """One more encoding of a page."""
        before = page.bytes
        page.add(asked.coding, body)
        if self._pages.get(asked.key) is page:
            self.bytes += page.bytes - before
            self._make_room()

    def _make_room(self) -> None:
        while self.bytes > self._max_bytes or len(self._pages) > self._max_pages:
            self._drop(next(iter(self._pages)))

    def _drop(self, key: Key) -> None:
        page = self._pages.pop(key, None)
        if page is not None:
            self.bytes -= page.bytes


@dataclass(slots=True)
class Departure:
    """A page that is being made: under which generation of the site, and whether others wait for it."""

    kept: KeptPages
    asked: Asked
    generation: int
    flight: Flight | None
    may_keep: bool
    is_over: bool = False

    def prepare(self, environ: dict[str, Any]) -> None:
        """Have the application make the page for all, not for this one."""
        # To a page that is kept this is its query. All others get the whole, for a redirect must not lose it.
        environ[self.kept.rules.environ_key] = True
        if not self.asked.is_file:
            environ[self.kept.rules.query_key] = self.asked.key[-1].decode()
        elif self.may_keep:
            for name in ("HTTP_IF_NONE_MATCH", "HTTP_IF_MODIFIED_SINCE"):
                environ.pop(name, None)
            environ["HTTP_ACCEPT_ENCODING"] = self.asked.coding.decode()

    def end(self, page: Page | None = None) -> None:
        if not self.is_over:
            self.is_over = True
            self.kept.land(self, page)
