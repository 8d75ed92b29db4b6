"""Known-item search: how high the one post comes that a query was taken from. On made-up text.

It compares ways to rank on the same queries in the same run. What readers would call relevant it cannot say.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import log2
from statistics import mean
from string import ascii_lowercase

from django.db import connection

from benchmarks.figures import MeasuredFigure, at_least
from publishing.models import Post
from publishing.search import search

DEPTH = 10
SHARE_WITH_TYPO = 95
MIN_TYPO_CHARACTERS = 5

AND = """
SELECT post_id FROM publishing_postsearch, websearch_to_tsquery('desk_english', %(text)s) AS query
WHERE tsv @@ query ORDER BY ts_rank(tsv, query) DESC LIMIT 10
"""
OR = """
SELECT post_id FROM publishing_postsearch,
    CAST(replace(plainto_tsquery('desk_english', %(text)s)::text, '&', '|') AS tsquery) AS query
WHERE tsv @@ query ORDER BY ts_rank(tsv, query) DESC LIMIT 10
"""

# One pass over all posts for the words of all queries: for each alone it would take seconds.
COUNT = """
DROP TABLE IF EXISTS bench_length, bench_posting;
CREATE TEMP TABLE bench_length AS
    SELECT post_id, sum(cardinality(positions)) AS words
    FROM publishing_postsearch CROSS JOIN LATERAL unnest(tsv) GROUP BY post_id;
CREATE TEMP TABLE bench_posting AS
    SELECT lexeme, post_id, cardinality(positions) AS times
    FROM publishing_postsearch CROSS JOIN LATERAL unnest(tsv)
    WHERE lexeme IN (
        SELECT unnest(tsvector_to_array(to_tsvector('desk_english', typed)))
        FROM unnest(%(texts)s::text[]) AS typed
    );
CREATE INDEX ON bench_posting (lexeme);
ANALYZE bench_length, bench_posting
"""
BM25 = """
WITH corpus AS (SELECT count(*) AS posts, avg(words) AS words FROM bench_length),
word AS (
    SELECT typed.lexeme, ln(1 + (corpus.posts - count(*) + .5) / (count(*) + .5)) AS idf
    FROM unnest(tsvector_to_array(to_tsvector('desk_english', %(text)s))) AS typed (lexeme)
    JOIN bench_posting USING (lexeme) CROSS JOIN corpus GROUP BY typed.lexeme, corpus.posts
)
SELECT posting.post_id
FROM word JOIN bench_posting AS posting USING (lexeme) JOIN bench_length AS length USING (post_id), corpus
GROUP BY posting.post_id
ORDER BY sum(idf * times * 2.2 / (times + 1.2 * (.25 + .75 * length.words / corpus.words))) DESC LIMIT 10
"""

Way = Callable[[str], Sequence[int]]


@dataclass(frozen=True)
class KnownItem:
    text: str
    post_id: int


@dataclass(frozen=True)
class Score:
    ndcg: float
    reciprocal: float

    def __str__(self) -> str:
        return f"nDCG@10 {self.ndcg:.3f}, MRR {self.reciprocal:.3f}"


def _by(statement: str) -> Way:
    def found(text: str) -> Sequence[int]:
        with connection.cursor() as cursor:
            cursor.execute(statement, {"text": text})
            return [post_id for (post_id,) in cursor.fetchall()]

    return found


OURS = "ours"
WAYS: dict[str, Way] = {
    OURS: lambda text: search(text).post_ids,
    "BM25": _by(BM25),
    "any word, ts_rank": _by(OR),
    "all words, ts_rank": _by(AND),
}


def measure(chance: random.Random, samples: int) -> list[MeasuredFigure]:
    """Each kind of query by each way to rank, and what a typo in each leaves of it."""
    posts = _posts(chance, samples)
    kinds = {
        "three words of a title, any": [_of_title(post, chance) for post in posts],
        "longest words of a sentence": [_of_text(post, chance) for post in posts],
    }
    items = [item for some in kinds.values() for item in some]
    with connection.cursor() as cursor:
        cursor.execute(COUNT, {"texts": [item.text for item in items]})
    figures, scores = [], {}
    for name, some in kinds.items():
        scores[name] = {way: _score(some, rank) for way, rank in WAYS.items()}
        ours = scores[name][OURS]
        figures.append(MeasuredFigure(f"known items: {name}", str(ours)))
        figures += [
            MeasuredFigure(f"  {way}", f"{score}: ours is {ours.ndcg / max(score.ndcg, 1e-9):.2f}×")
            for way, score in scores[name].items()
            if way != OURS
        ]
    all_ours, bm25 = (mean(by_way[way].ndcg for by_way in scores.values()) for way in (OURS, "BM25"))
    typos = _score([replace(item, text=with_typo(item.text, chance)) for item in items], WAYS[OURS])
    return [
        *figures,
        at_least("known items: nDCG to BM25's", all_ours / max(bm25, 1e-9), 1, "×"),
        MeasuredFigure("known items: with a typo each", str(typos)),
        at_least("  nDCG to that without", 100 * typos.ndcg / all_ours, SHARE_WITH_TYPO, "%"),
    ]


def _posts(chance: random.Random, amount: int) -> list[Post]:
    ids = list(Post.objects.order_by("pk").values_list("pk", flat=True))
    return list(Post.objects.filter(pk__in=chance.sample(ids, min(amount, len(ids)))).only("title", "body"))


def _of_title(post: Post, chance: random.Random) -> KnownItem:
    words = post.title.split()
    return KnownItem(" ".join(chance.sample(words, min(3, len(words)))), post.pk)


def _of_text(post: Post, chance: random.Random) -> KnownItem:
    """The longest words of a sentence, which are its rarest: what a reader remembers of a text."""
    sentence = chance.choice([part for part in post.body.split(".") if len(part.split()) > 4])
    words = sorted(set(sentence.strip("#\n ").split()), key=lambda word: (-len(word), word))[:3]
    return KnownItem(" ".join(words), post.pk)


def with_typo(text: str, chance: random.Random, letters: str = ascii_lowercase) -> str:
    """One letter wrong, missing, too many or in its neighbour's place, inside of one longer word, if any."""
    words = text.split()
    long = [place for place, word in enumerate(words) if len(word) >= MIN_TYPO_CHARACTERS]
    if not long:
        return text
    place = chance.choice(long)
    word = words[place]
    at = chance.randrange(1, len(word) - 1)
    letter = chance.choice(letters)
    start, end = word[:at], word[at + 1 :]
    swapped = f"{start}{end[:1]}{word[at]}{end[1:]}"
    words[place] = chance.choice([start + letter + end, start + end, start + letter + word[at:], swapped])
    return " ".join(words)


def _score(items: Sequence[KnownItem], way: Way) -> Score:
    """With one post to be found, its rank says all."""
    ranks = []
    for item in items:
        found = list(way(item.text)[:DEPTH])
        if item.post_id in found:
            ranks.append(found.index(item.post_id) + 1)
    return Score(
        sum(1 / log2(1 + rank) for rank in ranks) / len(items), sum(1 / rank for rank in ranks) / len(items)
    )
