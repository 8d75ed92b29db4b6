"""Which sentences matter: relevance to a question, agreement across sources, and no repeats."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

Vector = Mapping[str, float]

DAMPING = 0.85
ROUNDS = 30
# A smaller change of the average score moves no sentence past another.
SETTLED = 0.01
# A stem that more sentences than these, and a tenth of all, have in common makes no two of them alike.
MANY = 40
# Weaker likeness is chance: two sentences that share one common word.
LEAST_LIKENESS = 0.08


def inverse_frequencies(texts: Iterable[Sequence[str]]) -> dict[str, float]:
    """How rare each stem is among texts; a stem that is in all of them still weighs a little."""
    counts: Counter[str] = Counter()
    total = 0
    for stems in texts:
        counts.update(set(stems))
        total += 1
    return {stem: math.log(1 + total / count) for stem, count in sorted(counts.items())}


def vector(stems: Sequence[str], idf: Mapping[str, float]) -> dict[str, float]:
    """A unit vector of tf-idf weights; keys are in a fixed order, so that sums are too."""
    counts = Counter(stems)
    weights = {stem: (1 + math.log(counts[stem])) * idf.get(stem, 0.0) for stem in sorted(counts)}
    length = math.sqrt(sum(weight * weight for weight in weights.values()))
    return {stem: weight / length for stem, weight in weights.items()} if length else {}


def likeness(one: Vector, other: Vector) -> float:
    """The cosine of two unit vectors."""
    if len(one) > len(other):
        one, other = other, one
    return sum(weight * other[stem] for stem, weight in one.items() if stem in other)


def centrality(vectors: Sequence[Vector], groups: Sequence[int]) -> list[float]:
    """LexRank with edges between groups only, scaled to 0–1: what several sources say ranks high.

    With one group, edges within it count.
    """
    if not vectors:
        return []
    across = len(set(groups)) > 1
    edges = _edges(vectors, groups, across)
    shares = [_shares(row) for row in edges]
    count = len(vectors)
    scores = [1.0 / count] * count
    for _ in range(ROUNDS):
        following = [(1 - DAMPING) / count] * count
        for score, row in zip(scores, shares, strict=True):
            for neighbour, share in row:
                following[neighbour] += score * share
        change = max(abs(one - other) for one, other in zip(scores, following, strict=True))
        scores = following
        if change * count < SETTLED:
            break
    top = max(scores)
    return [score / top for score in scores]


def _shares(row: list[tuple[int, float]]) -> list[tuple[int, float]]:
    """What of a sentence's score goes to each neighbour in a round."""
    total = sum(weight for _, weight in row)
    return [(neighbour, DAMPING * weight / total) for neighbour, weight in row]


def _edges(vectors: Sequence[Vector], groups: Sequence[int], across: bool) -> list[list[tuple[int, float]]]:
    """Neighbours of each sentence, found through the stems they share."""
    counts = Counter(stem for one in vectors for stem in one)
    most = max(MANY, len(vectors) // 10)
    holders: dict[str, list[tuple[int, float]]] = defaultdict(list)
    edges: list[list[tuple[int, float]]] = [[] for _ in vectors]
    for index, one in enumerate(vectors):
        shared: dict[int, float] = defaultdict(float)
        for stem, weight in one.items():
            if counts[stem] > most:
                continue
            for other, other_weight in holders[stem]:
                if not across or groups[other] != groups[index]:
                    shared[other] += weight * other_weight
            holders[stem].append((index, weight))
        for other, weight in shared.items():
            if weight >= LEAST_LIKENESS:
                edges[index].append((other, weight))
                edges[other].append((index, weight))
    return edges
