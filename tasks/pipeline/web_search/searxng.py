"""SearXNG: a search that one hosts oneself, and that asks other search engines."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tasks.pipeline.errors import ProviderError, ProviderUnavailable
from tasks.pipeline.providers.model_servers.base_urls import BaseURL
from tasks.pipeline.providers.model_servers.retry_waits import retry_after_seconds
from tasks.pipeline.providers.model_servers.vendor_protocol import Access, VendorSetting
from tasks.pipeline.providers.web.search_protocol import Refusal, SearchEngine, WebSearchRequest

MAX_QUERY_CHARACTERS = 400
# At the beginning of a word, these choose engines, languages and time limits, or lead to another site.
COMMAND = re.compile(r"(?<!\S)[!:?<]+(?=\S)")
LANGUAGE = re.compile(r"([a-z]{2,3})(-[a-z]{2}\b)?(?![a-z])", re.IGNORECASE)
"""What its parameter takes: a language, with a country or without."""


@dataclass(frozen=True)
class SearXNG:
    access: Access
    key: str = ""

    def request(self, query: str, *, limit: int, language: str) -> WebSearchRequest:
        base = BaseURL.parsed(self.access["SEARXNG_URL"], ("/search",))
        if base is None:
            raise ProviderError("SEARXNG_URL is not an address: set it to that of a SearXNG server.")
        asked = {"q": COMMAND.sub("", query)[:MAX_QUERY_CHARACTERS], "format": "json", "pageno": "1"}
        if spoken := LANGUAGE.match(language):
            asked["language"] = spoken[1].lower() + (spoken[2] or "")
        # Its limiter takes clients that send less than browsers do for robots.
        headers = {"Accept": "application/json, text/html;q=0.5", "Accept-Language": language or "en"}
        return WebSearchRequest(base.to(f"{base.path}/search"), headers, asked)

    def results(self, reply: Mapping[str, Any]) -> object:
        return reply["results"]

    def refusal(self, refusal: Refusal) -> ProviderError | None:
        if refusal.status == 403:
            return ProviderError(
                "SearXNG refuses JSON (403): add json to search.formats in its settings.yml, or name a "
                "server that has it in SEARXNG_URL."
            )
        if refusal.status == 401:
            return ProviderError(
                "SearXNG asks for a login (401): put it into SEARXNG_URL, as in https://user:password@host."
            )
        if refusal.status == 429:
            return ProviderUnavailable(
                "SearXNG is over its rate limit (429): its limiter allows a client four searches an hour as "
                "JSON. Let this machine pass in limiter.toml (pass_ip), or switch server.limiter off.",
                retry_after_seconds=retry_after_seconds(refusal.headers),
            )
        return None


ENGINE = SearchEngine(
    name="searxng",
    title="SearXNG",
    settings=(VendorSetting("SEARXNG_URL", is_url=True),),
    missing_setting=lambda access: "" if access["SEARXNG_URL"] else "SEARXNG_URL",
    protocol=SearXNG,
    address_setting="SEARXNG_URL",
    is_free=True,
)
