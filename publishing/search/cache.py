"""The search cache: results of a query, shared until the site changes.

The next page of results, a filtered view of them, another reader's and an API client's same query use it.
"""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from typing import TypeVar

from django.core.cache import caches

from publishing.search import ranking
from publishing.search.ranking import SearchResults
from publishing.search.typed import MAX_QUERY_CHARACTERS

T = TypeVar("T")


class IncompleteSearch(Exception):
    """Carries results that the time limit cut short past the cache: they must not be stored in it."""

    def __init__(self, results: SearchResults) -> None:
        super().__init__()
        self.results = results


def search(text: str, *, as_typed: bool = False) -> SearchResults:
    """See `ranking.search`."""
    text = " ".join(text[:MAX_QUERY_CHARACTERS].split())

    def compute() -> SearchResults:
        results = ranking.search(text, as_typed=as_typed)
        if results.is_incomplete:
            raise IncompleteSearch(results)
        return results

    try:
        return cached("results", (text, as_typed), compute)
    except IncompleteSearch as incomplete:
        return incomplete.results


def cached(kind: str, parameters: object, compute: Callable[[], T]) -> T:
    """`parameters` is all that the value depends on, other than the published posts."""
    digest = sha256(repr(parameters).encode("utf-8", "surrogatepass")).hexdigest()
    return caches["query"].get_or_compute(f"{kind}:{digest}", compute)  # type: ignore[attr-defined,no-any-return]  # ours, not Django's
