"""How well search ranks collections with human judgements, next to other engines on the same queries."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from math import log2
from pathlib import Path
from statistics import mean

from django.db import connection

from benchmarks import judged_rows, other_engines
from benchmarks.collection import Collection, read
from benchmarks.figures import MeasuredFigure, at_least, at_most
from benchmarks.known_items import DEPTH, with_typo
from publishing.search import search

Say = Callable[[str], object]
Way = Callable[[str], Sequence[int]]

OURS = "ours"
RECALLED = 100
MAX_QUERIES, QUICK_QUERIES = 400, 60
"""Of a collection with more queries, a sample, which is the same in every run."""
TYPO_SHARE, TOUCHED_SHARE = 97, 1
EXTENSIONS = ("pg_search", "pg_textsearch")
"""Rankings inside of PostgreSQL, to be compared where a server has them."""


@dataclass(frozen=True)
class JudgedScore:
    ndcg: float
    recall: float
    reciprocal: float


@dataclass(frozen=True)
class Ranked:
    """How an engine did on a collection. `touched`: the share of queries it replaced."""

    engine: str
    score: JudgedScore
    typo: float
    touched: float | None = None


@dataclass(frozen=True)
class JudgedQueries:
    """The queries of a collection, and how relevant which post or text is for each."""

    queries: Mapping[str, str]
    mistyped: Mapping[str, str]
    gains: Mapping[str, Mapping[int, int]]

    def score(self, way: Way) -> JudgedScore:
        return _mean([_score(self.gains[name], way(text)) for name, text in self.queries.items()])

    def typo(self, way: Way) -> float:
        """What nDCG with a typo in each query is to that without."""
        if not self.mistyped:
            return 1
        pairs = [
            (_score(self.gains[name], way(text)).ndcg, _score(self.gains[name], way(self.queries[name])).ndcg)
            for name, text in self.mistyped.items()
        ]
        return sum(one for one, _ in pairs) / max(sum(other for _, other in pairs), 1e-9)


def measure_judged(
    directories: Sequence[Path], say: Say, *, language: str = "", quick: bool = False
) -> list[MeasuredFigure]:
    """Print one table of all collections, and return the figures that have goals."""
    say(_about_extensions())
    table: list[tuple[str, ...]] = [
        ("collection", "engine", "nDCG@10", "recall@100", "MRR", "typo", "touched", "ours is")
    ]
    figures, ratios = [], []
    for directory in directories:
        collection = read(directory, language)
        say(f"{len(collection.texts)} texts and {len(collection.queries)} queries of {directory} …")
        ours, others = _measured(collection, QUICK_QUERIES if quick else MAX_QUERIES, say)
        table += [_row(collection, each, ours) for each in (ours, *others)]
        best = max(others, key=lambda each: each.score.ndcg)
        ratios.append(ours.score.ndcg / max(best.score.ndcg, 1e-9))
        figures += [
            at_least(f"{collection.name}: nDCG to that of {best.engine}", ratios[-1], 1, "×"),
            at_least("  with a typo, to without", 100 * ours.typo, TYPO_SHARE, "%"),
            at_most("  correct queries touched", 100 * (ours.touched or 0), TOUCHED_SHARE, "%"),
        ]
    _show_table(table, say)
    return [*figures, MeasuredFigure("mean nDCG to the best of the others", f"{mean(ratios):.3f} ×")]


def _measured(collection: Collection, at_most_queries: int, say: Say) -> tuple[Ranked, list[Ranked]]:
    by_place = _task(collection, at_most_queries, list(range(len(collection.texts))))
    others = [
        _tuned(name, by_weight, by_place) for name, by_weight in other_engines.built(collection, say).items()
    ]
    task = _task(collection, at_most_queries, judged_rows.load(collection))
    touched = mean(bool(search(text).corrected_query) for text in task.queries.values())
    return replace(_ranked(task), touched=touched), others


def _tuned(name: str, by_weight: Mapping[int, other_engines.EngineSearch], task: JudgedQueries) -> Ranked:
    """With the weight of titles that is best for these queries."""
    ways = {weight: partial(found, limit=RECALLED) for weight, found in by_weight.items()}
    scores = {weight: task.score(way) for weight, way in ways.items()}
    weight = max(scores, key=lambda each: scores[each].ndcg)
    label = f"{name}, title × {weight}" if len(ways) > 1 else name
    return Ranked(label, scores[weight], task.typo(ways[weight]))


def _ranked(task: JudgedQueries) -> Ranked:
    def way(text: str) -> Sequence[int]:
        return search(text).post_ids

    return Ranked(OURS, task.score(way), task.typo(way))


def _task(collection: Collection, at_most_queries: int, ids: Sequence[int]) -> JudgedQueries:
    id_of = dict(zip(collection.texts, ids, strict=True))
    chance = random.Random(11)
    names = sorted(collection.queries)
    if len(names) > at_most_queries:
        names = chance.sample(names, at_most_queries)
    queries = {name: collection.queries[name] for name in names}
    letters = "".join(sorted({char for text in queries.values() for char in text.lower() if char.isalpha()}))
    mistyped = {name: with_typo(text, chance, letters) for name, text in queries.items()}
    mistyped = {name: text for name, text in mistyped.items() if text != queries[name]}
    gains = {name: {id_of[text]: gain for text, gain in collection.gains[name].items()} for name in queries}
    return JudgedQueries(queries, mistyped, gains)


def _score(relevant: Mapping[int, int], found: Sequence[int]) -> JudgedScore:
    """A text gains its relevance, less the lower it comes."""
    first = [relevant.get(pk, 0) for pk in found[:DEPTH]]
    best = sorted(relevant.values(), reverse=True)[:DEPTH]
    return JudgedScore(
        _discounted(first) / _discounted(best),
        sum(pk in relevant for pk in found[:RECALLED]) / len(relevant),
        next((1 / rank for rank, gain in enumerate(first, 1) if gain), 0),
    )


def _mean(scores: Sequence[JudgedScore]) -> JudgedScore:
    return JudgedScore(
        mean(each.ndcg for each in scores),
        mean(each.recall for each in scores),
        mean(each.reciprocal for each in scores),
    )


def _discounted(gains: Iterable[int]) -> float:
    return sum(gain / log2(1 + rank) for rank, gain in enumerate(gains, 1))


def _row(collection: Collection, each: Ranked, ours: Ranked) -> tuple[str, ...]:
    score = each.score
    is_ours = each is ours
    return (
        f"{collection.name} ({collection.language})" if is_ours else "",
        each.engine,
        f"{score.ndcg:.3f}", f"{score.recall:.3f}", f"{score.reciprocal:.3f}", f"{100 * each.typo:.1f} %",
        "" if each.touched is None else f"{100 * each.touched:.1f} %",
        "" if is_ours else f"{ours.score.ndcg / max(score.ndcg, 1e-9):.3f} ×",
    )  # fmt: skip


def _show_table(table: Sequence[Sequence[str]], say: Say) -> None:
    widths = [max(len(row[column]) for row in table) for column in range(len(table[0]))]
    for row in table:
        say("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def _about_extensions() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM pg_available_extensions WHERE name = ANY (%s)", [list(EXTENSIONS)])
        there = [name for (name,) in cursor.fetchall()]
    if not there:
        return f"This database server has none of {', '.join(EXTENSIONS)} to compare with."
    return f"This database server has {', '.join(there)}: not compared by this program."
