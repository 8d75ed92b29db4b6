"""Spelling correction: for a word that no post has, the word of a post that was probably meant.

A word that no post has is rarely a mistake: mostly it is a word of which nobody has written yet. Whether it
is one of its language is looked up in a list, so that a correct word is neither replaced nor questioned.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from itertools import islice
from math import log10

from django.db import connection

from publishing.search import edit_distance, expansions, lexemes, word_lists
from publishing.search.deadline import TookTooLong, rows
from publishing.search.normalization import clean
from publishing.search.typed import MAX_QUERY_CHARACTERS
from publishing.search.weights import as_query
from publishing.search.words import MARKS, UNSPACED_CHARACTER, compounds, folded

MIN_LETTERS, MIN_LETTERS_REPLACED, MIN_LETTERS_OF_TWO = 4, 5, 8
"""Of a word that is looked at; that is replaced and not only asked about; that may have two mistakes."""
MAX_CHARACTERS = 40
MAX_WORDS = 4
"""Unknown words of a query that are looked at, the longest first."""
MAX_SPELLINGS = 3000
"""For all words of a query together. Each is looked up in every language in use, as long as there is time."""
MAX_FORMS = 8
"""Words of posts that are weighed for each word."""
RARE, COMMON = 2.0, 4.0
"""On the Zipf scale of its language: a word that may be a common mistake, and one that is meant as it is."""
MUCH_LIKELIER = 3.0
"""By how much a word must be more common than a rare, but correct one to be asked for."""
EASY = 1.0
"""How much likelier it is to leave out a letter, type it twice or transpose two than to hit another."""
SAME_ENDS = 3
"""Letters at the beginning or at the end in which a word with two mistakes is right."""

# Alone between blanks: parts of addresses and compounds are not mistyped words.
TOKEN = re.compile(rf"(?<![^\s(])(?:[^\W\d_]|[{MARKS}])+(?=[,.;:?!)]*(?:\s|$))")
DOUBLED = re.compile(r"(.)\1")
QUOTED_OR_EXCLUDED = re.compile(r'(?<!\S)-(?:"[^"]*"?|\S+)|"[^"]*"?')

IN_USE = "SELECT config FROM publishing_searchlanguage WHERE posts > 0"

KNOWN = """
SELECT given.word FROM unnest(%(configs)s::text[], %(words)s::text[], %(lexemes)s::text[])
    AS given (config, word, lexeme)
JOIN publishing_searchterm AS term USING (config, lexeme) WHERE term.posts > 0
UNION
SELECT given.word FROM unnest(%(other_configs)s::text[], %(other_words)s::text[], %(queries)s::tsquery[])
    AS given (config, word, query)
WHERE EXISTS (
    SELECT FROM publishing_postsearch AS row WHERE row.tsv @@ given.query AND row.config = given.config
)
"""

ONE_EDIT = """
SELECT form, config, lexeme FROM publishing_searchform
WHERE config = ANY(%(configs)s) AND form = ANY(%(spellings)s)
"""

# By two indexes. OFFSET 0: whatever the planner takes for the sizes of tables.
TWO_EDITS = f"""
SELECT form, config, lexeme FROM (
    (SELECT form, config, lexeme FROM publishing_searchform AS form
     WHERE form.config = ANY(%(configs)s) AND form.form ~>=~ left(%(word)s, {SAME_ENDS})
        AND form.form ~<~ (left(%(word)s, {SAME_ENDS}) || chr(1114111)) OFFSET 0)
    UNION ALL
    (SELECT form, config, lexeme FROM publishing_searchform AS form
     WHERE form.config = ANY(%(configs)s)
        AND reverse(form.form) ~>=~ reverse(right(%(word)s, {SAME_ENDS}))
        AND reverse(form.form) ~<~ (reverse(right(%(word)s, {SAME_ENDS})) || chr(1114111)) OFFSET 0)
) AS either
WHERE char_length(form) >= {MIN_LETTERS_OF_TWO - 1} AND left(form, 1) = left(%(word)s, 1)
    AND levenshtein_less_equal(form, %(word)s, 2) <= 2
