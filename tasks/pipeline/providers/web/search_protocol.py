"""Requests to a web search and its replies, whatever the protocol."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from tasks.pipeline.errors import ProviderError
from tasks.pipeline.providers.model_servers.vendor_protocol import Access, VendorSetting

MOST_RESULTS = 20
"""More than that no search returns at once."""


@dataclass(frozen=True)
class WebSearchRequest:
    """A GET with `query` in the address, or a POST of `body`, if there is one."""

    url: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    query: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Refusal:
    """A reply whose HTTP status is not success."""

    status: int
    headers: Mapping[str, str]
    codes: frozenset[str]
    """Every code, type and status in it, in lower case."""
    message: str
    """One line of what it says, without the key."""


class SearchProtocol(Protocol):
    @property
    def key(self) -> str:
        """The secret; it is removed from every message."""
        ...

    def request(self, query: str, *, limit: int, language: str) -> WebSearchRequest: ...

    def results(self, reply: Mapping[str, Any]) -> object:
        """The list of results in a reply, each with `url` and `title`. Raises KeyError without a list."""
        ...

    def refusal(self, refusal: Refusal) -> ProviderError | None:
        """The error for a refusal that means something else than its HTTP status says; None for others."""
        ...


@dataclass(frozen=True)
class SearchEngine:
    """What a module of tasks/pipeline/web_search exports as ENGINE."""

    name: str
    """As in WEB_SEARCH, and on record with each page that it found."""
    title: str
    """As its makers write it."""
    settings: tuple[VendorSetting, ...]
    missing_setting: Callable[[Access], str]
    """The setting that a search needs and that is not set, or ""."""
    protocol: Callable[[Access], SearchProtocol]
    address_setting: str
    key_setting: str = ""
    is_free: bool = False
    """Whether a search costs nothing, so that `doctor` may make one."""
