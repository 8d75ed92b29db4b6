"""Completions of the last word that some live post has together with the words before it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from publishing.search.beginnings import Beginning
from publishing.search.lexemes import quoted
from publishing.search.lists import LISTED_FROM
from publishing.search.normalization import clean
from publishing.search.weights import as_query
from publishing.search.words import CONNECTORS, FOLDED, MARKS, unaccented

MIN_CHARACTERS = 2
"""How many letters of a word are needed to look up words by them."""
MIN_FORM, FORMS = 4, 200
"""From so many letters on, words are looked up whose stem does not begin with them; so many at most."""
CANDIDATES = 10
"""The commonest words with this beginning."""
NEAR, LISTED = 25, 50
"""Posts with the words before whose words are looked through, and how many of the list of a common one."""
READ = 50_000
"""Characters of a text in which a word is looked for as it is written there."""
SEPARATOR = "\x1f"

# `term_id` is that of the rarest word before if even that one is common: a search of the index would then
# collect very many posts to take the first of them.
GIVEN = f"""
given AS MATERIALIZED (
    SELECT given.config, nullif(given.before, '')::tsquery AS before, given.stem, rarest.term_id
    FROM unnest(%(configs)s::text[], %(before)s::text[], %(lexemes)s::text[], %(stems)s::text[])
        AS given (config, before, lexemes, stem)
    LEFT JOIN LATERAL (
        SELECT CASE WHEN posts >= {LISTED_FROM} THEN list.term_id END AS term_id
        FROM publishing_searchterm AS term LEFT JOIN publishing_searchlist AS list ON list.term_id = term.id
        WHERE term.config = given.config AND lexeme = ANY (string_to_array(given.lexemes, '{SEPARATOR}'))
        ORDER BY posts LIMIT 1
    ) AS rarest ON true
), near AS MATERIALIZED (
    SELECT given.config, found.post_id, found.tsv
    FROM given CROSS JOIN LATERAL (
        SELECT row.post_id, row.tsv
        FROM publishing_searchlist AS list CROSS JOIN LATERAL unnest(list.post_ids[1:{LISTED}]) AS listed
        JOIN visible ON visible.id = listed JOIN publishing_postsearch AS row ON row.post_id = listed
        WHERE list.term_id = given.term_id AND row.tsv @@ given.before
        UNION ALL
        SELECT row.post_id, row.tsv
        FROM publishing_postsearch AS row JOIN visible ON visible.id = row.post_id
        WHERE given.term_id IS NULL AND row.config = given.config AND row.tsv @@ given.before
        LIMIT {NEAR}
    ) AS found
    WHERE given.before IS NOT NULL AND %(beginning)s <> ''
), candidate AS MATERIALIZED (
    SELECT DISTINCT given.config, given.before, given.term_id AS before_id, term.id, term.lexeme, term.posts
    FROM given CROSS JOIN LATERAL (
        SELECT id, lexeme, posts FROM publishing_searchterm
        WHERE config = given.config AND lexeme ~>=~ %(beginning)s
            AND lexeme ~<~ (%(beginning)s || %(last_character)s)
        UNION ALL
        SELECT term.id, term.lexeme, term.posts
        FROM (SELECT lexeme FROM publishing_searchform
              WHERE char_length(%(form)s) >= {MIN_FORM} AND config = given.config
                  AND form ~>=~ %(form)s AND form ~<~ (%(form)s || %(last_character)s) LIMIT {FORMS}) AS form
        JOIN publishing_searchterm AS term ON term.config = given.config AND term.lexeme = form.lexeme
        UNION ALL
        SELECT id, lexeme, posts FROM publishing_searchterm
        WHERE config = given.config AND lexeme = given.stem
    ) AS term
    WHERE term.posts > 0 AND %(beginning)s <> ''
    ORDER BY term.posts DESC, term.lexeme LIMIT {CANDIDATES}
)
"""

# With words before: those in titles first, the more titles the sooner.
OF_TITLES = f"""
SELECT 'word', (array_agg(title.title ORDER BY title.published_at DESC))[1], '', word, NULL::text[]
FROM title
JOIN publishing_posttitle AS row ON row.post_id = title.post_id
    AND row.words @@ nullif(%(titles)s, '')::tsquery
CROSS JOIN LATERAL unnest(tsvector_to_array(row.words)) AS word
WHERE %(has_words)s AND %(beginning)s <> '' AND starts_with(word, %(beginning)s)
GROUP BY word ORDER BY count(*) DESC, word LIMIT {CANDIDATES}
"""

TEXT = f"""
SELECT 'word', post.title, left(row.text, {READ}), best.lexeme,
       ARRAY(SELECT form FROM publishing_searchform AS form
             WHERE form.config = best.config AND form.lexeme = best.lexeme)
