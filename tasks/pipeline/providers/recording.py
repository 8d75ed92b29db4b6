"""Records what a run got from outside, and replays it: the same run again, without a call that costs.

A request is identified by a hash of all that was asked, so a recording only answers what it was asked before.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

from pydantic import JsonValue

from tasks.pipeline.errors import (
    ProviderError,
)
from tasks.pipeline.link_state import LinkState
from tasks.pipeline.providers import (
    CoverMaker,
    FetchedPage,
    FoundPage,
    LanguageModel,
    LinkLookup,
    PageReader,
    Prose,
    Providers,
    StructuredOutput,
    WebSearch,
)
from tasks.pipeline.types import Brief, Cover, CoverRequest, Role, Value

STAGES = ("research", "outline", "draft", "critique", "refine", "image", "seo")
"""In the order in which a run first comes to them."""

LINKS_STAGE = "research"
"""Addresses are asked for again where pages are."""

# The random numbers of the marks around outside text, which differ each time the same is asked.
_NONCE = re.compile(r"(?<=<<<begin )[0-9a-f]{16}|(?<=<<<end )[0-9a-f]{16}")


ExchangeKind = Literal["brief", "prose", "structured", "page", "links", "search", "cover"]


class ProviderExchange(Value):
    """One request to the outside, and what came back: a reply, or the error of a provider."""

    key: str
    kind: ExchangeKind
    stage: str = ""
    reply: JsonValue = None
    error_kind: str = ""
    error: str = ""


SaveExchange = Callable[[ProviderExchange], Awaitable[None]]
"""Of two exchanges with one key, the later one counts: a stage that ran again asked again."""

BRIEF_KEY = "brief"


@dataclass(frozen=True)
class RecordedModel(LanguageModel):
    """A language model whose replies and errors are saved."""

    model: LanguageModel
    save: SaveExchange

    async def write(
        self, instructions: str, prompt: str, *, role: Role, stage: str, prompt_version: str = ""
    ) -> Prose:
        key = request_key("prose", instructions, prompt, role, stage)
        try:
            prose = await self.model.write(
                instructions, prompt, role=role, stage=stage, prompt_version=prompt_version
            )
        except ProviderError as error:
            await self.save(_failed(key, "prose", stage, error))
            raise
        await self.save(ProviderExchange(key=key, kind="prose", stage=stage, reply=asdict(prose)))
        return prose

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
        key = request_key(output.__name__, instructions, prompt, role, stage)
        try:
            value = await self.model.answer(
                instructions,
                prompt,
                output,
                role=role,
                stage=stage,
                prompt_version=prompt_version,
                unlike=unlike,
            )
        except ProviderError as error:
            await self.save(_failed(key, "structured", stage, error))
            raise
        reply = value.model_dump(mode="json")
        await self.save(ProviderExchange(key=key, kind="structured", stage=stage, reply=reply))
        return value


@dataclass(frozen=True)
class RecordedPages:
    """A PageReader whose pages and errors are saved."""

    pages: PageReader
    save: SaveExchange

    async def fetch(self, url: str) -> FetchedPage:
        try:
            page = await self.pages.fetch(url)
        except ProviderError as error:
            await self.save(_failed(page_key(url), "page", "research", error))
            raise
        await self.save(
            ProviderExchange(key=page_key(url), kind="page", stage="research", reply=_as_json(page))
        )
        return page


@dataclass(frozen=True)
class RecordedLinks:
    """A LinkLookup whose findings are saved."""

    links: LinkLookup
    save: SaveExchange

    async def look_up(self, urls: Sequence[str], *, is_online: bool = False) -> tuple[LinkState, ...]:
        found = await self.links.look_up(urls, is_online=is_online)
        reply: list[JsonValue] = [one.model_dump(mode="json") for one in found]
        await self.save(ProviderExchange(key=links_key(urls), kind="links", stage=LINKS_STAGE, reply=reply))
        return found


@dataclass(frozen=True)
class RecordedSearch:
    """A WebSearch whose results and errors are saved."""

    search_engine: WebSearch
    save: SaveExchange

    @property
    def name(self) -> str:
        return self.search_engine.name

    async def search(self, query: str, *, limit: int, language: str = "") -> list[FoundPage]:
        key = search_key(query, limit, language)
        try:
            pages = await self.search_engine.search(query, limit=limit, language=language)
        except ProviderError as error:
            await self.save(_failed(key, "search", "research", error))
            raise
        reply: JsonValue = {"engine": self.name, "pages": [asdict(page) for page in pages]}
        await self.save(ProviderExchange(key=key, kind="search", stage="research", reply=reply))
        return pages


@dataclass(frozen=True)
class RecordedCovers:
    """A CoverMaker whose covers and errors are saved. Of a cover it is the name: images are never changed."""

    covers: CoverMaker
    save: SaveExchange

    async def make(self, wanted: CoverRequest) -> Cover:
        key = cover_key(wanted)
        try:
            cover = await self.covers.make(wanted)
        except ProviderError as error:
            await self.save(_failed(key, "cover", "image", error))
            raise
        reply = cover.model_dump(mode="json")
        await self.save(ProviderExchange(key=key, kind="cover", stage="image", reply=reply))
        return cover

    async def is_stored(self, cover: Cover) -> bool:
        return await self.covers.is_stored(cover)


def recorded(providers: Providers, save: SaveExchange) -> Providers:
    """These providers, with all that they return saved."""
    llm = None if providers.llm is None else RecordedModel(providers.llm, save)
    links = None if providers.links is None else RecordedLinks(providers.links, save)
    search = None if providers.search is None else RecordedSearch(providers.search, save)
    pages = RecordedPages(providers.pages, save)
    covers = None if providers.covers is None else RecordedCovers(providers.covers, save)
    return replace(providers, pages=pages, llm=llm, links=links, search=search, covers=covers)


def recorded_brief(brief: Brief) -> ProviderExchange:
    return ProviderExchange(key=BRIEF_KEY, kind="brief", reply=brief.model_dump(mode="json"))


def request_key(output: str, instructions: str, prompt: str, role: Role, stage: str) -> str:
    asked = [output, role, stage, _NONCE.sub("", instructions), _NONCE.sub("", prompt)]
    return hashlib.sha256(json.dumps(asked).encode()).hexdigest()


def page_key(url: str) -> str:
    return hashlib.sha256(json.dumps(["page", url]).encode()).hexdigest()


def links_key(urls: Sequence[str]) -> str:
    return hashlib.sha256(json.dumps(["links", *sorted(urls)]).encode()).hexdigest()


def cover_key(wanted: CoverRequest) -> str:
    return hashlib.sha256(json.dumps(["cover", wanted.model_dump(mode="json")]).encode()).hexdigest()


def search_key(query: str, limit: int, language: str) -> str:
    return hashlib.sha256(json.dumps(["search", query, limit, language]).encode()).hexdigest()


def _failed(
    key: str,
    kind: Literal["prose", "structured", "page", "search", "cover"],
    stage: str,
    error: ProviderError,
) -> ProviderExchange:
    return ProviderExchange(key=key, kind=kind, stage=stage, error_kind=error.kind, error=str(error))


def _as_json(page: FetchedPage) -> dict[str, Any]:
    at = page.fetched_at.isoformat() if page.fetched_at else ""
    return asdict(page) | {"body": base64.b64encode(page.body).decode(), "fetched_at": at}
