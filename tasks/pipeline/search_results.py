"""What a web search found for a brief: addresses, each once, in the order in which they are tried."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import zip_longest

from pydantic import Field

from tasks.pipeline.providers import FoundPage
from tasks.pipeline.text.canonical_urls import canonical_url, site_of
from tasks.pipeline.types import Value

PAGES_PER_SITE = 2
"""An article should not rest on one site because a search likes it."""


class SearchQueries(Value):
    queries: tuple[str, ...] = Field(description="One to three searches, the most important one first.")


class SearchResult(Value):
    """A page that was found, and by what."""

    url: str
    title: str = ""
    engine: str = Field(description="As in WEB_SEARCH.")
    query: str
    rank: int = Field(ge=1, description="Its place among the results of the query.")


class WebSearchResults(Value):
    queries: tuple[str, ...] = ()
    results: tuple[SearchResult, ...] = Field(default=(), description="In the order in which they are tried.")
    problem: str = Field(default="", description="Why nothing was searched for.")


def merged(
    found: Sequence[tuple[str, list[FoundPage]]], engine: str, known: Iterable[str]
) -> tuple[SearchResult, ...]:
    """The first result of each query, then the second of each: every address once, and none that is known.

    No site has more than PAGES_PER_SITE.
    """
    seen = {canonical_url(url) for url in known if url}
    sites: Counter[str] = Counter()
    listed = [[(query, rank, page) for rank, page in enumerate(pages, 1)] for query, pages in found]
    results = []
    for query, rank, page in (entry for row in zip_longest(*listed) for entry in row if entry):
        address, site = canonical_url(page.url), site_of(page.url)
        if address in seen or sites[site] == PAGES_PER_SITE:
            continue
        seen.add(address)
        sites[site] += 1
        results.append(SearchResult(url=page.url, title=page.title, engine=engine, query=query, rank=rank))
    return tuple(results)
