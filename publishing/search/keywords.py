"""The stems that say most about each post, stored with it: relevance feedback compares posts by these."""

from __future__ import annotations

from django.db import connection

from publishing.search.weights import impact_of_places, size_of

STEMS, WEIGHED = 32, 96
"""How many are stored of a post, and for how many it is looked up how rare they are: long ones first, as they
are rarer, where others stand as often."""

SAVE = f"""
INSERT INTO publishing_searchkeywords (post_id, stems, weights)
SELECT row.post_id, keyword.stems, keyword.weights
FROM publishing_postsearch AS row
JOIN publishing_searchlanguage AS language ON language.config = row.config
CROSS JOIN LATERAL {size_of("row.tsv")} AS size
CROSS JOIN LATERAL (
    SELECT coalesce(array_agg(hashtext(lexeme)), '{{}}') AS stems,
           coalesce(array_agg(weight), '{{}}') AS weights
    FROM (
        SELECT frequent.lexeme, (1000 * frequent.impact * ln(
                   1 + (greatest(language.posts - term.posts, 0) + .5) / (term.posts + .5)
               ))::smallint AS weight
        FROM (
            SELECT word.lexeme, {impact_of_places("word.positions", "word.weights", "size.root")} AS impact
            FROM unnest(row.tsv) AS word
            ORDER BY impact DESC, length(word.lexeme) DESC, word.lexeme LIMIT {WEIGHED}
        ) AS frequent
        JOIN publishing_searchterm AS term ON term.config = row.config AND term.lexeme = frequent.lexeme
        ORDER BY weight DESC, frequent.lexeme LIMIT {STEMS}
    ) AS best
) AS keyword
WHERE CHOSEN
ON CONFLICT (post_id) DO UPDATE SET stems = excluded.stems, weights = excluded.weights
"""


def save(post_id: int) -> None:
    """Of one post, in the transaction that indexes it."""
    with connection.cursor() as cursor:
        cursor.execute(SAVE.replace("CHOSEN", "row.post_id = %s"), [post_id])


def save_all() -> None:
    """Of every post: how much a word says changes with the number of posts that have it."""
    with connection.cursor() as cursor:
        cursor.execute(SAVE.replace("CHOSEN", "true"))
