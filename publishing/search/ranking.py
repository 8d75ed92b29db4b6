"""Ranking: from a query to the posts, best first, by one statement for fifty posts and for a million."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from functools import cache
from itertools import accumulate

from publishing.models import Post
from publishing.search.deadline import TIMEOUT_MS, TookTooLong, rows
from publishing.search.query import Query, Word, parse
from publishing.search.spelling import corrected_query
from publishing.search.weights import impact, unpacked

logger = logging.getLogger(__name__)

MAX_RESULTS = 400
"""How many posts with all words of the query are scored; of 200, one in fifty of the best would be missed."""
WITHDRAWN = 40
"""How many more are scored, as lists may still name posts that are no longer there."""
LOOKED_THROUGH = 1000
"""Posts in which a phrase of common words is searched for: the best ones by the words alone."""
LOOKED_UP = 3000
"""Posts that are looked up by rare words, the rarest first; those of the other words are only scored."""
READ = 1000
"""How many of these are read to see how much the word weighs in each: nearly all of the time goes there."""
USUAL_IMPACT = 0.17
"""What is assumed of the others: that of a word which stands once in seven hundred."""
STRICT_FROM = 5000
"""Posts with all words are searched for unless even the rarest word is in more posts than this. For a phrase
each such post has to be read, so there the limit is LOOKED_THROUGH."""

# Of more posts with all words than are scored, these are not the best ones: then the sum alone decides.
RANK = f"""
WITH query AS (
    SELECT config, strict::tsquery, matching::tsquery, required::tsquery, is_wanted
    FROM unnest(%(configs)s::text[], %(strict)s::text[], %(matching)s::text[], %(required)s::text[],
                %(is_wanted)s::boolean[]) AS query (config, strict, matching, required, is_wanted)
), word AS MATERIALIZED (
    SELECT config, lexeme::tsquery AS query, weight, term_id, is_listed, is_looked_up, is_read
    FROM unnest(%(word_configs)s::text[], %(lexemes)s::text[], %(weights)s::float8[], %(term_ids)s::bigint[],
                %(is_listed)s::boolean[], %(is_looked_up)s::boolean[], %(is_read)s::boolean[])
        AS word (config, lexeme, weight, term_id, is_listed, is_looked_up, is_read)
), entry AS (
    SELECT listed.post_id, word.weight * listed.impact AS score, 0 AS has_all
    FROM word
    JOIN publishing_searchlist AS list ON list.term_id = word.term_id
    CROSS JOIN LATERAL unnest(list.post_ids, list.impacts) AS listed (post_id, impact)
    WHERE word.is_listed
    UNION ALL
    SELECT delta.post_id, word.weight * delta.impact, 0
    FROM word JOIN publishing_searchdelta AS delta ON delta.term_id = word.term_id
    WHERE word.is_listed
    UNION ALL
    SELECT row.post_id,
           word.weight * CASE WHEN is_read
               THEN (SELECT {impact("flat.tsv", "word.query")} FROM {unpacked("row.tsv")} AS flat)
               ELSE {USUAL_IMPACT}
           END,
           0
    FROM word
    CROSS JOIN LATERAL (
        SELECT post_id, tsv FROM publishing_postsearch AS row
        WHERE row.tsv @@ word.query AND row.config = word.config OFFSET 0
    ) AS row
    WHERE word.is_looked_up
    UNION ALL
    SELECT row.post_id, 0,
           CASE WHEN row.amount > {MAX_RESULTS} AND numnode(query.required) = 0 THEN 0 ELSE 1 END
    FROM query
    CROSS JOIN LATERAL (
        SELECT post_id, count(*) OVER () AS amount
        FROM (
            SELECT post_id FROM publishing_postsearch AS row
            WHERE row.tsv @@ (query.strict && query.required) AND row.config = query.config
            LIMIT {MAX_RESULTS + 1}
        ) AS having_all
    ) AS row
    WHERE query.is_wanted
), best AS MATERIALIZED (
    SELECT post_id, max(has_all) AS has_all, sum(score) AS score
    FROM entry
    GROUP BY post_id
    ORDER BY has_all DESC, score DESC, post_id DESC
    LIMIT %(considered)s + {WITHDRAWN}
), scored AS MATERIALIZED (
    SELECT row.post_id, flat.tsv @@ query.strict AS has_all, score.sum AS score
    FROM best
    JOIN publishing_postsearch AS row USING (post_id)
    JOIN query USING (config)
    CROSS JOIN LATERAL {unpacked("row.tsv")} AS flat
    CROSS JOIN LATERAL (
        SELECT sum(word.weight * {impact("flat.tsv", "word.query")}) AS sum
        FROM word WHERE word.config = row.config
    ) AS score
    WHERE flat.tsv @@ (query.matching && query.required)
)
SELECT post_id FROM scored JOIN (PUBLISHED) AS visible ON visible.id = scored.post_id
ORDER BY has_all DESC, score DESC, post_id DESC
LIMIT {MAX_RESULTS}
"""


@dataclass(frozen=True)
class SearchResults:
    """The ids of matching posts, best first, at most MAX_RESULTS of them."""

    post_ids: list[int]
    queries: list[Query] = field(repr=False)
    corrected_query: str = ""
    """What was searched for instead, where no post has a word of the query but one has a similar word."""
    is_truncated: bool = False
    """Whether there may be more, of lower rank."""
    is_incomplete: bool = False
    """Whether the time limit ended it before anything was found: a later search may find something."""

    @property
    def had_words(self) -> bool:
        """Whether there was anything to search for, other than stop words, signs and exclusions."""
        return bool(self.queries)


def search(text: str, *, as_typed: bool = False) -> SearchResults:
    """Search published posts. Any string is valid: one without words finds nothing.

    The spelling of a word that no post has is corrected, unless the query is to be taken `as_typed`.
    """
    queries = parse(text)
    instead, is_incomplete = "", False
    if not as_typed and _has_unknown(queries):
        try:
            instead = corrected_query(text)
        except TookTooLong:
            is_incomplete = True
    if instead:
        queries = parse(instead) or queries
    try:
        post_ids, is_truncated = _rank(queries) if queries else ([], False)
    except TookTooLong:
        post_ids, is_truncated, is_incomplete = [], True, True
    return SearchResults(post_ids, queries, instead, is_truncated, is_incomplete and not post_ids)


def _has_unknown(queries: list[Query]) -> bool:
    """Whether some word may be in no post: a cheap test, made for every query."""
    return bool(queries) and all(any(not word.posts for word in query.words) for query in queries)


def _rank(queries: list[Query]) -> tuple[list[int], bool]:
    """The posts, best first, and whether the list is truncated. Raises TookTooLong."""
    is_whole = True
    try:
        post_ids = _ranked_ids(queries, is_whole=is_whole)
    except TookTooLong:
        logger.info("A search took more than %s ms with strict matches.", TIMEOUT_MS)
        is_whole = False
        post_ids = _ranked_ids(queries, is_whole=is_whole)
    is_sampled = any(query.phrases and not _wants_strict(query) for query in queries)
    return post_ids, is_sampled or not is_whole or len(post_ids) >= MAX_RESULTS


def _ranked_ids(queries: list[Query], *, is_whole: bool) -> list[int]:
    """Unless `is_whole`, by lists and rare words alone, which costs little for any query."""
    words = [(query.config, word) for query in queries for word in query.words]
    looked_up = {word for query in queries for word in _rarest(query, LOOKED_UP)}
    read = {word for query in queries for word in _rarest(query, READ)}
    given = {
        "configs": [query.config for query in queries],
        "strict": [query.strict for query in queries],
        "matching": [query.matching for query in queries],
        "required": [query.required for query in queries],
        "considered": LOOKED_THROUGH if any(query.phrases for query in queries) else MAX_RESULTS,
        "is_wanted": [is_whole and _wants_strict(query) for query in queries],
        "word_configs": [config for config, _ in words],
        "lexemes": [word.lexeme for _, word in words],
        "weights": [word.weight for _, word in words],
        "term_ids": [word.term_id for _, word in words],
        "is_listed": [word.is_listed for _, word in words],
        "is_looked_up": [word in looked_up for _, word in words],
        "is_read": [word in read for _, word in words],
    }
    return [post_id for (post_id,) in rows(_statement(), given)]


@cache
def _statement() -> str:
    # As text it is complete: the rule of visibility has no parameters.
    return RANK.replace("PUBLISHED", str(Post.objects.published().order_by().values("id").query))


def _rarest(query: Query, at_most: int) -> set[Word]:
    """The rarest words without a list, which are in no more posts together; one at least."""
    rare = sorted((word for word in query.words if word.posts and not word.is_listed), key=_rarity)
    so_far = accumulate(word.posts for word in rare)
    return {word for word, posts in zip(rare, so_far, strict=True) if posts <= at_most or word is rare[0]}


def _wants_strict(query: Query) -> bool:
    at_most = LOOKED_THROUGH if query.phrases else STRICT_FROM
    return min(word.posts for word in query.words) <= at_most


def _rarity(word: Word) -> int:
    return word.posts
