"""The first step of ranking: which posts may be the best, and about how good each one is.

Nothing of a post is read for it. The lists of the words come from the database packed, and are added up here:
in SQL that took six times as long.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from heapq import nlargest
from itertools import accumulate

from publishing.search.deadline import rows
from publishing.search.packed import integers, reals
from publishing.search.query import Query, QueryWord

LOOKED_UP = 1000
"""Posts that are looked up by words without a list, the rarest first."""
ENTRIES = 24_000
"""Entries of lists that are read at most: of many words only the beginning of each list."""
USUAL_IMPACT = 0.14
"""What is assumed of a post that was looked up: a word which stands once in seven hundred."""
STRICT = 400
"""Posts with all words that are looked up. If there are more, these are not the best ones."""
STRICT_FROM, PHRASE_FROM = 5000, 1000
"""Posts with all words are looked up unless even the rarest word is in more posts than this. For a phrase
each such post has to be read."""
FEW_WORDS = 3
"""Up to so many words, posts with all of them come first: in a longer query some words say little."""

FIND = """
SELECT term_id, array_send(post_ids[:%(length)s]), array_send(impacts[:%(length)s])
FROM publishing_searchlist WHERE term_id = ANY (%(listed)s)
UNION ALL
SELECT term_id, array_send(array_agg(post_id)), array_send(array_agg(impact))
FROM publishing_searchdelta WHERE term_id = ANY (%(listed)s) GROUP BY term_id
UNION ALL
SELECT word.number, array_send(ARRAY(
    SELECT post_id::int FROM publishing_postsearch AS row
    WHERE row.tsv @@ word.query AND row.config = word.config
)), NULL
FROM (
    SELECT number, config, lexeme::tsquery AS query
    FROM unnest(%(configs)s::text[], %(lexemes)s::text[]) WITH ORDINALITY AS word (config, lexeme, number)
) AS word
UNION ALL
SELECT -query.number, array_send(ARRAY(
    SELECT post_id::int FROM publishing_postsearch AS row
    WHERE row.tsv @@ query.strict AND row.config = query.config LIMIT %(strict_limit)s
)), NULL
FROM (
    SELECT number, config, strict::tsquery && required::tsquery AS strict
    FROM unnest(%(strict_configs)s::text[], %(strict)s::text[], %(required)s::text[])
        WITH ORDINALITY AS query (config, strict, required, number)
) AS query
"""


@dataclass(frozen=True)
class Candidates:
    scores: dict[int, float]
    """About how good each post is, by its id."""
    complete: frozenset[int]
    """Those known to have all words, where that puts them first."""

    def best(self, amount: int) -> list[int]:
        """The ids of the best, best first."""
        scores, complete = self.scores, self.complete
        return nlargest(amount, scores, key=lambda post_id: (post_id in complete, scores[post_id], post_id))


def candidates(queries: Sequence[Query], *, with_strict: bool) -> Candidates:
    """By lists and rare words, which costs little for any query; `with_strict`, posts with all words, too.

    Raises TookTooLong.
    """
    listed = {
        word.term_id: word.weight
        for query in queries
        for word in query.words
        if word.is_listed and word.term_id
    }
    looked_up = [(query, word) for query in queries for word in rarest(query)]
    strict = [query for query in queries if with_strict and wants_strict(query)]
    given = {
        "listed": list(listed),
        "length": ENTRIES // max(len(listed), 1),
        "configs": [query.config for query, _ in looked_up],
        "lexemes": [word.lexeme for _, word in looked_up],
        "strict_configs": [query.config for query in strict],
        "strict": [query.strict for query in strict],
        "strict_limit": STRICT + 1,
        "required": [query.required for query in strict],
    }
    scores: dict[int, float] = {}
    complete: set[int] = set()
    for number, packed_ids, packed_impacts in rows(FIND, given):
        post_ids = integers(packed_ids)
        if number < 0:
            query = strict[-number - 1]
            for post_id in post_ids:
                scores.setdefault(post_id, 0)
            if is_first_by_all_words(query) and (len(post_ids) <= STRICT or query.required):
                complete.update(post_ids)
        elif packed_impacts is None:
            usual = looked_up[number - 1][1].weight * USUAL_IMPACT
            for post_id in post_ids:
                scores[post_id] = scores.get(post_id, 0) + usual
        else:
            weight = listed[number]
            for post_id, impact in zip(post_ids, reals(packed_impacts), strict=True):
                scores[post_id] = scores.get(post_id, 0) + weight * impact
    return Candidates(scores, frozenset(complete))


def rarest(query: Query) -> Iterator[QueryWord]:
    """The rarest words without a list, which are in no more than LOOKED_UP posts together; one at least."""
    rare = sorted(
        (word for word in query.words if word.posts and not word.is_listed), key=lambda word: word.posts
    )
    so_far = accumulate(word.posts for word in rare)
    return (word for word, posts in zip(rare, so_far, strict=True) if posts <= LOOKED_UP or word is rare[0])


def wants_strict(query: Query) -> bool:
    at_most = PHRASE_FROM if query.phrases else STRICT_FROM
    return min(word.posts for word in query.words) <= at_most


def is_first_by_all_words(query: Query) -> bool:
    typed = len(query.typed) + sum(len(run) - 1 for run in query.runs) / 2
    return typed <= FEW_WORDS or query.has_alternatives or bool(query.required)
