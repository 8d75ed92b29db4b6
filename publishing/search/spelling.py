"""Spelling correction: for a word that no post has, the most likely one that a post has."""

from __future__ import annotations

import re
import unicodedata

from django.db import connection

from publishing.search import edit_distance
from publishing.search.deadline import TookTooLong, rows
from publishing.search.normalization import UNSPACED, clean
from publishing.search.query import ALTERNATIVES, MAX_QUERY_CHARACTERS, MAX_QUERY_WORDS, QUOTED_OR_EXCLUDED
from publishing.search.weights import as_query

MIN_CHARACTERS, MAX_CHARACTERS = 4, 40
MARKS = "".join(char for char in map(chr, range(0x300, 0x1000)) if unicodedata.category(char)[0] == "M")
"""Part of words as letters are, which `re` does not know."""
# Alone between blanks: parts of addresses and compounds are not mistyped words.
TOKEN = re.compile(rf"(?<![^\s(])(?:[^\W\d_]|[{MARKS}])+(?=[,.;:?!)]*(?:\s|$))")
START, STOP = "\ue000", "\ue001"

FORM = """
WITH form AS MATERIALIZED (
    SELECT typed.word, language.config,
           tsvector_to_array(to_tsvector(language.config::regconfig, typed.word)) AS lexemes
    FROM unnest(%(words)s::text[]) AS typed (word)
    CROSS JOIN publishing_searchlanguage AS language
    WHERE language.posts > 0
)
"""

UNKNOWN = f"""
{FORM}
SELECT word FROM form GROUP BY word
HAVING bool_and(cardinality(lexemes) = 1 AND NOT EXISTS (
    SELECT FROM publishing_searchterm AS term
    WHERE term.config = form.config AND term.lexeme = form.lexemes[1] AND term.posts > 0
))
"""

# A word as a reader would write it, and not its stem, is taken from a text that has it.
# Where the locale knows the letters of ASCII alone, a word of others has no trigrams: it would be compared
# with every word there is.
SIMILAR = f"""
{FORM}, unknown AS (
    SELECT word FROM form GROUP BY word HAVING bool_and(show_trgm(lexemes[1]) <> '{{}}')
)
SELECT unknown.word,
       ts_headline(best.config::regconfig, shown.text, best.query,
                   'StartSel={START}, StopSel={STOP}, MaxWords=6, MinWords=1, MaxFragments=1')
FROM unknown
CROSS JOIN LATERAL (
    SELECT near.config, {as_query("near.lexeme")} AS query
    FROM (
        SELECT form.config, form.lexemes[1] AS typed, term.lexeme, term.posts,
               similarity(term.lexeme, form.lexemes[1]) AS alike
        FROM form JOIN publishing_searchterm AS term
            ON term.config = form.config AND term.lexeme %% form.lexemes[1]
        WHERE form.word = unknown.word AND term.posts > 0 AND length(term.lexeme) <= {MAX_CHARACTERS}
        ORDER BY alike DESC LIMIT 50
    ) AS near
    CROSS JOIN LATERAL (SELECT levenshtein_less_equal(near.typed, near.lexeme, 2) AS edits) AS distance
    WHERE edits <= CASE WHEN length(near.typed) < 5 THEN 1 ELSE 2 END
    ORDER BY edits - 0.15 * ln(near.posts) - near.alike, near.lexeme LIMIT 1
) AS best
CROSS JOIN LATERAL (
    SELECT post.title || ' ' || row.text AS text
    FROM publishing_postsearch AS row JOIN publishing_post AS post ON post.id = row.post_id AND post.is_live
    WHERE row.tsv @@ best.query AND row.config = best.config LIMIT 1
) AS shown
"""


def corrected_query(text: str) -> str:
    """The query with its unknown words replaced; empty without an unknown word or a correction of one.

    What is in quotation marks, or excluded, is left as it is. Raises TookTooLong where no correction was
    found in time.
    """
    text = clean(text[:MAX_QUERY_CHARACTERS]).strip()
    words = _candidates(QUOTED_OR_EXCLUDED.sub(" ", text))
    if not words:
        return ""
    with connection.cursor() as cursor:
        cursor.execute(UNKNOWN, {"words": words})
        unknown = [word for (word,) in cursor.fetchall()]
    found: dict[str, str] = {}
    timeout: TookTooLong | None = None
    for correct in (edit_distance.corrections, _similar_words):
        remaining = [word for word in unknown if word not in found]
        try:
            found |= correct(remaining) if remaining else {}
        except TookTooLong as error:
            timeout = error
    if timeout and not found:
        raise timeout
    if not found:
        return ""
    return TOKEN.sub(lambda match: found.get(match[0].lower(), match[0]), text)


def _similar_words(words: list[str]) -> dict[str, str]:
    """For words further from any other: the nearest by their stems' trigrams. Raises TookTooLong."""
    found = {word: _highlighted_word(headline) for word, headline in rows(SIMILAR, {"words": words})}
    return {word: other for word, other in found.items() if other and other != word}


def _candidates(loose: str) -> list[str]:
    loose = ALTERNATIVES.sub(" ", loose)
    found = dict.fromkeys(
        token.lower()
        for token in TOKEN.findall(loose)
        if MIN_CHARACTERS <= len(token) <= MAX_CHARACTERS and not UNSPACED.search(token)
    )
    return list(found)[:MAX_QUERY_WORDS]


def _highlighted_word(headline: str) -> str:
    found = re.search(f"{START}([^{STOP}]*){STOP}", headline)
    word = found[1].lower() if found else ""
    return word if TOKEN.fullmatch(word) else ""
