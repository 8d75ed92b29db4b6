"""Answers a run from the recording of an earlier one: see recording.py."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

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
from tasks.pipeline.providers.recording import (
    BRIEF_KEY,
    LINKS_STAGE,
    STAGES,
    ProviderExchange,
    cover_key,
    links_key,
    page_key,
    request_key,
    search_key,
)
from tasks.pipeline.types import Brief, Cover, CoverRequest, Role

_ERRORS: Mapping[str, type[ProviderError]] = {
    one.kind: one for one in (ProviderError, ProviderUnavailable, ProviderQuotaExceeded, LengthLimitReached)
}


class ReplayIncomplete(StageFailed):
    """The recording lacks what a run asks for: prompts, checks or the program have changed since."""

    kind = "replay_incomplete"


@dataclass(frozen=True)
class Replay:
    """A recording to answer from. From the stage `branch` on, everything is asked again; "" for nothing."""

    exchanges: Mapping[str, ProviderExchange]
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
            search=self._search(live.search),
            covers=self._covers(live.covers),
        )

    def _search(self, live: WebSearch | None) -> WebSearch | None:
        """A run without a web search is repeated without one."""
        if self.is_live("research"):
            return live
        searches = [one for one in self.exchanges.values() if one.kind == "search"]
        if not searches:
            return None
        engines = [_as_dict(one.reply)["engine"] for one in searches if not one.error_kind]
        return ReplayedSearch(self, next(iter(engines), ""))

    def _covers(self, live: CoverMaker | None) -> CoverMaker | None:
        """A run that made no cover is repeated without one."""
        if live is None or self.is_live("image"):
            return live
        has_cover = any(one.kind == "cover" for one in self.exchanges.values())
        return ReplayedCovers(self, live) if has_cover else None

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
        key = request_key("prose", instructions, prompt, role, stage)
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
        key = request_key(output.__name__, instructions, prompt, role, stage)
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
        return _as_page(_as_dict(self.replay.reply(page_key(url), "research")))


@dataclass(frozen=True)
class ReplayedLinks:
    """A LinkLookup that answers from a recording; a branch asks again for what is not in it."""

    replay: Replay
    live: LinkLookup | None

    async def look_up(self, urls: Sequence[str], *, is_online: bool = False) -> tuple[LinkState, ...]:
        key = links_key(urls)
        is_new = self.replay.is_live(LINKS_STAGE) or key not in self.replay.exchanges
        if self.replay.branch and is_new and self.live is not None:
            return await self.live.look_up(urls, is_online=is_online)
        if key not in self.replay.exchanges:
            return tuple(unknown(url, "the recording does not have it") for url in urls)
        found = self.replay.reply(key, LINKS_STAGE)
        return tuple(LinkState.model_validate(one) for one in found) if isinstance(found, list) else ()


@dataclass(frozen=True)
class ReplayedSearch:
    """A WebSearch that answers from a recording."""

    replay: Replay
    name: str

    async def search(self, query: str, *, limit: int, language: str = "") -> list[FoundPage]:
        reply = _as_dict(self.replay.reply(search_key(query, limit, language), "research"))
        return [FoundPage(**page) for page in reply["pages"]]


@dataclass(frozen=True)
class ReplayedCovers:
    """A CoverMaker that answers from a recording.

    `live` makes covers for titles that a branch wrote, and those whose image was stored at another desk.
    """

    replay: Replay
    live: CoverMaker

    async def make(self, wanted: CoverRequest) -> Cover:
        key = cover_key(wanted)
        if self.replay.branch and key not in self.replay.exchanges:
            return await self.live.make(wanted)
        cover = Cover.model_validate(self.replay.reply(key, "image"))
        return await self.live.make(wanted) if cover.image and not await self.is_stored(cover) else cover

    async def is_stored(self, cover: Cover) -> bool:
        return await self.live.is_stored(cover)


def _as_page(fields: dict[str, Any]) -> FetchedPage:
    at = datetime.fromisoformat(fields["fetched_at"]) if fields["fetched_at"] else None
    return FetchedPage(**{**fields, "body": base64.b64decode(fields["body"]), "fetched_at": at})


def _as_dict(reply: JsonValue) -> dict[str, Any]:
    if not isinstance(reply, dict):
        raise ReplayIncomplete("The recording is damaged: a reply of another kind was stored.")
    return reply
