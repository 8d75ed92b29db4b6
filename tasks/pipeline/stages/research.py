"""The first stage: turns the editor's sources into texts to write from."""

from __future__ import annotations

import asyncio

from tasks.pipeline.errors import ProviderError, ProviderUnavailable
from tasks.pipeline.providers import PageReader, SourceArchive
from tasks.pipeline.source_reader import SourceReader, all_read
from tasks.pipeline.types import Brief, GivenSource, Research, SourceText, UnusableSource

# A polite number of pages at once, and a bound on the processes that take out their text.
MAX_PAGES_AT_ONCE = 4


async def read_sources(brief: Brief, pages: PageReader, archive: SourceArchive | None = None) -> Research:
    """Read every source of the brief; those that cannot be used are listed with the reason.

    Each document goes to the archive before its text is used. Raises ProviderUnavailable when no source can
    be used now and one of them may be later, and what the archive raises.
    """
    slots = asyncio.Semaphore(MAX_PAGES_AT_ONCE)

    async def read_one(source: GivenSource) -> SourceText | ProviderError:
        async with slots:
            return await SourceReader(source, pages, archive).read()

    results = await all_read(read_one(source) for source in brief.sources)
    usable = tuple(result for result in results if isinstance(result, SourceText))
    if not usable:
        for result in results:
            if isinstance(result, ProviderUnavailable):
                raise result
    return Research(
        sources=usable,
        unusable=tuple(
            UnusableSource(number=source.number, title=_label(source), problem=str(result))
            for source, result in zip(brief.sources, results, strict=True)
            if isinstance(result, ProviderError)
        ),
    )


def _label(source: GivenSource) -> str:
    return source.title or source.url or f"Source {source.number}"
