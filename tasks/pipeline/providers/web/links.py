"""Looks up whether addresses that a text cites are still there: all at once, within limits of time."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urldefrag, urlsplit

from tasks.pipeline.link_state import LinkState, LinkStatus, unknown

if TYPE_CHECKING:
    from tasks.pipeline.providers.web.link_requests import LinkRequests

logger = logging.getLogger(__name__)

MAX_LINKS = 60
MAX_AT_ONCE = 10
MAX_AT_ONCE_PER_HOST = 2
LINK_SECONDS = 6.0
TOTAL_SECONDS = 15.0
RECENT_SECONDS = 600.0
RECENT_UNKNOWN_SECONDS = 60.0
MAX_RECENT = 5_000


@dataclass
class RecentLinks:
    """What was found in the last minutes: each version of a text cites the same addresses."""

    _found: dict[str, tuple[float, LinkState]] = field(default_factory=dict)

    def get(self, url: str) -> LinkState | None:
        until, state = self._found.get(url, (0.0, None))
        return state if until > time.monotonic() else None

    def add(self, state: LinkState) -> None:
        if len(self._found) >= MAX_RECENT:
            self._found.clear()
        is_unknown = state.status == LinkStatus.UNKNOWN
        seconds = RECENT_UNKNOWN_SECONDS if is_unknown else RECENT_SECONDS
        self._found[state.url] = (time.monotonic() + seconds, state)


@dataclass
class GuardedLinks:
    """A LinkLookup that asks the addresses themselves; its HTTP client is loaded with the first one."""

    allow_private_networks: bool = False
    site_url: str = ""
    total_seconds: float = TOTAL_SECONDS
    link_seconds: float = LINK_SECONDS
    recent: RecentLinks = field(default_factory=RecentLinks)

    async def look_up(self, urls: Sequence[str], *, is_online: bool = False) -> tuple[LinkState, ...]:
        pages = {url: urldefrag(url).url for url in dict.fromkeys(urls)}
        asked = list(dict.fromkeys(pages.values()))
        known = {page: state for page in asked if (state := self.recent.get(page))}
        missing = [page for page in asked if page not in known]
        known |= {page: unknown(page, f"only {MAX_LINKS} are looked up") for page in missing[MAX_LINKS:]}
        if missing:
            known |= await self._ask(missing[:MAX_LINKS], is_online=is_online)
        return tuple(known[page].model_copy(update={"url": url}) for url, page in pages.items())

    async def _ask(self, pages: list[str], *, is_online: bool) -> dict[str, LinkState]:
        # In a thread: the loop has other tasks to drive meanwhile.
        requests = await asyncio.to_thread(self._load)
        slots = asyncio.Semaphore(MAX_AT_ONCE)
        slots_of: defaultdict[str, asyncio.Semaphore] = defaultdict(
            lambda: asyncio.Semaphore(MAX_AT_ONCE_PER_HOST)
        )

        async def ask(page: str) -> LinkState:
            async with slots_of[urlsplit(page).netloc], slots:
                return await requests.state_of(page)

        asked = {page: asyncio.ensure_future(ask(page)) for page in pages}
        try:
            await asyncio.wait(asked.values(), timeout=self.total_seconds)
            found = {page: self._result(page, task) for page, task in asked.items()}
        finally:
            for task in asked.values():
                task.cancel()
            await asyncio.gather(*asked.values(), return_exceptions=True)
        if not is_online and not requests.has_resolved:
            found = {page: _offline(state) for page, state in found.items()}
        for state in found.values():
            self.recent.add(state)
        return found

    def _result(self, page: str, task: asyncio.Future[LinkState]) -> LinkState:
        if not task.done():
            return unknown(page, f"its turn did not come within {self.total_seconds:g} seconds")
        if error := task.exception():
            logger.error("%s could not be looked up", page, exc_info=error)
            return unknown(page, f"it could not be looked up ({type(error).__name__})")
        return task.result()

    def _load(self) -> LinkRequests:
        from tasks.pipeline.providers.web.link_requests import LinkRequests

        return LinkRequests(self.allow_private_networks, self.site_url, self.link_seconds)


def _offline(state: LinkState) -> LinkState:
    """Where no name at all was found, the network may be missing, and not the page."""
    return (
        unknown(state.url, "no name could be looked up; is there a network?") if state.has_no_name else state
    )
