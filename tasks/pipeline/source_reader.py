"""Reads one source: from the editor's form, or an address, to a text."""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Coroutine, Iterable
from typing import TYPE_CHECKING, Any, TypeVar

from tasks.pipeline.errors import ProviderError, UnreadableText
from tasks.pipeline.isolation import ComputePoolLost
from tasks.pipeline.providers import FetchedPage, PageReader, SourceArchive
from tasks.pipeline.reading.formats import declared_type
from tasks.pipeline.reading.isolated import read_document, unreadable
from tasks.pipeline.types import GivenSource, SourceText

if TYPE_CHECKING:
    from tasks.pipeline.reading.types import Reading

logger = logging.getLogger(__name__)
Result = TypeVar("Result")

TYPED = "; charset=utf-8"
"""What comes with a text that was typed: its characters are known, its format is not."""


class SourceReader:
    """One source on its way from the editor's form to a text."""

    def __init__(self, given: GivenSource, pages: PageReader, archive: SourceArchive | None) -> None:
        self._given, self._pages, self._archive = given, pages, archive

    async def read(self) -> SourceText | ProviderError:
        """The text, or why there is none; text that was given beats the URL, which is only cited then."""
        if self._given.kinds:
            return self._as_read_before()
        page = await self.page()
        if isinstance(page, ProviderError):
            return page
        result = await self.reading(page)
        reading = None if isinstance(result, ProviderError) else result
        # Outside of what is forgiven: an archive that refuses ends the run.
        if self._archive is not None:
            await self._archive.save(self._given.number, page, reading)
        return result if isinstance(result, ProviderError) else self.as_text(page, result)

    async def page(self) -> FetchedPage | ProviderError:
        """The document, or why there is none."""
        try:
            return await self._page()
        except ProviderError as error:
            return error
        except Exception as error:
            # One source must not cost the others.
            return self._broken(error)

    async def _page(self) -> FetchedPage:
        if self._given.text.strip():
            body = self._given.text.encode("utf-8", "replace")
            return FetchedPage(body, "", TYPED)
        if not self._given.url:
            raise ProviderError("The source has neither text nor a URL; give one of them.")
        return await self._pages.fetch(self._given.url)

    async def reading(self, page: FetchedPage) -> Reading | ProviderError:
        """What the document says, or why that is unknown."""
        try:
            # Its time is limited by itself: pages must not wait for their turn at the cost of their own.
            reading = await read_document(
                page.body, content_type=declared_type(page.content_type), name=page.name
            )
        except UnreadableText as error:
            return self._unusable(error, page)
        except ComputePoolLost:
            raise
        except Exception as error:
            return self._broken(error)
        return reading if page.final_url else as_typed(reading)

    def _unusable(self, error: UnreadableText, page: FetchedPage) -> ProviderError:
        if not page.final_url:
            return error
        return ProviderError(f"{self._given.url} could not be used: {error}")

    def _broken(self, error: Exception) -> ProviderError:
        logger.error("Source %s could not be read", self._given.number, exc_info=error)
        return unreadable(error)

    def as_text(self, page: FetchedPage, reading: Reading) -> SourceText:
        given = self._given
        read = reading.as_source(given.number, title=given.title, url=given.url)
        made_of = {
            "sha256": hashlib.sha256(page.body).hexdigest(),
            "reader": reading.reader,
            "final_url": page.final_url,
        }
        return read.model_copy(update={"title": read.title or f"Source {given.number}", **made_of})

    def _as_read_before(self) -> SourceText:
        given = self._given
        return SourceText(
            number=given.number,
            title=given.title or given.url or f"Source {given.number}",
            url=given.url,
            text=given.text,
            kinds=given.kinds,
            warnings=given.warnings,
            sha256=given.sha256,
            reader=given.reader,
        )


def as_typed(reading: Reading) -> Reading:
    """What was typed came as characters: it has no charset."""
    return reading.model_copy(update={"charset": "", "charset_from": ""})


async def all_read(readings: Iterable[Coroutine[Any, Any, Result]]) -> list[Result]:
    """What they return, in their order. When one ends the stage, the others do not go on fetching."""
    readers = [asyncio.ensure_future(reading) for reading in readings]
    try:
        return await asyncio.gather(*readers)
    finally:
        for reader in readers:
            reader.cancel()
