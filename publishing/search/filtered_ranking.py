"""Ranks the posts that filters leave, by the words of the query: not only the best without filters."""

from __future__ import annotations

from publishing.search.deadline import TookTooLong
from publishing.search.query import Query
from publishing.search.rescoring import rescore


def best_first(queries: list[Query], post_ids: list[int]) -> list[int]:
    """These posts by the words of the query; in their own order where that takes too long."""
    try:
        scored, _ = rescore(queries, post_ids, [])
    except TookTooLong:
        return post_ids
    scored.sort(key=lambda post: (post.score or 0, post.post_id), reverse=True)
    return [post.post_id for post in scored]