"""

# Words that only withdrawn texts have must not be disclosed, nor offered in vain: a live post is asked for.
LIVE = f"""
WITH near AS MATERIALIZED (
    SELECT given.*, term.posts, row_number() OVER (
               PARTITION BY given.word
               ORDER BY left(given.form, 1) = left(given.word, 1) DESC, term.posts DESC, given.form
           ) AS place
    FROM unnest(%(words)s::text[], %(forms)s::text[], %(configs)s::text[], %(lexemes)s::text[])
        AS given (word, form, config, lexeme)
    JOIN publishing_searchterm AS term USING (config, lexeme)
    WHERE term.posts > 0
)
SELECT near.word, near.form, near.posts, shown.language
FROM near
CROSS JOIN LATERAL (
    SELECT post.language FROM publishing_postsearch AS row
    JOIN publishing_post AS post ON post.id = row.post_id AND post.is_live
    WHERE row.tsv @@ {as_query("near.lexeme")} AND row.config = near.config LIMIT 1
) AS shown
WHERE near.place <= {MAX_FORMS}
"""


Alike = tuple[str, str, str, str]
"""A word as typed; a word of a text, its configuration and its lexeme."""


class Confidence(IntEnum):
    POSSIBLE = 1
    """Asked about, and never replaced."""
    LIKELY = 2
    """Replaced only where no other word of the query finds anything."""
    CERTAIN = 3


@dataclass(frozen=True)
class Respelling:
    query: str
    confidence: Confidence


@dataclass(frozen=True)
class Form:
    """A word of a live post in this language."""

    text: str
    posts: int
    language: str

    @property
    def zipf(self) -> float:
        return max(word_lists.zipf(self.text, code) for code in {self.language, "en"})

    def likelihood(self, typed: str) -> float:
        """That this was meant, on a logarithmic scale."""
        return self.zipf + log10(self.posts) + (EASY if _is_easy(typed, self.text) else 0)


def respelling(text: str) -> Respelling | None:
    """The query with its mistyped words replaced; those that are certain to be, where some are.

    What is in quotation marks, or excluded, is left as it is. Raises TookTooLong where none was found.
    """
    text = clean(text[:MAX_QUERY_CHARACTERS]).strip()
    typed = _typed(text)
    if not typed:
        return None
    with connection.cursor() as cursor:
        cursor.execute(IN_USE)
        configs = [config for (config,) in cursor.fetchall()]
    languages = {lexemes.language_of(config) for config in configs} | {"en"}
    unknown = _unknown(text, typed, configs)
    commonness = {word: _commonness((word, typed[word]), languages) for word in unknown}
    words = [word for word in unknown if commonness[word] < COMMON][:MAX_WORDS]
    if not words:
        return None
    letters = "".join(known.alphabet for code in sorted(languages) if (known := word_lists.of_language(code)))
    found: dict[str, tuple[str, Confidence]] = {}
    for word, forms in _forms(words, configs, letters, commonness).items():
        best = max(forms, key=lambda form: (form.text[0] == word[0], form.likelihood(word), form.text))
        common = max(commonness[word], _commonness((word, typed[word]), [best.language]))
        if confidence := _confidence(word, best, common):
            found[word] = (best.text, confidence)
    if not found:
        return None
    highest = max(confidence for _, confidence in found.values())
    chosen = {word: form for word, (form, confidence) in found.items() if confidence == highest}
    return Respelling(TOKEN.sub(lambda match: chosen.get(folded(match[0]), match[0]), text), highest)


def _typed(text: str) -> dict[str, str]:
    """The words that may be mistyped, folded and as they are; the longest first."""
    loose = QUOTED_OR_EXCLUDED.sub(" ", text)
    tokens = (token for token in TOKEN.findall(loose) if not UNSPACED_CHARACTER.search(token))
    found = {folded(token): token for token in tokens if token != "OR"}
    words = [word for word in found if _letters(word) >= MIN_LETTERS and len(word) <= MAX_CHARACTERS]
    return {word: found[word] for word in sorted(words, key=len, reverse=True)}


def _letters(word: str) -> int:
    return sum(not unicodedata.category(char).startswith("M") for char in word)


def _unknown(text: str, words: Iterable[str], configs: Sequence[str]) -> list[str]:
    """Those that no post has, in no language and in no other spelling."""
    known = lexemes.of(dict.fromkeys(configs, words))
    stop_words = {word for (_, word), found in known.items() if not found}
    terms = [(config, word, lexeme) for (config, word), found in known.items() for lexeme in found]
    others = expansions.alternatives([[compound for _, compound in compounds(text)]], configs)
    queries = [
        (config, word, other.tsquery)
        for config, some in others.items() for word, found in some.items() if word in words for other in found
    ]  # fmt: skip
    given = {
        "configs": [config for config, _, _ in terms], "words": [word for _, word, _ in terms],
        "lexemes": [lexeme for _, _, lexeme in terms],
        "other_configs": [config for config, _, _ in queries],
        "other_words": [word for _, word, _ in queries],
        "queries": [query for _, _, query in queries],
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(KNOWN, given)
        having = {word for (word,) in cursor.fetchall()}
    return [word for word in words if word not in having | stop_words]


def _commonness(spellings: Iterable[str], languages: Iterable[str]) -> float:
    return max(word_lists.zipf(spelling, code) for spelling in spellings for code in languages)


def _forms(
    words: Sequence[str], configs: Sequence[str], letters: str, commonness: Mapping[str, float]
) -> dict[str, list[Form]]:
    """By word: the words of live posts that are like it. Raises TookTooLong where there are none in time."""
    alike: set[Alike] = set()
    timeout: TookTooLong | None = None
    try:
        alike |= _one_edit_away(words, configs, letters)
        for word in _maybe_twice_wrong(words, commonness, {found for found, *_ in alike}):
            alike |= {(word, *row) for row in rows(TWO_EDITS, {"word": word, "configs": configs})}
    except TookTooLong as error:
        timeout = error
    alike = {found for found in alike if TOKEN.fullmatch(found[1])}
    if timeout and not alike:
        raise timeout
    live = defaultdict(list)
    for word, form, posts, language in rows(LIVE, _columns(alike)) if alike else ():
        live[word].append(Form(form, posts, language.lower()[:2]))
    return dict(live)


def _maybe_twice_wrong(
    words: Iterable[str], commonness: Mapping[str, float], explained: set[str]
) -> list[str]:
    return [
        word
        for word in words
        if word not in explained and not commonness[word] and _letters(word) >= MIN_LETTERS_OF_TWO
    ]


def _one_edit_away(words: Sequence[str], configs: Sequence[str], letters: str) -> set[Alike]:
    spellings = ((other, word) for word in words for other in edit_distance.spellings(word, letters))
    meant = defaultdict(set)
    for other, word in islice(spellings, MAX_SPELLINGS):
        meant[other].add(word)
    given = {"configs": configs, "spellings": list(meant)}
    return {(word, *row) for row in rows(ONE_EDIT, given) for word in meant[row[0]]}


def _columns(alike: Iterable[Alike]) -> dict[str, list[str]]:
    names = ("words", "forms", "configs", "lexemes")
    return {name: list(column) for name, column in zip(names, zip(*sorted(alike), strict=True), strict=True)}


def _is_easy(typed: str, word: str) -> bool:
    is_doubled = len(typed) > len(word) and DOUBLED.sub(r"\1", typed) == DOUBLED.sub(r"\1", word)
    return is_doubled or len(typed) < len(word) or sorted(typed) == sorted(word)


def _is_far(typed: str, word: str) -> bool:
    from rapidfuzz.distance import OSA  # most processes never need it

    return OSA.distance(typed, word) > 1


def _confidence(word: str, form: Form, common: float) -> Confidence | None:
    """That this form was meant. `common` is how common the word is in its language."""
    has_same_first = word[0] == form.text[0]
    has_letters = _letters(word) >= MIN_LETTERS_REPLACED
    if common:
        # Lists of words that were used have common mistakes as well.
        margin = MUCH_LIKELIER - (EASY if sorted(word) == sorted(form.text) else 0)
        if not has_same_first or form.zipf - common < margin:
            return None
        return Confidence.LIKELY if common < RARE and has_letters else Confidence.POSSIBLE
    known = word_lists.of_language(form.language)
    # Many correct words are missing in a short list, most of them inflected.
    is_ending = word.startswith(form.text) or form.text.startswith(word)
    if (is_ending or _is_far(word, form.text)) and not (known and known.is_large):
        return None
    if not has_same_first or not has_letters:
        return Confidence.POSSIBLE if form.zipf else None
    return Confidence.CERTAIN if known else Confidence.LIKELY
