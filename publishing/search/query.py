"""The parsed query: as each text search configuration reads it, and how common its words are."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from math import log

from django.db import connection

from publishing.search.normalization import UNSPACED, as_words

MAX_QUERY_CHARACTERS = 256
MAX_QUERY_WORDS = 12

QUOTED_OR_EXCLUDED = re.compile(r'(?<!\S)-(?:"[^"]*"?|\S+)|"[^"]*"?')
ALTERNATIVES = re.compile(r"(?<!\S)or(?!\S)", re.IGNORECASE)
WORD = re.compile(r"'(?:[^'\\]|''|\\\\)*'")
EXCLUSION = re.compile(r"(?<!\w)-")
RUN_OF_UNSPACED = re.compile(f"{UNSPACED.pattern}+")
TYPOGRAPHIC_QUOTES = str.maketrans(dict.fromkeys("“”„‟«»", '"'))

PARSE = r"""
SELECT language.config, language.posts, whole.strict::text,
       websearch_to_tsquery(language.config::regconfig, %(conditions)s)::text,
       websearch_to_tsquery(language.config::regconfig, %(phrases)s)::text,
       whole.tree,
       querytree(websearch_to_tsquery(language.config::regconfig, %(loose)s)),
       (
           SELECT json_object_agg(word.quoted,
                                  json_build_array(term.id, term.posts, list.term_id IS NOT NULL))
           FROM (SELECT DISTINCT found[1] AS quoted
                 FROM regexp_matches(whole.tree, $$('(?:[^'\\]|''|\\\\)*')$$, 'g') AS found) AS word
           JOIN publishing_searchterm AS term ON term.config = language.config
               AND term.lexeme = (tsvector_to_array(word.quoted::tsvector))[1]
           LEFT JOIN publishing_searchlist AS list ON list.term_id = term.id
       )
FROM publishing_searchlanguage AS language
CROSS JOIN LATERAL (
    SELECT strict, querytree(strict) AS tree
    FROM websearch_to_tsquery(language.config::regconfig, %(text)s) AS strict
) AS whole
WHERE language.posts > 0
"""


@dataclass(frozen=True)
class Word:
    """A word to look for. `lexeme` is quoted: it is the tsquery of itself."""

    lexeme: str
    typed: int  # how often
    posts: int  # that have it
    term_id: int | None
    is_listed: bool
    weight: float  # idf, times how often it was typed


@dataclass(frozen=True)
class Query:
    """Each text is a tsquery."""

    config: str
    strict: str
    conditions: str
    phrases: str
    words: tuple[Word, ...]
    loose_words: tuple[str, ...]  # those outside of phrases
    has_alternatives: bool

    @property
    def any_word(self) -> str:
        return " | ".join(word.lexeme for word in self.words)

    @property
    def matching(self) -> str:
        """What a post must match at least."""
        return self.strict if self.has_alternatives else self.any_word

    @property
    def required(self) -> str:
        """What it must match in addition. With alternatives a phrase may be one of them, and no condition."""
        return "" if self.has_alternatives else self.conditions

    @property
    def highlighted(self) -> str:
        """What is highlighted. A phrase is so as a whole: its words alone may stand anywhere."""
        return " | ".join(filter(None, [self.phrases, *self.loose_words]))


def parse(text: str) -> list[Query]:
    """One query for every language in use; none where no word is left to look for."""
    text = prepared(text)
    conditions = QUOTED_OR_EXCLUDED.findall(text)
    loose = QUOTED_OR_EXCLUDED.sub(" ", text)
    has_alternatives = bool(ALTERNATIVES.search(loose))
    given = {
        "text": text,
        "conditions": " ".join(conditions),
        "phrases": " or ".join(part for part in conditions if not part.startswith("-")),
        "loose": loose,
    }
    with connection.cursor() as cursor:
        cursor.execute(PARSE, given)
        rows = cursor.fetchall()
    return [
        Query(
            config,
            strict,
            required,
            phrases,
            words,
            tuple(_typed(loose_tree))[:MAX_QUERY_WORDS],
            has_alternatives,
        )
        for config, posts, strict, required, phrases, tree, loose_tree, known in rows
        if (words := _words(tree, posts, known or {}))
    ]


def prepared(text: str) -> str:
    """The query as it is given to PostgreSQL: bounded, and divided as texts are."""
    text = text[:MAX_QUERY_CHARACTERS].translate(TYPOGRAPHIC_QUOTES)
    if '"' not in text:
        # Characters of such a script are words of their own; what was typed together belongs together.
        text = RUN_OF_UNSPACED.sub(r'"\g<0>"', text)
    # Cut again, because one character may stand for many.
    text = as_words(text)[:MAX_QUERY_CHARACTERS]
    # Exclusions of exclusions, thirty deep, are an error to PostgreSQL.
    exclusions = [match.start() for match in EXCLUSION.finditer(text)]
    return text[: exclusions[MAX_QUERY_WORDS]] if len(exclusions) > MAX_QUERY_WORDS else text


def _words(tree: str, posts: int, known: dict[str, tuple[int, int, bool]]) -> tuple[Word, ...]:
    """The rarest of them: they say most. A word that no post has says nothing."""
    words = []
    for lexeme, typed in _typed(tree).items():
        term_id, having, is_listed = known.get(lexeme, (None, 0, False))
        idf = log(1 + (max(posts - having, 0) + 0.5) / (having + 0.5))
        words.append(Word(lexeme, typed, having, term_id, is_listed, typed * idf))
    return tuple(sorted(words, key=lambda word: (not word.posts, word.posts))[:MAX_QUERY_WORDS])


def _typed(tree: str) -> Counter[str]:
    """The quoted lexemes of a tsquery without its exclusions, and how often each was typed."""
    return Counter(WORD.findall(tree))
