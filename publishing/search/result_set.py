"""The result set of a search: which posts are counted, filtered and sorted, and one page of them.

They are the posts that have all words of the query, or any of them where no post has all. Best first, without
filters, the ranked posts come first, whatever they have: see docs/decisions/0096.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.utils.timezone import get_current_timezone_name

from publishing.search import matching
from publishing.search.cache import cached
from publishing.search.deadline import TookTooLong
from publishing.search.facets import Facet, SearchFilters, Sort
from publishing.search.filtered_ranking import best_first
from publishing.search.matching import NEWEST_OF_ALL, Given, Matches, Place
from publishing.search.query import Query
from publishing.search.ranking import MAX_RESULTS, SearchResults

RANKED = 1000
"""Of more posts than this that filters leave, the newest are ranked, and those that rank high anyway."""
WALK_SECONDS = 0.6
"""How long is searched for the newest posts, one statement after the other."""


@dataclass(frozen=True)
class ResultPage:
    post_ids: list[int]
    count: int
    """Of the result set."""
    is_about: bool
    """Whether it is an estimate."""
    has_all_words: bool
    """Whether the posts of the result set do; the ranked ones that follow have some."""
    has_more: bool
    listed: int | None
    """How many can be paged through: None while that is unknown."""
    is_incomplete: bool = False
    """Whether the time limit ended the search for the newest."""


@dataclass(frozen=True)
class _Listed:
    """The result set in its order, as far as it was asked for."""

    post_ids: list[int]
    is_whole: bool
    amount: int | None = None
    is_incomplete: bool = False


@dataclass(frozen=True)
class ResultSet:
    found: SearchResults
    filters: SearchFilters = field(default_factory=SearchFilters)

    @property
    def facets(self) -> list[Facet]:
        return self._matches.facets

    def page(self, sort: Sort, start: int, stop: int) -> ResultPage:
        """The results from `start` on, before `stop`."""
        listed = self._listed(sort, stop + 1) if self.found.post_ids else _Listed([], True, 0)
        is_exact = self._is_counted_whole(sort, listed)
        return ResultPage(
            listed.post_ids[start:stop],
            len(listed.post_ids) if is_exact else self._matches.count,
            self._matches.is_about and not is_exact,
            self._having_all is not None,
            len(listed.post_ids) > stop or (listed.amount or 0) > stop,
            len(listed.post_ids) if listed.is_whole else listed.amount,
            listed.is_incomplete,
        )

    def _is_counted_whole(self, sort: Sort, listed: _Listed) -> bool:
        """Whether all of the result set was listed, and nothing else: then its number is known."""
        return listed.is_whole and (sort is Sort.NEWEST or bool(self.filters) or not self.found.post_ids)

    def _listed(self, sort: Sort, amount: int) -> _Listed:
        if sort is Sort.NEWEST:
            return self._newest(amount)
        ranked = self.found.post_ids
        if self.filters:
            return self._best_of_filtered(amount)
        if len(ranked) < MAX_RESULTS or self._matches.count <= len(ranked) or self._matches.is_about:
            return _Listed(ranked, True, len(ranked))
        if amount <= len(ranked):
            return _Listed(ranked, False, self._matches.count)
        return _followed(ranked, self._newest(amount))

    def _best_of_filtered(self, amount: int) -> _Listed:
        newest = self._newest(max(amount, RANKED))
        candidates = newest.post_ids[:RANKED]
        if len(newest.post_ids) > RANKED or not newest.is_whole:
            candidates = list(dict.fromkeys([*self._ranked_that_match(), *candidates]))
        given = (candidates, [query.config for query in self.found.queries])
        ranked = cached("filtered", (given, self._given), lambda: best_first(self.found.queries, candidates))
        return _followed(ranked, newest)

    def _ranked_that_match(self) -> list[int]:
        """Of the best posts without filters, those in the filtered result set."""
        return cached(
            "ranked",
            (self._key, self.found.post_ids),
            lambda: matching.among(self._given, self.filters, self.found.post_ids),
        )

    def _newest(self, amount: int) -> _Listed:
        if not self._matches.is_about:
            post_ids = cached("newest", self._key, lambda: matching.newest(self._given, self.filters))
            return _Listed(post_ids, True, len(post_ids))
        return self._walked(amount)

    def _walked(self, amount: int) -> _Listed:
        post_ids: list[int] = []
        place: Place | None = NEWEST_OF_ALL
        ends_at = time.monotonic() + WALK_SECONDS
        try:
            while place is not None and len(post_ids) < amount:
                if time.monotonic() > ends_at:
                    raise TookTooLong
                step, place = self._step(place)
                post_ids += step
        except TookTooLong:
            return _Listed(post_ids, False, is_incomplete=True)
        return _Listed(post_ids, place is None)

    def _step(self, place: Place) -> tuple[list[int], Place | None]:
        return cached("walk", (self._key, place), lambda: matching.walk(self._given, self.filters, place))

    # --- The result set -------------------------------------------------------------------------------

    @cached_property
    def _having_all(self) -> Matches | None:
        """None where no post has all words."""
        given = matching.having_all_words(self.found.queries)
        matches = self._count(given, _fewest(self.found.queries))
        return matches if matches.unfiltered else None

    @cached_property
    def _having_any(self) -> Matches:
        given = matching.having_any_word(self.found.queries)
        return self._count(given, sum(word.posts for query in self.found.queries for word in query.words))

    @property
    def _matches(self) -> Matches:
        if not self.found.post_ids:
            return Matches(0, 0, [], is_about=False)
        return self._having_all or self._having_any

    @property
    def _given(self) -> Given:
        if self._having_all is not None:
            return matching.having_all_words(self.found.queries)
        return matching.having_any_word(self.found.queries)

    @property
    def _key(self) -> Any:
        return (self._given, self.filters, get_current_timezone_name())

    def _count(self, given: Given, at_most: int) -> Matches:
        """`at_most` is how many posts may match, as far as is known without looking."""
        key = (given, self.filters, get_current_timezone_name())
        try:
            return cached("matches", key, lambda: self._counted(given, at_most))
        except TookTooLong:
            amount = len(self.found.post_ids)
            return Matches(amount, amount, [], is_about=True)

    def _counted(self, given: Given, at_most: int) -> Matches:
        if at_most > matching.MAX_MATCHES:
            estimate = matching.estimated(given, self.filters)
            if estimate.unfiltered:
                return estimate
        try:
            counted = matching.counted(given, self.filters)
        except TookTooLong:
            counted = None
        return counted or matching.estimated(given, self.filters)


def _fewest(queries: list[Query]) -> int:
    """In how many posts the rarest word of the query is; the commonest, if one of the words is enough."""
    amounts = [[word.posts for word in query.words] for query in queries]
    return sum(
        (max if query.has_alternatives else min)(some, default=0)
        for query, some in zip(queries, amounts, strict=True)
    )


def _followed(first: list[int], others: _Listed) -> _Listed:
    """The first, then those of the others that are not among them."""
    post_ids = list(dict.fromkeys([*first, *others.post_ids]))
    amount = len(post_ids) if others.is_whole else None
    return _Listed(post_ids, others.is_whole, amount, others.is_incomplete)
