"""How well search ranks a collection with human judgements, next to other rankings of the same queries.

Its texts become real posts, in a database of their own. Everything is taken for English.
"""

from __future__ import annotations

import random
import re
import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from math import log2
from pathlib import Path
from statistics import mean

from django.db import connection

from benchmarks import known_items
from benchmarks.collection import Collection, CorpusText, read
from benchmarks.figures import MeasuredFigure, at_least
from benchmarks.known_items import DEPTH, OURS, SHARE_WITH_TYPO, Score, Way, with_typo
from publishing import seeding
from publishing.models import Post

TITLE_WEIGHTS = (1, 2, 5)
"""Of a title's words in SQLite, where a text's have 1. What is best differs from collection to collection."""
MAX_TITLE = Post._meta.get_field("title").max_length or 0


def measure_judged(directory: Path, say: Callable[[str], object]) -> list[MeasuredFigure]:
    """Make the posts, ask every query in every way, and compare."""
    collection = read(directory)
    say(f"{len(collection.texts)} texts and {len(collection.queries)} queries of {directory} …")
    posts = _publish(collection)
    with connection.cursor() as cursor:
        cursor.execute(known_items.COUNT, {"texts": list(collection.queries.values())})
    with closing(_sqlite(collection, posts)) as database:
        bm25 = {"BM25": known_items.WAYS["BM25"]} | {
            f"SQLite FTS5, title × {weight}": _fts5(database, weight) for weight in TITLE_WEIGHTS
        }
        ways = known_items.WAYS | bm25
        gains = {
            query: {posts[text]: gain for text, gain in relevant.items()}
            for query, relevant in collection.gains.items()
        }
        scores = {name: _score(collection.queries, gains, way) for name, way in ways.items()}
    return _compared(scores, list(bm25)) + _typos(collection.queries, gains)


def _compared(scores: Mapping[str, Score], bm25: Sequence[str]) -> list[MeasuredFigure]:
    ours = scores[OURS]
    best = max(bm25, key=lambda name: scores[name].ndcg)
    return [
        MeasuredFigure(OURS, str(ours)),
        *(
            MeasuredFigure(f"  {name}", f"{score}: ours is {ours.ndcg / max(score.ndcg, 1e-9):.2f}×")
            for name, score in scores.items()
            if name != OURS
        ),
        at_least(f"nDCG to that of {best}", ours.ndcg / max(scores[best].ndcg, 1e-9), 1, "×"),
    ]


def _typos(queries: Mapping[str, str], gains: Mapping[str, Mapping[int, int]]) -> list[MeasuredFigure]:
    """Of the queries with a word that is long enough: three letters do not show what was meant."""
    chance, ours = random.Random(11), known_items.WAYS[OURS]
    mistyped = {name: with_typo(text, chance) for name, text in queries.items()}
    mistyped = {name: text for name, text in mistyped.items() if text != queries[name]}
    if not mistyped:
        return []
    as_meant, with_typos = (
        _score(some, gains, ours) for some in ({name: queries[name] for name in mistyped}, mistyped)
    )
    return [
        MeasuredFigure(f"with a typo, of {len(mistyped)} queries", str(with_typos)),
        at_least(
            "  nDCG to that without", 100 * with_typos.ndcg / max(as_meant.ndcg, 1e-9), SHARE_WITH_TYPO, "%"
        ),
    ]


def _publish(collection: Collection) -> dict[str, int]:
    """The ids of the posts, by those of their texts."""
    slugs = {name: f"judged-{number}" for number, name in enumerate(collection.texts)}
    seeding.add(_content(text, slugs[name]) for name, text in collection.texts.items())
    ids = dict(Post.objects.values_list("slug", "pk"))
    return {name: ids[slug] for name, slug in slugs.items()}


def _content(text: CorpusText, slug: str) -> dict[str, object]:
    """As a draft has it. What of a title is too long for one begins the body."""
    title, rest = text.title[:MAX_TITLE], text.title[MAX_TITLE:]
    body = f"{rest} {text.body}".strip()
    return {"title": title, "slug": slug, "summary": "", "body": body, "category": "Judged", "tags": []}


def _sqlite(collection: Collection, posts: Mapping[str, int]) -> sqlite3.Connection:
    database = sqlite3.connect(":memory:")
    database.execute("CREATE VIRTUAL TABLE post USING fts5(title, body, tokenize = 'porter unicode61')")
    database.executemany(
        "INSERT INTO post (rowid, title, body) VALUES (?, ?, ?)",
        ((posts[name], text.title, text.body) for name, text in collection.texts.items()),
    )
    return database


def _fts5(database: sqlite3.Connection, title_weight: int) -> Way:
    def found(text: str) -> Sequence[int]:
        any_word = " OR ".join(f'"{word}"' for word in re.findall(r"\w+", text))
        if not any_word:
            return []
        rows = database.execute(
            "SELECT rowid FROM post WHERE post MATCH ? ORDER BY bm25(post, ?, 1), rowid DESC LIMIT ?",
            (any_word, title_weight, DEPTH),
        )
        return [post_id for (post_id,) in rows]

    return found


def _score(queries: Mapping[str, str], gains: Mapping[str, Mapping[int, int]], way: Way) -> Score:
    """Means over the queries. A text gains its relevance, less the lower it comes."""
    ndcg, reciprocal = [], []
    for name, text in queries.items():
        relevant = gains[name]
        found = [relevant.get(post_id, 0) for post_id in list(way(text))[:DEPTH]]
        best = sorted(relevant.values(), reverse=True)[:DEPTH]
        ndcg.append(_discounted(found) / _discounted(best))
        reciprocal.append(next((1 / rank for rank, gain in enumerate(found, 1) if gain), 0))
    return Score(mean(ndcg), mean(reciprocal))


def _discounted(gains: Iterable[int]) -> float:
    return sum(gain / log2(1 + rank) for rank, gain in enumerate(gains, 1))
