"""Chooses what to search the web for, and searches for it."""

from __future__ import annotations

from tasks.pipeline.errors import ProviderError
from tasks.pipeline.prompts import prompt
from tasks.pipeline.providers import FoundPage, LanguageModel, WebSearch
from tasks.pipeline.providers.model_replies.characters import clean
from tasks.pipeline.search_results import SearchQueries, WebSearchResults, merged
from tasks.pipeline.stages.prompt_parts import brief_text, guidance_text, paragraphs
from tasks.pipeline.types import Brief, Role

PROMPT = prompt("queries")
MAX_QUERIES = 3
MAX_QUERY_CHARACTERS = 200
RESULTS_PER_QUERY = 20


async def propose_queries(brief: Brief, llm: LanguageModel) -> SearchQueries:
    """Have a model choose up to three queries. Raises ProviderError."""
    proposed = await llm.answer(
        PROMPT.text,
        paragraphs(brief_text(brief), guidance_text(brief)),
        SearchQueries,
        role=Role.RESEARCH,
        stage="research",
        prompt_version=PROMPT.label,
    )
    queries = tuple(dict.fromkeys(query for given in proposed.queries if (query := _usable(given))))
    return SearchQueries(queries=queries[:MAX_QUERIES]) if queries else await plain_query(brief)


async def plain_query(brief: Brief) -> SearchQueries:
    """The topic, and those of the keywords that it lacks."""
    topic = brief.topic.casefold()
    words = [brief.topic, *(word for word in brief.keywords if word.casefold() not in topic)]
    return SearchQueries(queries=(_usable(" ".join(words)) or brief.topic[:MAX_QUERY_CHARACTERS],))


async def search_web(brief: Brief, chosen: SearchQueries, search: WebSearch) -> WebSearchResults:
    """Search for each query. Raises ProviderError when no query was answered."""
    found: list[tuple[str, list[FoundPage]]] = []
    failures: list[ProviderError] = []
    for query in chosen.queries:
        # One after the other: plans that cost nothing allow one search a second.
        try:
            pages = await search.search(query, limit=RESULTS_PER_QUERY, language=brief.language)
        except ProviderError as error:
            failures.append(error)
        else:
            found.append((query, pages))
    if failures and not found:
        raise failures[0]
    known = [source.url for source in brief.sources]
    return WebSearchResults(queries=chosen.queries, results=merged(found, search.name, known))


async def without_search(problem: str) -> WebSearchResults:
    """No results, and why."""
    return WebSearchResults(problem=problem)


def _usable(query: str) -> str:
    return " ".join(clean(query).split())[:MAX_QUERY_CHARACTERS].strip(" \"'“”„«»")
