"""Searching: from what a reader typed to the posts, best first.

Which posts are the best is decided by a ranking: our own, or another one that `SEARCH_RANKING` names.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Protocol

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import import_string

from publishing.search.deadline import TookTooLong
from publishing.search.query import Query, parse
from publishing.search.spelling import Confidence, Respelling, respelling
from publishing.search.typed import has_quotes

logger = logging.getLogger(__name__)

MAX_RESULTS = 400
"""Posts that are ranked, of any number that match."""
BUILTIN = "builtin"
BUILTIN_CLASS = "publishing.search.builtin_ranking.BuiltinRanking"


@dataclass(frozen=True)
class RankedPosts:
    """The ids of matching posts that readers see, best first."""

    post_ids: list[int]
    is_truncated: bool
    """Whether there may be more, of lower rank."""


class Ranking(Protocol):
    """Makes the order of the results. Made once in a process, and used by its threads at once."""

    def rank(self, queries: Sequence[Query], *, at_most: int) -> RankedPosts:
        """The best posts for a query that is given once for each language in use.

        A post matches if it matches the query of its own language: `matching` and `required`.
        Raises TookTooLong.
        """
        ...


@cache
def ranking() -> Ranking:
    name = settings.SEARCH_RANKING
    try:
        made: Ranking = import_string(BUILTIN_CLASS if name == BUILTIN else name)()
    except ImportError as error:
        raise ImproperlyConfigured(
            f"SEARCH_RANKING is {name!r}: expected {BUILTIN!r} or a class, as package.module.Class"
        ) from error
    return made


@dataclass(frozen=True)
class SearchResults:
    """The ids of matching posts, best first, at most MAX_RESULTS of them."""

    post_ids: list[int]
    queries: list[Query] = field(repr=False)
    corrected_query: str = ""
    """What was searched for instead, where a word of the query is mistyped: see `spelling`."""
    is_truncated: bool = False
    """Whether there may be more, of lower rank."""
    is_incomplete: bool = False
    """Whether the time limit ended it before anything was found: a later search may find something."""
    without_quotes: bool = False
    """Whether no post has a phrase of the query, and it was searched for as if it had no quotes."""
    did_you_mean: str = ""
    """What may have been meant, and finds something; the results are those of the query as typed."""

    @property
    def had_words(self) -> bool:
        """Whether there was anything to search for, other than stop words, signs and exclusions."""
        return bool(self.queries)


def search(text: str, *, as_typed: bool = False) -> SearchResults:
    """Search published posts. Any string is valid: one without words finds nothing.

    A mistyped word is corrected, or asked about, unless the query is to be taken `as_typed`.
    """
    queries, other, is_incomplete = parse(text), None, False
    if not as_typed and _has_unknown(queries):
        try:
            other = respelling(text)
        except TookTooLong:
            is_incomplete = True
    if other and other.confidence is Confidence.CERTAIN:
        corrected = _results(other.query, parse(other.query))
        if corrected.post_ids:
            return replace(corrected, corrected_query=other.query)
    found = _results(text, queries)
    if other:
        found = _with_offer(found, other)
    return replace(found, is_incomplete=not found.post_ids and (found.is_incomplete or is_incomplete))


def _results(text: str, queries: list[Query]) -> SearchResults:
    without_quotes = False
    try:
        ranked = _ranked(queries)
        if not ranked.post_ids and has_quotes(text):
            queries = parse(text, without_quotes=True)
            ranked = _ranked(queries)
            without_quotes = bool(ranked.post_ids)
    except TookTooLong:
        return SearchResults([], queries, is_truncated=True, is_incomplete=True)
    return SearchResults(
        ranked.post_ids, queries, is_truncated=ranked.is_truncated, without_quotes=without_quotes
    )


def _with_offer(found: SearchResults, other: Respelling) -> SearchResults:
    """Nothing is offered that finds nothing: its words are in live posts, which conditions may exclude."""
    queries = parse(other.query)
    is_instead = other.confidence is Confidence.LIKELY and not found.post_ids
    if not is_instead and not any(query.required or query.has_alternatives for query in queries):
        return replace(found, did_you_mean=other.query)
    offered = _results(other.query, queries)
    if not offered.post_ids:
        return found
    if is_instead:
        return replace(offered, corrected_query=other.query)
    return replace(found, did_you_mean=other.query)


def _has_unknown(queries: list[Query]) -> bool:
    """Whether some word may be in no post: a cheap test, made for every query."""
    return bool(queries) and all(any(not word.posts for word in query.words) for query in queries)


def _ranked(queries: list[Query]) -> RankedPosts:
    return ranking().rank(queries, at_most=MAX_RESULTS) if queries else RankedPosts([], False)
