"""Reads pages that a web search found, and adds them to the sources."""

from __future__ import annotations

from collections.abc import Iterator

from tasks.pipeline.errors import ProviderError
from tasks.pipeline.providers import FetchedPage, PageReader, SourceArchive
from tasks.pipeline.reading.types import Reading
from tasks.pipeline.search_results import SearchResult, WebSearchResults
from tasks.pipeline.source_reader import SourceReader, all_read
from tasks.pipeline.text.canonical_urls import canonical_url
from tasks.pipeline.types import Brief, GivenSource, Research, SourceText

MAX_PAGES_AT_ONCE = 4
TRIES_PER_PAGE, LEAST_TRIES = 2, 4
"""A bound on the pages that are fetched: of some, nothing can be read."""
ReadPage = tuple[SearchResult, FetchedPage, Reading, SourceText]


async def add_found_pages(
    brief: Brief,
    given: Research,
    found: WebSearchResults,
    pages: PageReader,
    archive: SourceArchive | None = None,
) -> Research:
    """Add up to `brief.web_pages` of the found pages to what was given; what cannot be read is passed over.

    Raises ProviderError when there is no source at all then, and what the archive raises.
    """
    added = _Added(brief, given, archive)
    tried = 0
    for batch in _batches((*_found_before(brief, given), *found.results), added):
        tried += len(batch)
        for read in await all_read(_read(result, pages) for result in batch):
            if read is not None and added.has_room:
                await added.take(*read)
    problem = found.problem or _shortage(found, tried, len(added.sources))
    sources = (*given.sources, *added.sources)
    if not sources:
        raise ProviderError(f"There is no source to write from. {problem}")
    return given.model_copy(update={"sources": sources, "search_problem": problem})


class _Added:
    """The pages that were added so far."""

    def __init__(self, brief: Brief, given: Research, archive: SourceArchive | None) -> None:
        self.sources: list[SourceText] = []
        self._archive = archive
        numbers = _numbers(given)
        found_before = sum(1 for source in brief.sources if source.found_by and source.number in numbers)
        self._wanted = brief.web_pages - found_before
        self._next_number = max((source.number for source in brief.sources), default=0) + 1
        self._addresses = {
            canonical_url(url) for source in given.sources for url in (source.url, source.final_url) if url
        }
        self._documents = {source.sha256 for source in given.sources if source.sha256}

    @property
    def missing(self) -> int:
        return self._wanted - len(self.sources)

    @property
    def has_room(self) -> bool:
        return self.missing > 0

    async def take(self, result: SearchResult, page: FetchedPage, reading: Reading, text: SourceText) -> None:
        """Add a page, unless it is a source under another address."""
        number = self._next_number
        address = canonical_url(text.final_url or text.url)
        if address in self._addresses or text.sha256 in self._documents:
            return
        if self._archive is not None:
            number = await self._archive.add(number, result, page, reading)
        self.sources.append(text.model_copy(update={"number": number}))
        self._next_number = max(self._next_number, number + 1)
        self._addresses |= {address, canonical_url(result.url)}
        self._documents.add(text.sha256)


def _found_before(brief: Brief, given: Research) -> list[SearchResult]:
    """Pages that this run added already, before it was interrupted: they have their rows and numbers."""
    numbers = _numbers(given)
    return [
        SearchResult(url=source.url, title=source.title, engine=source.found_by, query="", rank=1)
        for source in brief.sources
        if source.found_by and source.number not in numbers
    ]


def _numbers(given: Research) -> set[int]:
    return {source.number for source in given.sources} | {source.number for source in given.unusable}


def _batches(results: tuple[SearchResult, ...], added: _Added) -> Iterator[tuple[SearchResult, ...]]:
    """As many of the next results as pages are missing, until there are enough or too many were tried."""
    at, most = 0, TRIES_PER_PAGE * max(0, added.missing) + LEAST_TRIES
    while added.has_room and at < min(len(results), most):
        batch = results[at : at + min(added.missing, MAX_PAGES_AT_ONCE)]
        at += len(batch)
        yield batch


async def _read(result: SearchResult, pages: PageReader) -> ReadPage | None:
    """The page and its text; None if it cannot be used."""
    reader = SourceReader(GivenSource(number=1, url=result.url), pages, None)
    page = await reader.page()
    if isinstance(page, ProviderError):
        return None
    reading = await reader.reading(page)
    if isinstance(reading, ProviderError):
        return None
    text = reader.as_text(page, reading)
    title = reading.title or result.title or result.url
    return result, page, reading, text.model_copy(update={"title": title})


def _shortage(found: WebSearchResults, tried: int, added: int) -> str:
    """Why no page was added; "" if one was."""
    if added:
        return ""
    asked = ", ".join(f"“{query}”" for query in found.queries)
    if not found.results:
        return f"The web search for {asked} found no page that is no source already."
    pages = "The page" if tried == 1 else f"None of the {tried} pages"
    verb = "cannot" if tried == 1 else "can"
    return f"{pages} that the web search for {asked} found {verb} be used as a source."
