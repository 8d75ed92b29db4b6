"""What was meant by a mistyped word: a letter wrong, missing or too many, or two transposed."""

from __future__ import annotations

from collections.abc import Iterator

from publishing.search.beginnings import beginning
from publishing.search.deadline import rows
from publishing.search.topics import Vocabulary
from publishing.search.words import folded, unaccented

MIN_CHARACTERS, MAX_CHARACTERS = 3, 24
"""Of a word: a shorter one may stand for anything."""
MAX_COMPARED = 20_000
"""Words of texts in each language that a word is compared with."""
MEANT = 4
"""Spellings that are tried."""
MAX_WORDS = 8

# The first letter is seldom mistyped, so that few words are compared.
MEANT_BY = f"""
WITH near AS (
    SELECT form.config, form.form, form.lexeme
    FROM unnest(%(configs)s::text[]) AS language (config)
    CROSS JOIN unnest(%(letters)s::text[]) AS letter (first)
    CROSS JOIN LATERAL (
        SELECT config, form, lexeme FROM publishing_searchform
        WHERE config = language.config AND form ~>=~ first AND form ~<~ (first || chr(1114111))
        LIMIT {MAX_COMPARED}
    ) AS form
    UNION ALL
    SELECT NULL, word, NULL FROM unnest(%(of_topics)s::text[]) AS topic (word)
), meant AS (
    SELECT near.config, near.lexeme, part.spelling,
           part.spelling = ANY (%(transposed)s::text[]) AS is_transposed
    FROM near CROSS JOIN LATERAL (
        SELECT form AS spelling WHERE NOT %(is_last)s
        UNION ALL
        SELECT left(form, length) FROM unnest(%(lengths)s::int[]) AS length
        WHERE %(is_last)s AND char_length(form) >= length
    ) AS part
    WHERE part.spelling = ANY (%(transposed)s::text[])
        OR char_length(part.spelling) = ANY (%(lengths)s::int[])
            AND left(part.spelling, 1) = left(%(word)s, 1)
            AND levenshtein_less_equal(part.spelling, %(word)s, 1) = 1
)
SELECT spelling
FROM meant
LEFT JOIN publishing_searchterm AS term ON term.config = meant.config AND term.lexeme = meant.lexeme
WHERE term.posts > 0 OR meant.config IS NULL
GROUP BY spelling, is_transposed ORDER BY is_transposed DESC, max(coalesce(term.posts, 1)) DESC, spelling
LIMIT {MEANT}
"""

IS_KNOWN = """
SELECT given.word FROM unnest(%(words)s::text[]) AS given (word)
WHERE EXISTS (
    SELECT FROM unnest(%(configs)s::text[]) AS language (config)
    JOIN publishing_searchform AS form ON form.config = language.config AND form.form = given.word
    JOIN publishing_searchterm AS term ON term.config = form.config AND term.lexeme = form.lexeme
    WHERE term.posts > 0
)
"""


def corrected_beginnings(text: str, known: Vocabulary) -> Iterator[str]:
    """The text with one of its words replaced, the likeliest first. Raises TookTooLong."""
    begun = beginning(text)
    if begun is None or begun.is_unspaced or not known.configs:
        return
    *words, last = begun.text.split(" ")
    if len(words) < MAX_WORDS:
        yield from _replaced(words, last, known)


def _replaced(words: list[str], last: str, known: Vocabulary) -> Iterator[str]:
    """A finished word that no text has, or else the beginning of the last one."""
    typed = {folded(word): place for place, word in enumerate(words) if _may_be_mistyped(word)}
    given = {"words": list(typed), "configs": list(known.configs)}
    found = {word for (word,) in rows(IS_KNOWN, given)} if typed else set()
    unknown = [word for word in typed if word not in found]
    for word in unknown[:1]:
        for other in _meant(word, known, is_last=False):
            place = typed[word]
            yield " ".join([*words[:place], other, *words[place + 1 :], last])
    if not unknown and _may_be_mistyped(last):
        for other in _meant(unaccented(folded(last)), known, is_last=True):
            yield " ".join([*words, other])


def _may_be_mistyped(word: str) -> bool:
    return word.isalpha() and MIN_CHARACTERS <= len(word) <= MAX_CHARACTERS


def _meant(word: str, known: Vocabulary, *, is_last: bool) -> list[str]:
    """What some text or the name of a topic has, or begins a word of one."""
    pairs = range(len(word) - 1)
    given = {
        "word": word,
        "letters": list(dict.fromkeys(word[:2])),
        "lengths": [len(word), len(word) + 1, len(word) - 1],
        "transposed": [word[:at] + word[at + 1] + word[at] + word[at + 2 :] for at in pairs],
        "configs": list(known.configs),
        "of_topics": [one for one in known.topic_words if one[0] in word[:2]],
        "is_last": is_last,
    }
    return [spelling for (spelling,) in rows(MEANT_BY, given)]
