"""Relevance feedback: posts that have the words of the first results, too, come further up.

It is the relevance model RM3, but of each post only its most telling stems count, which are stored with it.
So it costs next to nothing, and a query that is answered by its first result keeps that result.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from heapq import nlargest

from publishing.search.rescoring import ScoredPost

RESULTS, STEMS = 10, 24
"""First results that are taken for relevant, and how many of their stems are looked for."""
CONFIDENCE = 4
"""The power of its score by which a result counts: the second counts little if the first is much better."""
SHARE = 0.55
"""Of the feedback in the score."""
SCALE = 4000
"""A stored weight that counts as one: of a word with an idf of 4, in thousandths."""


def with_feedback(scored: Sequence[ScoredPost], most: float) -> dict[int, float]:
    """The scores of these posts with feedback. `most` is the weight of all words of the query."""
    first = nlargest(RESULTS, scored, key=lambda post: (post.score, post.post_id))
    trust = [(post.score / most) ** CONFIDENCE for post in first]
    stems: dict[int, float] = defaultdict(float)
    for post, trusted in zip(first, trust, strict=True):
        share = trusted / max(sum(post.keywords.values()), 1)
        for stem, weight in post.keywords.items():
            stems[stem] += share * weight
    looked_for = {stem: stems[stem] for stem in nlargest(STEMS, stems, key=lambda stem: (stems[stem], stem))}
    scale = SHARE / SCALE / (sum(looked_for.values()) or 1)
    return {
        post.post_id: (1 - SHARE) * post.score / most
        + scale
        * sum(weight * looked_for[stem] for stem, weight in post.keywords.items() if stem in looked_for)
        for post in scored
    }
