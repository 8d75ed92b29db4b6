"""The second step of ranking: the best candidates are read, scored exactly, and compared with each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from publishing.models import Post
from publishing.search.deadline import rows
from publishing.search.packed import integers
from publishing.search.query import Query
from publishing.search.weights import impact, unpacked

# The posts to read are given in their order; of those after them only those that readers see come back.
RESCORE = f"""
WITH query AS (
    SELECT config, strict::tsquery, matching::tsquery && required::tsquery AS matching
    FROM unnest(%(configs)s::text[], %(strict)s::text[], %(matching)s::text[], %(required)s::text[])
        AS query (config, strict, matching, required)
), word AS MATERIALIZED (
    SELECT config, lexeme::tsquery AS query, weight
    FROM unnest(%(word_configs)s::text[], %(lexemes)s::text[], %(weights)s::float8[])
        AS word (config, lexeme, weight)
)
SELECT row.post_id, row.config, flat.tsv @@ query.strict, score.sum,
       array_send(keywords.stems), array_send(keywords.weights::int[])
FROM unnest(%(read)s::bigint[]) AS wanted (post_id)
CROSS JOIN LATERAL (
    SELECT post_id, config, tsv FROM publishing_postsearch WHERE post_id = wanted.post_id OFFSET 0
) AS row
JOIN query USING (config)
JOIN (PUBLISHED) AS visible ON visible.id = row.post_id
LEFT JOIN publishing_searchkeywords AS keywords ON keywords.post_id = row.post_id
CROSS JOIN LATERAL {unpacked("row.tsv")} AS flat
CROSS JOIN LATERAL (
    SELECT sum(word.weight * {impact("flat.tsv", "word.query")}) AS sum
    FROM word WHERE word.config = row.config
) AS score
WHERE flat.tsv @@ query.matching
UNION ALL
SELECT visible.id, NULL, NULL, NULL, NULL, NULL
FROM (PUBLISHED) AS visible WHERE visible.id = ANY (%(rest)s)
"""


@dataclass(frozen=True)
class ScoredPost:
    post_id: int
    config: str
    has_all: bool
    score: float
    keywords: dict[int, int]
    """Its most telling stems, each as a number, and how much each says."""


def rescore(
    queries: Sequence[Query], read: Sequence[int], rest: Sequence[int]
) -> tuple[list[ScoredPost], list[int]]:
    """Those of `read` that match, in no order, and those of `rest` that readers see, in their order."""
    words = [(query.config, word) for query in queries for word in query.words if word.posts]
    given = {
        "configs": [query.config for query in queries],
        "strict": [query.strict for query in queries],
        "matching": [query.matching for query in queries],
        "required": [query.required for query in queries],
        "word_configs": [config for config, _ in words],
        "lexemes": [word.lexeme for _, word in words],
        "weights": [word.weight for _, word in words],
        "read": list(read),
        "rest": list(rest),
    }
    scored, visible = [], set()
    for post_id, config, has_all, score, stems, weights in rows(_statement(), given):
        if score is None:
            visible.add(post_id)
        else:
            keywords = dict(zip(integers(stems), integers(weights), strict=True)) if stems else {}
            scored.append(ScoredPost(post_id, config, has_all, score, keywords))
    return scored, [post_id for post_id in rest if post_id in visible]


@cache
def _statement() -> str:
    # As text it is complete: the rule of visibility has no parameters.
    return RESCORE.replace(
        "PUBLISHED", str(Post.objects.published().articles().order_by().values("id").query)
    )
