"""A web search for runs that may need none: its HTTP client is loaded with the first query."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tasks.pipeline.web_search import known_engines

if TYPE_CHECKING:
    from tasks.pipeline.providers import FoundPage, WebSearch
    from tasks.pipeline.providers.model_servers.vendor_protocol import Access


@dataclass(frozen=True)
class SearchOnDemand:
    """A WebSearch, by the engine of this name."""

    name: str
    access: Access
    site_url: str = ""

    async def search(self, query: str, *, limit: int, language: str = "") -> list[FoundPage]:
        """Return up to `limit` pages, best first. Raises ProviderError or ProviderUnavailable."""
        # In a thread: the loop has other tasks to drive meanwhile.
        client = await asyncio.to_thread(self._client)
        return await client.search(query, limit=limit, language=language)

    def _client(self) -> WebSearch:
        from tasks.pipeline.providers.web.search_client import SearchClient

        return SearchClient(known_engines()[self.name], self.access, self.site_url)
