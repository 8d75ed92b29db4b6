"""Tavily's search API."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tasks.pipeline.errors import ProviderError, ProviderQuotaExceeded
from tasks.pipeline.providers.model_servers.base_urls import BaseURL
from tasks.pipeline.providers.model_servers.vendor_protocol import Access, VendorSetting
from tasks.pipeline.providers.web.search_protocol import MOST_RESULTS, Refusal, SearchEngine, WebSearchRequest

TAVILY_URL = "https://api.tavily.com"
MAX_QUERY_CHARACTERS = 400
PLAN_USED_UP, EXTRA_USED_UP = 432, 433
"""Status codes of its own: the plan's limit, and that of what is paid beyond it."""


@dataclass(frozen=True)
class Tavily:
    access: Access

    @property
    def key(self) -> str:
        return self.access["TAVILY_API_KEY"]

    def request(self, query: str, *, limit: int, language: str) -> WebSearchRequest:
        base = BaseURL.parsed(self.access["TAVILY_BASE_URL"] or TAVILY_URL, ("/search",))
        if base is None:
            raise ProviderError("TAVILY_BASE_URL is not an address: correct it, or leave it empty.")
        asked = {"query": query[:MAX_QUERY_CHARACTERS], "max_results": min(limit, MOST_RESULTS)}
        headers = {"Accept": "application/json", "Authorization": f"Bearer {self.key}"}
        return WebSearchRequest(base.to(f"{base.path}/search"), headers, body=asked)

    def results(self, reply: Mapping[str, Any]) -> object:
        return reply["results"]

    def refusal(self, refusal: Refusal) -> ProviderError | None:
        if refusal.status in (402, PLAN_USED_UP, EXTRA_USED_UP):
            return ProviderQuotaExceeded(
                f"Tavily: the credits of the plan are used up ({refusal.status}): wait until they are "
                "renewed, or raise the limit there."
            )
        return None


ENGINE = SearchEngine(
    name="tavily",
    title="Tavily",
    settings=(VendorSetting("TAVILY_API_KEY"), VendorSetting("TAVILY_BASE_URL", is_url=True)),
    missing_setting=lambda access: "" if access["TAVILY_API_KEY"] else "TAVILY_API_KEY",
    protocol=Tavily,
    address_setting="TAVILY_BASE_URL",
    key_setting="TAVILY_API_KEY",
)