FROM best
JOIN publishing_postsearch AS row ON row.post_id = best.post_id
JOIN publishing_post AS post ON post.id = best.post_id
"""

OF_NEAR = f"""
WITH best AS (
    SELECT near.config, word.lexeme, max(near.post_id) AS post_id, count(*) AS posts
    FROM near CROSS JOIN LATERAL unnest(tsvector_to_array(near.tsv)) AS word (lexeme)
    WHERE starts_with(word.lexeme, %(beginning)s)
    GROUP BY near.config, word.lexeme ORDER BY posts DESC, word.lexeme LIMIT {CANDIDATES}
)
{TEXT} ORDER BY best.posts DESC, best.lexeme
"""

OF_ALL = f"""
WITH best AS (
    SELECT candidate.config, candidate.lexeme, candidate.posts, holder.post_id
    FROM (SELECT *, {as_query("lexeme")} AS query,
                 CASE WHEN before IS NULL OR before_id IS NOT NULL THEN
                     (SELECT term_id FROM publishing_searchlist AS list WHERE list.term_id = candidate.id)
                 END AS list_id
          FROM candidate) AS candidate
    CROSS JOIN LATERAL (
        SELECT row.post_id
        FROM publishing_searchlist AS list CROSS JOIN LATERAL unnest(list.post_ids[1:{LISTED}]) AS listed
        JOIN visible ON visible.id = listed JOIN publishing_postsearch AS row ON row.post_id = listed
        WHERE list.term_id = candidate.list_id AND (candidate.before IS NULL OR row.tsv @@ candidate.before)
        UNION ALL
        SELECT row.post_id
        FROM publishing_postsearch AS row JOIN visible ON visible.id = row.post_id
        WHERE candidate.list_id IS NULL AND row.config = candidate.config
            AND row.tsv @@ coalesce(candidate.before && candidate.query, candidate.query)
        LIMIT 1
    ) AS holder
)
{TEXT} ORDER BY best.posts DESC, best.lexeme
"""

COMPLETIONS = (OF_TITLES, OF_NEAR, OF_ALL)

JOINT = f"[{re.escape(''.join(sorted(CONNECTORS)))}]"
LETTER = rf"(?:\w|[{MARKS}])"
SIGNS = "[+#]*"
LIGATURES = {"ss": "(?:ss|ß)", "ae": "(?:ae|æ)", "oe": "(?:oe|œ)"}
PARTS = re.compile("ss|ae|oe|.")


@dataclass(frozen=True)
class Completion:
    """A word that some live post has together with those before."""

    title: str
    text: str
    lexeme: str
    forms: list[str] | None
    """As texts have the word. None where `lexeme` itself is in the title, without case and accents."""


def configured(
    begun: Beginning | None, stems: Mapping[tuple[str, str], tuple[str, ...]], configs: Sequence[str]
) -> dict[str, object]:
    """The parameters of the statement, the same number for each language in use."""
    if begun is None or not _is_long_enough(begun):
        none: dict[str, object] = {name: [] for name in ("configs", "before", "lexemes", "stems")}
        return {**none, "beginning": "", "form": "", "has_words": False}
    end = begun.ends[0]
    words = (*begun.words, *end.words)
    return {
        "configs": list(configs),
        "before": [_before(words, begun.excluded, config, stems) for config in configs],
        "lexemes": [
            SEPARATOR.join(found[0] for word in words if (found := stems[config, word[0]]))
            for config in configs
        ],
        "stems": [next(iter(stems.get((config, end.beginning), ())), end.beginning) for config in configs],
        "beginning": end.beginning,
        "form": begun.unfinished.casefold().translate(FOLDED),
        "has_words": bool(words),
    }


def completed(begun: Beginning, candidate: Completion) -> str:
    """What was typed with its last word completed, as a live text has it; empty where it has none."""
    if begun.is_unspaced:
        found = candidate.lexeme if len(begun.unfinished) == 1 and len(candidate.lexeme) > 1 else ""
    else:
        found = _as_written(begun, candidate, candidate.title) or _as_written(
            begun, candidate, candidate.text
        )
    if found and begun.unfinished == begun.unfinished.lower():
        found = found.lower()
    return f"{begun.finished}{found}" if found else ""


def _is_long_enough(begun: Beginning) -> bool:
    last = begun.ends[0].beginning
    if begun.is_unspaced:
        return len(last) == 1
    return len(last) >= MIN_CHARACTERS or (last.isdigit() and bool(begun.words))


def _before(
    words: Sequence[tuple[str, ...]],
    excluded: Sequence[str],
    config: str,
    stems: Mapping[tuple[str, str], tuple[str, ...]],
) -> str:
    """The tsquery of the words before: one spelling of each, but for those that say nothing."""
    groups = [
        {one for spelling in word for one in stems[config, spelling]}
        for word in words
        if stems[config, word[0]]
    ]
    parts = [f"({' | '.join(map(quoted, sorted(group)))})" for group in groups]
    if parts:
        parts += [f"!{quoted(one)}" for form in excluded for one in stems[config, form]]
    return " & ".join(parts)


def _as_written(begun: Beginning, candidate: Completion, text: str) -> str:
    text = clean(text)
    forms = {unaccented(form) for form in candidate.forms or ()} | {candidate.lexeme}
    for found in _pattern(begun.ends[0].beginning).finditer(text.translate(_plain_letters)):
        written = text[found.start() : found.end()]
        whole = unaccented(written.casefold().translate(FOLDED))
        joined = re.sub(JOINT, "", whole)
        if whole in forms or joined in forms:
            return written
        if candidate.forms is None and joined.startswith(candidate.lexeme):
            return written
    return ""


@lru_cache(maxsize=256)
def _pattern(beginning: str) -> re.Pattern[str]:
    """A word that begins so, whatever connects its letters: `wif` begins “wi-fi”, and `us` “U.S.”."""
    letters = f"{JOINT}?".join(LIGATURES.get(part, re.escape(part)) for part in PARTS.findall(beginning))
    return re.compile(rf"(?<!{LETTER}){letters}(?:{LETTER}|{JOINT}(?={LETTER}))*{SIGNS}")


class PlainLetters(dict[int, str]):
    """For `str.translate`: each letter without case and accents, if that is one character as well."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        plain = unaccented(char.casefold().translate(FOLDED))
        self[code] = plain if len(plain) == 1 else char
        return self[code]


_plain_letters = PlainLetters()
