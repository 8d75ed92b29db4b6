"""Corrections at an edit distance of one: a letter replaced, inserted or deleted, or two transposed.

Words are compared as they were typed, since an error near the end gives a stem unlike the right one. No
trigrams are needed: pg_trgm makes none of letters that the database's locale does not know.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice

from publishing.search.deadline import rows
from publishing.search.weights import as_query

MAX_SPELLINGS = 2000
"""For all words of a query together. Each is looked up in every language in use, as long as there is time."""
BLOCK = 0x80
LATIN = "abcdefghijklmnopqrstuvwxyz"

# Common words before rare ones, and those with the same first letter, which is seldom mistyped.
# Words that only withdrawn texts have must not be disclosed.
CORRECTIONS = f"""
WITH spelling AS MATERIALIZED (
    SELECT given.word, given.spelling, given.place, language.config,
           tsvector_to_array(to_tsvector(language.config::regconfig, given.spelling)) AS lexemes
    FROM unnest(%(words)s::text[], %(spellings)s::text[]) WITH ORDINALITY AS given (word, spelling, place)
    CROSS JOIN publishing_searchlanguage AS language
    WHERE language.posts > 0
), best AS MATERIALIZED (
    SELECT DISTINCT ON (spelling.word)
        spelling.word, spelling.spelling, spelling.config, {as_query("term.lexeme")} AS query
    FROM spelling JOIN publishing_searchterm AS term
        ON term.config = spelling.config AND term.lexeme = spelling.lexemes[1] AND term.posts > 0
    WHERE cardinality(spelling.lexemes) = 1
    ORDER BY spelling.word,
        ln(term.posts) + 2 * (left(spelling.word, 1) = left(spelling.spelling, 1))::int DESC,
        spelling.place
)
SELECT word, spelling FROM best
WHERE EXISTS (
    SELECT FROM publishing_postsearch AS row
    JOIN publishing_post AS post ON post.id = row.post_id AND post.is_live
    WHERE row.tsv @@ best.query AND row.config = best.config
)
"""


def corrections(words: list[str]) -> dict[str, str]:
    """For each of these words, which no post has, the likeliest word that one has. Raises TookTooLong."""
    given = list(islice(((word, other) for word in words for other in _spellings(word)), MAX_SPELLINGS))
    if not given:
        return {}
    spellings = {"words": [word for word, _ in given], "spellings": [other for _, other in given]}
    return dict(rows(CORRECTIONS, spellings))


def _spellings(word: str) -> Iterator[str]:
    alphabet = LATIN if word.isascii() else _alphabet(frozenset(word))
    parts = [(word[:place], word[place:]) for place in range(len(word) + 1)]
    yield from (start + end[1] + end[0] + end[2:] for start, end in parts if len(end) > 1)
    yield from (start + end[1:] for start, end in parts if end)
    for start, end in parts:
        yield from (start + letter + end for letter in alphabet)
        if end:
            yield from (start + letter + end[1:] for letter in alphabet if letter != end[0])


@lru_cache(maxsize=256)
def _alphabet(letters: frozenset[str]) -> str:
    """The small letters, and their marks, of the scripts that these are of: of Latin without accents."""
    scripts = {_script(letter) for letter in letters}
    if scripts <= {"LATIN", "COMBINING"}:
        return LATIN
    blocks = {ord(letter) // BLOCK * BLOCK for letter in letters}
    around = (chr(code) for block in sorted(blocks) for code in range(block, block + BLOCK))
    return "".join(
        char
        for char in around
        if unicodedata.category(char) in {"Ll", "Lo", "Mn", "Mc"} and _script(char) in scripts
    )


def _script(char: str) -> str:
    return unicodedata.name(char, "").split(" ")[0]
