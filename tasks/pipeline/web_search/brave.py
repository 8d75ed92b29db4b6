"""Brave's search API."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tasks.pipeline.errors import ProviderError, ProviderQuotaExceeded, ProviderUnavailable
from tasks.pipeline.providers.model_servers.base_urls import BaseURL
from tasks.pipeline.providers.model_servers.vendor_protocol import Access, VendorSetting
from tasks.pipeline.providers.web.search_protocol import MOST_RESULTS, Refusal, SearchEngine, WebSearchRequest

BRAVE_URL = "https://api.search.brave.com"
PATH = "/res/v1/web/search"
MAX_QUERY_CHARACTERS, MAX_QUERY_WORDS = 400, 50
LANGUAGES = frozenset(
    {
        "ar", "bg", "bn", "ca", "cs", "da", "de", "en", "en-gb", "es", "et", "eu", "fi", "fr", "gl", "gu",
        "he", "hi", "hr", "hu", "is", "it", "jp", "kn", "ko", "lt", "lv", "ml", "mr", "ms", "nb", "nl", "pa",
        "pl", "pt-br", "pt-pt", "ro", "ru", "sk", "sl", "sr", "sv", "ta", "te", "th", "tr", "uk", "vi",
        "zh-hans", "zh-hant",
    }
)  # fmt: skip
"""What `search_lang` takes: another one is an error."""
OTHER_NAMES = {
    "ja": "jp", "zh": "zh-hans", "zh-cn": "zh-hans", "zh-sg": "zh-hans", "zh-tw": "zh-hant",
    "zh-hk": "zh-hant", "pt": "pt-pt", "no": "nb", "nn": "nb",
}  # fmt: skip
ABOUT_KEY = ("subscription_token_invalid", "subscription_token_missing", "subscription_not_found")
USED_UP = ("quota_limited", "usage_limit_exceeded", "option_not_in_plan", "payment_required")


@dataclass(frozen=True)
class Brave:
    access: Access

    @property
    def key(self) -> str:
        return self.access["BRAVE_API_KEY"]

    def request(self, query: str, *, limit: int, language: str) -> WebSearchRequest:
        base = BaseURL.parsed(self.access["BRAVE_BASE_URL"] or BRAVE_URL, (PATH, "/res/v1"))
        if base is None:
            raise ProviderError("BRAVE_BASE_URL is not an address: correct it, or leave it empty.")
        words = " ".join(query.split()[:MAX_QUERY_WORDS])
        asked = {
            "q": words[:MAX_QUERY_CHARACTERS],
            "count": str(min(limit, MOST_RESULTS)),
            "result_filter": "web",
            "text_decorations": "false",
        }
        if spoken := _search_language(language.lower()):
            asked["search_lang"] = spoken
        headers = {"Accept": "application/json", "X-Subscription-Token": self.key}
        return WebSearchRequest(base.to(f"{base.path}{PATH}"), headers, asked)

    def results(self, reply: Mapping[str, Any]) -> object:
        # A search that finds nothing has no `web`.
        web = reply.get("web")
        if web is None and "query" in reply:
            return []
        return (web or {})["results"]

    def refusal(self, refusal: Refusal) -> ProviderError | None:
        is_about_key = refusal.codes.intersection(ABOUT_KEY) or "token" in refusal.message.lower()
        if refusal.status in (401, 403) or (refusal.status == 422 and is_about_key):
            return ProviderError(f"Brave refused the key ({refusal.status}): check BRAVE_API_KEY.")
        if refusal.status == 402 or refusal.codes.intersection(USED_UP) or _is_month_used_up(refusal.headers):
            return ProviderQuotaExceeded(
                f"Brave: the searches of the plan are used up ({refusal.status}): wait until they are "
                "renewed, or raise the plan there."
            )
        if refusal.status == 429:
            return ProviderUnavailable(
                "Brave is over its rate limit (429): the plan allows few searches a second.",
                retry_after_seconds=_wait_seconds(refusal.headers),
            )
        return None


def _search_language(language: str) -> str:
    """The name of a language there; "" for one that it does not know."""
    for name in (language, language.partition("-")[0]):
        name = OTHER_NAMES.get(name, name)
        if name in LANGUAGES:
            return name
    return ""


def _limits(headers: Mapping[str, str]) -> list[tuple[float, float, float]]:
    """Of each limit what it allows, what is left of it, and when it is renewed: the second's, the month's."""
    names = ("X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset")
    columns = [[_number(part) for part in headers.get(name, "").split(",")[:4]] for name in names]
    return [row for row in zip(*columns, strict=False) if min(row) >= 0]


def _is_month_used_up(headers: Mapping[str, str]) -> bool:
    # A limit of 0 is none.
    return any(limit > 0 and left == 0 for limit, left, _ in _limits(headers)[1:])


def _wait_seconds(headers: Mapping[str, str]) -> float | None:
    given = _number(headers.get("Retry-After", ""))
    if given >= 0:
        return given
    return max((renewed for _, left, renewed in _limits(headers) if left == 0), default=None)


def _number(text: str) -> float:
    """-1 for what is none."""
    text = text.strip()
    return float(text) if text.isascii() and text.isdecimal() and len(text) < 10 else -1.0


ENGINE = SearchEngine(
    name="brave",
    title="Brave",
    settings=(VendorSetting("BRAVE_API_KEY"), VendorSetting("BRAVE_BASE_URL", is_url=True)),
    missing_setting=lambda access: "" if access["BRAVE_API_KEY"] else "BRAVE_API_KEY",
    protocol=Brave,
    address_setting="BRAVE_BASE_URL",
    key_setting="BRAVE_API_KEY",
)
