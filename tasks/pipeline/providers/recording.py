"""Records what a run got from outside, and replays it: the same run again, without a call that costs.

A request is identified by a hash of all that was asked, so a recording only answers what it was asked before.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any, Literal

from pydantic import JsonValue

from tasks.pipeline.errors import (
    LengthLimitReached,
    ProviderError,
    ProviderQuotaExceeded,
    ProviderUnavailable,
    StageFailed,
)
from tasks.pipeline.link_state import LinkState, unknown
from tasks.pipeline.providers import (
    FetchedPage,
    LanguageModel,
    LinkLookup,
    PageReader,
    Prose,
    Providers,
    StructuredOutput,
)
from tasks.pipeline.types import Brief, Role, Value

STAGES = ("research", "outline", "draft", "critique", "refine", "image", "seo")
"""In the order in which a run first comes to them."""

LINKS_STAGE = "research"
"""Addresses are asked for again where pages are."""

# The random numbers of the marks around outside text, which differ each time the same is asked.
_NONCE = re.compile(r"(?<=<<<begin )[0-9a-f]{16}|(?<=<<<end )[0-9a-f]{16}")
_ERRORS: Mapping[str, type[ProviderError]] = {
    one.kind: one for one in (ProviderError, ProviderUnavailable, ProviderQuotaExceeded, LengthLimitReached)
}


class Exchange(Value):
    """One request to the outside, and what came back: a reply, or the error of a provider."""

    key: str
    kind: Literal["brief", "prose", "structured", "page", "links"]
    stage: str = ""
    reply: JsonValue = None
    error_kind: str = ""
    error: str = ""


SaveExchange = Callable[[Exchange], Awaitable[None]]
"""Of two exchanges with one key, the later one counts: a stage that ran again asked again."""

BRIEF_KEY = "brief"


class ReplayIncomplete(StageFailed):
    """The recording lacks what a run asks for: prompts, checks or the program have changed since."""

    kind = "replay_incomplete"


@dataclass(frozen=True)
class RecordedModel(LanguageModel):
    """A language model whose replies and errors are saved."""

    model: LanguageModel
    save: SaveExchange

    async def write(
        self, instructions: str, prompt: str, *, role: Role, stage: str, prompt_version: str = ""
    ) -> Prose:
        key = _request_key("prose", instructions, prompt, role, stage)
        try:
            prose = await self.model.write(
                instructions, prompt, role=role, stage=stage, prompt_version=prompt_version
            )
        except ProviderError as error:
            await self.save(_failed(key, "prose", stage, error))
            raise
        await self.save(Exchange(key=key, kind="prose", stage=stage, reply=asdict(prose)))
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
        key = _request_key(output.__name__, instructions, prompt, role, stage)
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
        await self.save(Exchange(key=key, kind="structured", stage=stage, reply=reply))
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
            await self.save(_failed(_page_key(url), "page", "research", error))
            raise
        await self.save(Exchange(key=_page_key(url), kind="page", stage="research", reply=_as_json(page)))
        return page


@dataclass(frozen=True)
class RecordedLinks:
    """A LinkLookup whose findings are saved; the first one counts for the whole run, as in its replay."""

    links: LinkLookup
    save: SaveExchange
    _found: dict[str, tuple[LinkState, ...]] = field(default_factory=dict, init=False, repr=False)

    async def look_up(self, urls: Sequence[str], *, is_online: bool = False) -> tuple[LinkState, ...]:
        key = _links_key(urls)
        if key not in self._found:
            found = await self.links.look_up(urls, is_online=is_online)
            reply: list[JsonValue] = [one.model_dump(mode="json") for one in found]
            await self.save(Exchange(key=key, kind="links", stage=LINKS_STAGE, reply=reply))
            self._found[key] = found
        return self._found[key]


@dataclass(frozen=True)
class Replay:
    """A recording to answer from. From the stage `branch` on, everything is asked again; "" for nothing."""

    exchanges: Mapping[str, Exchange]
    branch: str = ""

    @property
    def brief(self) -> Brief:
        """The brief of the recorded run. Raises ReplayIncomplete."""
        return Brief.model_validate(self.reply(BRIEF_KEY, STAGES[0]))

    def in_place_of(self, live: Providers) -> Providers:
        """These providers, with the recording before them. A run without a model is repeated without one."""
        had_model = any(one.kind in ("prose", "structured") for one in self.exchanges.values())
        had_links = any(one.kind == "links" for one in self.exchanges.values())
        return replace(
            live,
            pages=ReplayedPages(self, live.pages),
            llm=ReplayedModel(self, live.llm) if had_model else None,
            links=ReplayedLinks(self, live.links) if had_links else None,
        )

    def is_live(self, stage: str) -> bool:
        return bool(self.branch) and STAGES.index(stage) >= STAGES.index(self.branch)

    def reply(self, key: str, stage: str) -> JsonValue:
        """Raises what was raised then, or ReplayIncomplete."""
        exchange = self.exchanges.get(key)
        if exchange is None:
            raise ReplayIncomplete(
                f"The recording has no reply to this request of the stage {stage}: prompts, rules or the "
                f"program have changed since. Replay it with a branch from {stage}."
            )
        if exchange.error_kind:
            raise _ERRORS.get(exchange.error_kind, ProviderError)(exchange.error)
        return exchange.reply


@dataclass(frozen=True)
class ReplayedModel(LanguageModel):
    """Answers from a recording. `live` answers the stages of a branch; None when no model is configured."""

    replay: Replay
    live: LanguageModel | None

    async def write(
        self, instructions: str, prompt: str, *, role: Role, stage: str, prompt_version: str = ""
    ) -> Prose:
        key = _request_key("prose", instructions, prompt, role, stage)
        if (live := self._live(stage, key)) is not None:
            return await live.write(
                instructions, prompt, role=role, stage=stage, prompt_version=prompt_version
            )
        return Prose(**_as_dict(self.replay.reply(key, stage)))

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
        key = _request_key(output.__name__, instructions, prompt, role, stage)
        if (live := self._live(stage, key)) is not None:
            return await live.answer(
                instructions,
                prompt,
                output,
                role=role,
                stage=stage,
                prompt_version=prompt_version,
                unlike=unlike,
            )
        return output.model_validate(self.replay.reply(key, stage))

    def _live(self, stage: str, key: str) -> LanguageModel | None:
        """The model to ask now: in a branch also what follows from it, such as another critique."""
        follows = bool(self.replay.branch) and key not in self.replay.exchanges
        if not (self.replay.is_live(stage) or follows):
            return None
        if self.live is None:
            raise ReplayIncomplete("A branch needs a language model: set PIPELINE_MODELS.")
        return self.live


@dataclass(frozen=True)
class ReplayedPages:
    """A PageReader that answers from a recording."""

    replay: Replay
    live: PageReader

    async def fetch(self, url: str) -> FetchedPage:
        if self.replay.is_live("research"):
            return await self.live.fetch(url)
        return _as_page(_as_dict(self.replay.reply(_page_key(url), "research")))


@dataclass(frozen=True)
class ReplayedLinks:
    """A LinkLookup that answers from a recording; a branch asks again for what is not in it."""

    replay: Replay
    live: LinkLookup | None

    async def look_up(self, urls: Sequence[str], *, is_online: bool = False) -> tuple[LinkState, ...]:
        key = _links_key(urls)
        is_new = self.replay.is_live(LINKS_STAGE) or key not in self.replay.exchanges
        if self.replay.branch and is_new and self.live is not None:
            return await self.live.look_up(urls, is_online=is_online)
        if key not in self.replay.exchanges:
            return tuple(unknown(url, "the recording does not have it") for url in urls)
        found = self.replay.reply(key, LINKS_STAGE)
        return tuple(LinkState.model_validate(one) for one in found) if isinstance(found, list) else ()


def recorded(providers: Providers, save: SaveExchange) -> Providers:
    """These providers, with all that they return saved."""
    llm = None if providers.llm is None else RecordedModel(providers.llm, save)
    links = None if providers.links is None else RecordedLinks(providers.links, save)
    return replace(providers, pages=RecordedPages(providers.pages, save), llm=llm, links=links)


def recorded_brief(brief: Brief) -> Exchange:
    return Exchange(key=BRIEF_KEY, kind="brief", reply=brief.model_dump(mode="json"))


def _request_key(output: str, instructions: str, prompt: str, role: Role, stage: str) -> str:
    asked = [output, role, stage, _NONCE.sub("", instructions), _NONCE.sub("", prompt)]
    return hashlib.sha256(json.dumps(asked).encode()).hexdigest()


def _page_key(url: str) -> str:
    return hashlib.sha256(json.dumps(["page", url]).encode()).hexdigest()


def _links_key(urls: Sequence[str]) -> str:
    return hashlib.sha256(json.dumps(["links", *sorted(urls)]).encode()).hexdigest()


def _failed(
    key: str, kind: Literal["prose", "structured", "page"], stage: str, error: ProviderError
) -> Exchange:
    return Exchange(key=key, kind=kind, stage=stage, error_kind=error.kind, error=str(error))


def _as_json(page: FetchedPage) -> dict[str, Any]:
    at = page.fetched_at.isoformat() if page.fetched_at else ""
    return asdict(page) | {"body": base64.b64encode(page.body).decode(), "fetched_at": at}


def _as_page(fields: dict[str, Any]) -> FetchedPage:
    at = datetime.fromisoformat(fields["fetched_at"]) if fields["fetched_at"] else None
    return FetchedPage(**{**fields, "body": base64.b64decode(fields["body"]), "fetched_at": at})


def _as_dict(reply: JsonValue) -> dict[str, Any]:
    if not isinstance(reply, dict):
        raise ReplayIncomplete("The recording is damaged: a reply of another kind was stored.")
    return reply
