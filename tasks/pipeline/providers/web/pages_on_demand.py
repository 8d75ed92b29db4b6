"""A page reader for runs that may need none: its HTTP client is loaded with the first address."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tasks.pipeline.providers import FetchedPage, PageReader


@dataclass
class PagesOnDemand:
    """A PageReader, which is GuardedPages from the first page on."""

    allow_private_networks: bool
    site_url: str
    _pages: PageReader | None = field(default=None, init=False, repr=False)

    async def fetch(self, url: str) -> FetchedPage:
        """Fetch a public page or document. Raises ProviderError or ProviderUnavailable."""
        if self._pages is None:
            # In a thread: the loop has other tasks to drive meanwhile.
            pages = await asyncio.to_thread(self._load)
            self._pages = self._pages or pages
        return await self._pages.fetch(url)

    def _load(self) -> PageReader:
        from tasks.pipeline.providers.web.pages import GuardedPages

        return GuardedPages(allow_private_networks=self.allow_private_networks, site_url=self.site_url)
