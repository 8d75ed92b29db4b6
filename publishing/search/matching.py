"""The posts that match a query: how many, what they have in common, and the newest of them.

Three ways, by what they cost: the index of words names the posts that have a word in no time, but to look at
each of very many takes long, so these are sampled; where a large part of the site has them, the site is
sampled; and the newest of many are found by looking at the site's newest posts.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any

from publishing.models import Post
from publishing.search import facets
from publishing.search.deadline import rows
from publishing.search.facets import Facet, SearchFilters
from publishing.search.query import Query

MAX_MATCHES = 50_000
"""That are looked up in the index of words; of more, the number is estimated from a sample of the site."""
MAX_COUNTED = 5000
"""Of more posts than this, what they have in common is counted in a sample, and the newest are searched for
by date. To look at one takes some microseconds."""
COUNTED = 2500
"""Posts in such a sample, about."""
SAMPLED = 1000
"""Posts of the whole site that are looked at for an estimate."""
FIRST_STEP, STEP = 500, 2000
"""Posts that one statement looks at, from the newest on."""
NEWEST_OF_ALL = (datetime(9999, 1, 1, tzinfo=UTC), 0)

QUERY = """
query AS MATERIALIZED (
    SELECT config, wanted::tsquery AS wanted
    FROM unnest(%(configs)s::text[], %(wanted)s::text[]) AS query (config, wanted)
)
"""

# Looked up in the index of words, whatever the planner thinks of the order of the joins.
MATCHED = f"""
WITH {QUERY}, matched AS MATERIALIZED (
    SELECT row.post_id FROM query CROSS JOIN LATERAL (
        SELECT post_id FROM publishing_postsearch AS row
        WHERE row.tsv @@ query.wanted AND row.config = query.config OFFSET 0
    ) AS row
    LIMIT {MAX_MATCHES + 1}
)
"""

# Sampled by a hash of their ids, so that the same posts are counted each time.
COUNT = f"""
{MATCHED}, picked AS MATERIALIZED (
    SELECT post_id FROM matched, (SELECT count(*) AS amount FROM matched) AS all_of_them
    WHERE amount <= {MAX_COUNTED} OR hashint8(post_id) %% (amount / {COUNTED}) = 0
), found AS MATERIALIZED (
    SELECT visible.* FROM picked JOIN (PUBLISHED) AS visible ON visible.id = picked.post_id
)
SELECT 'matched', '', '', count(*) FROM matched
UNION ALL SELECT 'picked', '', '', count(*) FROM picked
UNION ALL SELECT 'found', '', '', count(*) FROM found
UNION ALL SELECT 'filtered', '', '', count(*) FROM found AS posts WHERE CONDITION
UNION ALL COUNTS
"""

NEWEST = f"""
{MATCHED}
SELECT array_agg(posts.id ORDER BY published_at DESC, id DESC)
FROM matched JOIN (PUBLISHED) AS posts ON posts.id = matched.post_id
WHERE CONDITION
"""

AMONG = f"""
WITH {QUERY}
SELECT posts.id FROM (PUBLISHED) AS posts
JOIN publishing_postsearch AS row ON row.post_id = posts.id
JOIN query USING (config)
WHERE posts.id = ANY (%(ids)s) AND row.tsv @@ query.wanted AND CONDITION
"""

# At even distances, so that every year has its share.
SAMPLE = f"""
WITH {QUERY}, picked AS MATERIALIZED (
    SELECT DISTINCT low + (high - low) * step / {SAMPLED - 1} AS id
    FROM (SELECT min(post_id)::bigint AS low, max(post_id)::bigint AS high FROM publishing_postsearch) AS span
    CROSS JOIN generate_series(0, {SAMPLED - 1}) AS step
), sampled AS MATERIALIZED (
    SELECT visible.*, row.tsv @@ query.wanted AS matches
    FROM picked
    JOIN (PUBLISHED) AS visible USING (id)
    JOIN publishing_postsearch AS row ON row.post_id = visible.id
    LEFT JOIN query ON query.config = row.config
), found AS MATERIALIZED (
    SELECT * FROM sampled WHERE matches
)
SELECT 'matched', '', '', sum(posts)::bigint FROM publishing_searchlanguage
UNION ALL SELECT 'picked', '', '', count(*) FROM picked JOIN publishing_postsearch ON post_id = id
UNION ALL SELECT 'found', '', '', count(*) FROM found
UNION ALL SELECT 'filtered', '', '', count(*) FROM found AS posts WHERE CONDITION
UNION ALL COUNTS
"""

WALK = f"""
WITH {QUERY}, step AS MATERIALIZED (
    SELECT id, published_at FROM (PUBLISHED) AS posts
    WHERE (published_at, id) < (%(before)s, %(before_id)s) AND CONDITION
    ORDER BY published_at DESC, id DESC LIMIT %(step)s
)
SELECT step.id, step.published_at, row.matches
FROM step LEFT JOIN LATERAL (
    SELECT row.tsv @@ query.wanted AS matches
    FROM publishing_postsearch AS row JOIN query USING (config)
    WHERE row.post_id = step.id OFFSET 0
) AS row ON true
ORDER BY published_at DESC, id DESC
"""


@dataclass(frozen=True)
class Matches:
    """How many posts match a query, and what they have in common."""

    count: int
    """Of those that the filters match."""
    unfiltered: int
    facets: list[Facet]
    is_about: bool
    """Whether the counts are estimates."""


Given = dict[str, Any]
Place = tuple[datetime, int]
"""In the order of publication: a time, and the id of the post."""


def having_all_words(queries: list[Query]) -> Given:
    return _given(queries, [_both(query.strict, query.required) for query in queries])


def having_any_word(queries: list[Query]) -> Given:
    return _given(queries, [_both(query.matching, query.required) for query in queries])


def counted(given: Given, filters: SearchFilters) -> Matches | None:
    """From the index of words; None where they are too many. Raises TookTooLong."""
    found = rows(_statement(COUNT, filters), given | filters.parameters())
    return _matches(found, filters) if found[0][-1] <= MAX_MATCHES else None


def estimated(given: Given, filters: SearchFilters) -> Matches:
    """From a sample of the site. Raises TookTooLong."""
    return _matches(rows(_statement(SAMPLE, filters), given | filters.parameters()), filters)


def _matches(found: list[tuple[Any, ...]], filters: SearchFilters) -> Matches:
    numbers = {name: amount or 0 for name, value, _, amount in found if not value}
    values = [row for row in found if row[1]]
    is_about = numbers["picked"] != numbers["matched"]
    scale = numbers["matched"] / max(numbers["picked"], 1) if is_about else 1
    count, unfiltered = (facets.rounded(numbers[name] * scale, is_about) for name in ("filtered", "found"))
    return Matches(count, unfiltered, facets.facets(values, filters, scale), is_about)


def newest(given: Given, filters: SearchFilters) -> list[int]:
    """The ids of all of them, where they are not too many. Raises TookTooLong."""
    [(ids,)] = rows(_statement(NEWEST, filters), given | filters.parameters())
    return ids or []


def among(given: Given, filters: SearchFilters, post_ids: list[int]) -> list[int]:
    """Those of these posts that match, in their order. Raises TookTooLong."""
    found = rows(_statement(AMONG, filters), given | filters.parameters() | {"ids": post_ids})
    matching = {pk for (pk,) in found}
    return [pk for pk in post_ids if pk in matching]


def walk(given: Given, filters: SearchFilters, before: Place) -> tuple[list[int], Place | None]:
    """Those among the next posts in the order of publication, and where others begin, if there are any.

    Raises TookTooLong.
    """
    step = FIRST_STEP if before == NEWEST_OF_ALL else STEP
    place = {"before": before[0], "before_id": before[1], "step": step}
    looked_at = rows(_statement(WALK, filters), given | filters.parameters() | place)
    ends_at = (looked_at[-1][1], looked_at[-1][0]) if len(looked_at) == step else None
    return [pk for pk, _, matches in looked_at if matches], ends_at


def _given(queries: list[Query], wanted: list[str]) -> Given:
    return {"configs": [query.config for query in queries], "wanted": wanted}


def _both(*queries: str) -> str:
    return " & ".join(f"({query})" for query in queries if query)


def _statement(sql: str, filters: SearchFilters) -> str:
    return (
        sql.replace("PUBLISHED", _published())
        .replace("CONDITION", filters.condition())
        .replace("COUNTS", facets.counts(filters, "found"))
    )


@cache
def _published() -> str:
    # As text it is complete: the rule of visibility has no parameters.
    posts = Post.objects.published().articles().order_by()
    return str(posts.values("id", "published_at", "category_id", "author_id").query)
