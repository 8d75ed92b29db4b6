"""The outside world as the pipeline sees it: one narrow protocol for each need."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from pydantic import BaseModel

    from tasks.pipeline.link_state import LinkState
    from tasks.pipeline.reading.types import Reading
    from tasks.pipeline.search_results import SearchResult
    from tasks.pipeline.types import Cover, CoverRequest, Role

StructuredOutput = TypeVar("StructuredOutput", bound="BaseModel")


@dataclass(frozen=True)
class FetchedPage:
    """A document as it came in, before it is read."""

    body: bytes
    final_url: str
    """Where it was found: the requested address, unless that redirects. Empty for a text that was typed."""
    content_type: str
    """As it was served, with its parameters; it may be empty or wrong."""
    fetched_at: datetime | None = None
    """None for a text that was typed."""
    status: int = 200
    requested_url: str = ""
    name: str = ""
    """Of the file, as the server names it, else the last part of the address."""


class PageReader(Protocol):
    async def fetch(self, url: str) -> FetchedPage:
        """Fetch a public page or document. Raises ProviderError or ProviderUnavailable."""
        ...


class LinkLookup(Protocol):
    async def look_up(self, urls: Sequence[str], *, is_online: bool = False) -> tuple[LinkState, ...]:
        """Say of each address whether it is there; raises nothing.

        `is_online`: something else was fetched just now, so that a host without an address is no sign of a
        missing network.
        """
        ...


@dataclass(frozen=True)
class FoundPage:
    """A result of a web search: where a page is, and what it is called there."""

    url: str
    title: str = ""


class WebSearch(Protocol):
    @property
    def name(self) -> str:
        """Which search it is, as in WEB_SEARCH."""
        ...

    async def search(self, query: str, *, limit: int, language: str = "") -> list[FoundPage]:
        """Return up to `limit` pages, best first, none if nothing is found.

        Raises ProviderError, ProviderQuotaExceeded or ProviderUnavailable.
        """
        ...


class SourceArchive(Protocol):
    """Where the documents of a run are stored, with what was read from them."""

    async def save(self, number: int, page: FetchedPage, reading: Reading | None) -> None:
        """Keep what source `number` was; `reading` is None when it could not be read.

        All of it is stored, or nothing. Raises LeaseLost when the run must not write any more.
        """
        ...

    async def add(self, number: int, result: SearchResult, page: FetchedPage, reading: Reading) -> int:
        """Add a page that was found as a source, and keep what it was. Returns the number it has.

        That is `number`, unless another has it, or this address is a source already. Raises as `save` does.
        """
        ...


@dataclass(frozen=True)
class Prose:
    text: str
    model: str
    """Which model wrote it, such as "openai:NAME": of a chain, the one that replied."""


class LanguageModel(Protocol):
    async def write(
        self, instructions: str, prompt: str, *, role: Role, stage: str, prompt_version: str = ""
    ) -> Prose:
        """Return prose, never empty. Raises ProviderError, ProviderUnavailable or BudgetExceeded.

        `prompt_version` names the instructions on record, such as "draft 3".
        """
        ...

    async def answer(
        self,
        instructions: str,
        prompt: str,
        output: type[StructuredOutput],
        *,
        role: Role,
        stage: str,
        prompt_version: str = "",
        unlike: str = "",
    ) -> StructuredOutput:
        """Return a value of the type `output`, validated. Raises as `write` does.

        `unlike` names a model: one of another family is preferred to it, where the role has one.
        """
        ...


class CoverMaker(Protocol):
    async def make(self, wanted: CoverRequest) -> Cover:
        """Make and store a cover, or say that the present one stays. Raises ProviderError."""
        ...

    async def is_stored(self, cover: Cover) -> bool:
        """Whether the image of a cover is here, which a recording of another desk may name."""
        ...


@dataclass(frozen=True)
class Providers:
    """What one run may use. Without a language model the offline writer makes a digest."""

    pages: PageReader
    llm: LanguageModel | None = None
    archive: SourceArchive | None = None
    """Without one, no document is stored."""
    links: LinkLookup | None = None
    """Without one, cited addresses are not looked up."""
    search: WebSearch | None = None
    """Without one, articles are written from the given sources alone."""
    covers: CoverMaker | None = None
    """Without one, covers are left to people."""
