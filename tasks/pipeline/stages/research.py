"""The first stage: turns the editor's sources into texts to write from."""

from __future__ import annotations

import asyncio
import logging

from tasks.pipeline.errors import ProviderError, ProviderUnavailable
from tasks.pipeline.isolation import ComputePoolLost
from tasks.pipeline.providers import PageReader
from tasks.pipeline.reading.isolated import read_document, unreadable
from tasks.pipeline.types import Brief, GivenSource, Research, SourceText, UnusableSource

logger = logging.getLogger(__name__)

# A polite number of pages at once, and a bound on the processes that take out their text.
MAX_PAGES_AT_ONCE = 4


async def read_sources(brief: Brief, pages: PageReader) -> Research:
    """Read every source of the brief; those that cannot be used are listed with the reason.

    Raises ProviderUnavailable when no source can be used now and one of them may be later.
    """
    slots = asyncio.Semaphore(MAX_PAGES_AT_ONCE)

    async def read_one(source: GivenSource) -> SourceText | ProviderError:
        try:
            async with slots:
                return await _read(source, pages)
        except ProviderError as error:
            return error
        except ComputePoolLost:
            raise
        except Exception as error:
            # One source must not cost the others.
            logger.exception("Source %s could not be read", source.number)
            return unreadable(error)

    results = await asyncio.gather(*map(read_one, brief.sources))
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


async def _read(source: GivenSource, pages: PageReader) -> SourceText:
    """Read one source; text that was given beats the URL, which then only says where it is from."""
    if source.text.strip():
        reading = await read_document(source.text.encode("utf-8", "replace"))
        read = reading.as_source(source.number, title=source.title, url=source.url)
        return read if read.title else read.model_copy(update={"title": f"Source {source.number}"})
    if not source.url:
        raise ProviderError("The source has neither text nor a URL; give one of them.")
    page = await pages.read(source.url, number=source.number)
    return page.model_copy(update={"title": source.title or page.title})


def _label(source: GivenSource) -> str:
    return source.title or source.url or f"Source {source.number}"
