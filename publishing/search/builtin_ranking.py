"""Our own ranking, in three steps: candidates by lists of words, exact scores of the best ones, feedback."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from publishing.search.candidates import candidates, is_first_by_all_words, rarest, wants_strict
from publishing.search.deadline import TIMEOUT_MS, TookTooLong
from publishing.search.feedback import with_feedback
from publishing.search.query import Query
from publishing.search.ranking import RankedPosts
from publishing.search.rescoring import rescore

logger = logging.getLogger(__name__)

RESCORED = 100
"""Candidates that are scored exactly: half of the time goes there."""
LOOKED_THROUGH = 1000
"""Candidates that are read for a phrase or an exclusion, which each of them has to fulfil."""
WITHDRAWN = 40
"""How many more are asked for, as lists may still name posts that are no longer there."""


class BuiltinRanking:
    def rank(self, queries: Sequence[Query], *, at_most: int) -> RankedPosts:
        is_whole = True
        try:
            post_ids = _ranked(queries, at_most, with_strict=True)
        except TookTooLong:
            logger.info("A search took more than %s ms with strict matches.", TIMEOUT_MS)
            is_whole = False
            post_ids = _ranked(queries, at_most, with_strict=False)
        is_sampled = any(query.phrases and not wants_strict(query) for query in queries)
        return RankedPosts(post_ids, is_sampled or not is_whole or len(post_ids) >= at_most)


def _ranked(queries: Sequence[Query], at_most: int, *, with_strict: bool) -> list[int]:
    found = candidates(queries, with_strict=with_strict)
    has_conditions = any(query.required or query.has_alternatives for query in queries)
    amount = LOOKED_THROUGH if has_conditions else _rescored(queries)
    best = found.best(amount if has_conditions else max(at_most + WITHDRAWN, amount))
    scored, rest = rescore(queries, best[:amount], best[amount:])
    first_by_all = {query.config for query in queries if is_first_by_all_words(query)}
    scores = with_feedback(scored, max(sum(word.weight for word in query.words) for query in queries))
    scored.sort(
        key=lambda post: (post.has_all and post.config in first_by_all, scores[post.post_id], post.post_id),
        reverse=True,
    )
    return ([post.post_id for post in scored] + rest)[:at_most]


def _rescored(queries: Sequence[Query]) -> int:
    """More of them where a rare word alone decides, because nothing is known yet of its posts."""
    return RESCORED + max((word.posts for query in queries for word in rarest(query)), default=0)
