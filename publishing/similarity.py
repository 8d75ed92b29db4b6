"""Related posts: which ones are about the same things, computed once when a post is published.

A post is represented by its tags and the stems of its most frequent words. Posts that share rare terms are
similar. PostgreSQL's own statistics say how rare a term is, so nothing is counted here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from math import exp, log
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet

from publishing.models import Post, PostTerms, RelatedPost, Tag
from publishing.plain_body import plain_body
from tasks.pipeline.text.languages import Stems, language

TERMS = 24
RELATED = 6
MIN_SCORE = 0.12
"""Of 1, which is the same terms: below it two posts have little more than words in common."""
MAX_CANDIDATES = 2000
MAX_CHARACTERS = 60_000
TITLE_WEIGHT, SUMMARY_WEIGHT = 4, 2

# Saves the terms; returns the number of posts, and the share of posts that have each of the common terms.
SAVE = """
WITH saved AS (
    INSERT INTO publishing_postterms (post_id, terms) VALUES (%(post)s, %(terms)s)
    ON CONFLICT (post_id) DO UPDATE SET terms = excluded.terms
)
SELECT greatest(reltuples, 1), (
    SELECT json_object_agg(found.term, found.share) FROM pg_stats,
        unnest(most_common_elems::text::text[], most_common_elem_freqs) AS found (term, share)
    WHERE schemaname = current_schema() AND tablename = 'publishing_postterms' AND attname = 'terms'
        AND found.term = ANY (%(terms)s)
)
FROM pg_class WHERE oid = 'publishing_postterms'::regclass
"""


def relate(post: Post, tags: Iterable[Tag], *, is_new: bool = False) -> None:
    """Find the post's related posts and save each pair both ways, in the transaction that publishes it."""
    terms = _terms(post, tags)
    posts, shares = _save(post, terms)
    if not is_new:
        RelatedPost.objects.filter(Q(post=post) | Q(other=post)).delete()
    relatives = _most_alike(post, terms, shares, posts)
    pairs = [(post.pk, other, score) for other, score in relatives]
    pairs += [(other, post.pk, score) for other, score in relatives]
    # In one order, so that two publications at once cannot wait for each other.
    RelatedPost.objects.bulk_create(
        [RelatedPost(post_id=one, other_id=other, score=score) for one, other, score in sorted(pairs)],
        ignore_conflicts=True,
    )


def related_to(post: Any) -> QuerySet[RelatedPost]:
    """The live posts related to a post, which may be an expression: the most similar first."""
    live = Post.objects.published().articles()
    return RelatedPost.objects.filter(post=post, other__in=live).order_by("-score", "-other_id")


def _terms(post: Post, tags: Iterable[Tag]) -> list[str]:
    stems = Stems(language(post.language))
    counts: Counter[str] = Counter()
    weighed = (
        (post.title, TITLE_WEIGHT),
        (post.summary, SUMMARY_WEIGHT),
        (plain_body(post.body)[:MAX_CHARACTERS], 1),
    )
    for text, weight in weighed:
        for stem in stems.of_text(text):
            if 2 < len(stem) <= 100 and not stem.isdigit():
                counts[stem] += weight
    words = sorted(counts, key=lambda stem: (-counts[stem], stem))[:TERMS]
    return words + sorted(f"#{tag.slug}" for tag in tags)[:TERMS]


def _save(post: Post, terms: list[str]) -> tuple[float, dict[str, float]]:
    with connection.cursor() as cursor:
        cursor.execute(SAVE, {"post": post.pk, "terms": terms})
        posts, shares = cursor.fetchone()
    return float(posts), shares or {}


def _most_alike(
    post: Post, terms: list[str], shares: Mapping[str, float], posts: float
) -> list[tuple[int, float]]:
    rarity = _rarity(terms, shares)
    candidates = PostTerms.objects.filter(
        terms__overlap=_distinctive(rarity, posts), post__is_live=True, post__language=post.language
    ).exclude(post=post)
    scored = [
        (pk, _likeness(set(terms), set(theirs), rarity))
        for pk, theirs in candidates.order_by("-post_id").values_list("post_id", "terms")[:MAX_CANDIDATES]
    ]
    alike = [pair for pair in scored if pair[1] >= MIN_SCORE]
    return sorted(alike, key=lambda pair: (-pair[1], -pair[0]))[:RELATED]


def _rarity(terms: list[str], shares: Mapping[str, float]) -> dict[str, float]:
    """The inverse document frequency of each term."""
    # Terms without statistics are rarer than those that have some, or the table is still small.
    unknown = min([*shares.values(), 0.5])
    return {term: log(1 + 1 / shares.get(term, unknown)) for term in terms}


def _distinctive(rarity: dict[str, float], posts: float) -> list[str]:
    """The rarest terms, as long as the posts that have one of them are few enough to compare."""
    chosen: list[str] = []
    expected = 0.0
    for term in sorted(rarity, key=lambda term: (-rarity[term], term)):
        expected += posts / (exp(rarity[term]) - 1)
        if chosen and expected > 10 * MAX_CANDIDATES:
            break
        chosen.append(term)
    return chosen


def _likeness(mine: set[str], theirs: set[str], rarity: dict[str, float]) -> float:
    """The share of my terms' weight that the other has too, 0 to 1."""
    whole = sum(rarity.values())
    return sum(rarity[term] for term in mine & theirs) / whole if whole else 0.0
