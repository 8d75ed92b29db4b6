"""Other spellings of the words of a query, of those that some text has: compounds, umlauts, variants."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from django.db import connection

from publishing.search.lexemes import language_of, quoted
from publishing.search.variants import variants
from publishing.search.words import Compound

MAX_EXPANDED = 16
"""Words of a query: a longer one says enough by itself."""
MIN_SPLIT, MIN_PART = 6, 3
"""Characters of a word that may be a compound, and of its parts."""
MIN_IN_COMPOUND, MAX_COMPOUNDS, LOOKED_AT = 5, 12, 200
"""Characters of a word that is looked for inside of compounds; how many of these, of how many candidates."""
COMPOUNDING = frozenset({"desk_german", "desk_dutch", "desk_swedish", "desk_danish", "desk_norwegian",
                         "desk_finnish", "desk_hungarian"})  # fmt: skip
"""Languages that write compounds as one word."""
DIGRAPHS = {"ae": "äæ", "oe": "öø", "ue": "ü", "aa": "å"}
"""Umlauts and the like as they are typed without them."""
WITH_DIGRAPHS = frozenset({"desk_german", "desk_danish", "desk_norwegian", "desk_swedish", "desk_finnish"})
HEBREW = range(0x5D0, 0x5EB)
PREFIXES = ("ה", "ו", "ב", "כ", "ל", "מ", "ש", "וה", "שה", "מה", "וב", "ול")
MIN_STEM, MIN_INFLECTED = 3, 5
JOINED, SPLIT, INSIDE, RESPELLED, IN_GROUPS = 0.8, 0.3, 0.4, 0.8, 0.2
"""How much each kind counts, where the word as typed counts 1."""
THOUSAND = 3
"""Digits of a group of a long number."""

KNOWN = f"""
SELECT form.config, given.word, form.form, form.lexeme
FROM unnest(%(configs)s::text[], %(forms)s::text[]) AS given (config, word)
JOIN publishing_searchform AS form ON form.config = given.config AND form.form = given.word
UNION ALL
SELECT given.config, given.word, compound.form, compound.lexeme
FROM unnest(%(compound_configs)s::text[], %(parts)s::text[]) AS given (config, word)
CROSS JOIN LATERAL (
    SELECT form, lexeme FROM (
        (SELECT form, lexeme FROM publishing_searchform AS form
         WHERE form.config = given.config AND form.form ~>=~ given.word
            AND form.form ~<~ (given.word || chr(1114111)) LIMIT {LOOKED_AT})
        UNION ALL
        (SELECT form, lexeme FROM publishing_searchform AS form
         WHERE form.config = given.config AND reverse(form.form) ~>=~ reverse(given.word)
            AND reverse(form.form) ~<~ (reverse(given.word) || chr(1114111)) LIMIT {LOOKED_AT})
    ) AS either
    WHERE char_length(form) >= char_length(given.word) + {MIN_PART}
    ORDER BY char_length(form), form LIMIT {MAX_COMPOUNDS}
) AS compound
"""


@dataclass(frozen=True)
class Alternative:
    """`weights` are of the lexemes to look for."""

    tsquery: str
    weights: Mapping[str, float]


def alternatives(
    branches: Sequence[Sequence[Compound]], configs: Sequence[str]
) -> dict[str, dict[str, list[Alternative]]]:
    """By configuration and word as typed: what else finds it, of what some text has."""
    branches = [branch[:MAX_EXPANDED] for branch in branches]
    plain = [_plain_word(compound) for branch in branches for compound in branch]
    words = [word for word in dict.fromkeys(plain) if word]
    pairs = [pair for branch in branches for pair in pairwise(map(_plain_word, branch)) if all(pair)]
    exact: dict[str, set[str]] = {config: set(_candidates(words, pairs, config)) for config in configs}
    inside = [
        (config, word) for config in configs if config in COMPOUNDING
        for word in words if len(word) >= MIN_IN_COMPOUND and word.isalpha()
    ]  # fmt: skip
    found = _known(exact, inside)
    made: dict[str, dict[str, list[Alternative]]] = {}
    for config in configs:
        lexemes = {
            form: lexeme
            for (of, word), some in found.items() if of == config
            for form, lexeme in some if form == word
        }  # fmt: skip
        made[config] = {word: [*_of_word(word, config, lexemes), *_of_number(word)] for word in words}
        for one, other in pairs:
            if joined := _joined_number(one, other) or lexemes.get(one + other):
                for word in (one, other):
                    made[config][word].append(_of_lexeme(joined, JOINED))
        for word in words:
            inside_of = {lexeme for form, lexeme in found.get((config, word), ()) if form != word}
            made[config][word] += [_of_lexeme(lexeme, INSIDE) for lexeme in sorted(inside_of)]
    return made


def _of_word(word: str, config: str, lexemes: Mapping[str, str]) -> Iterator[Alternative]:
    for left, right in _splits(word):
        if left in lexemes and right in lexemes:
            one, other = lexemes[left], lexemes[right]
            yield Alternative(f"{quoted(one)} <-> {quoted(other)}", {one: SPLIT, other: SPLIT})
    for form in _respelled(word, config):
        if form in lexemes:
            yield _of_lexeme(lexemes[form], RESPELLED)


def _of_number(word: str) -> Iterator[Alternative]:
    """10000 is “10 000” as well."""
    if word.isdigit() and THOUSAND < len(word) <= 2 * THOUSAND:
        one, other = word[:-THOUSAND], word[-THOUSAND:]
        yield Alternative(f"{quoted(one)} <-> {quoted(other)}", {one: IN_GROUPS, other: IN_GROUPS})


def _of_lexeme(lexeme: str, weight: float) -> Alternative:
    return Alternative(quoted(lexeme), {lexeme: weight})


def _plain_word(compound: Compound) -> str:
    return compound.words[0].text if len(compound.words) == 1 and not compound.is_unspaced else ""


def _candidates(words: Sequence[str], pairs: Sequence[tuple[str, str]], config: str) -> Iterator[str]:
    yield from (one + other for one, other in pairs)
    for word in words:
        yield from (part for parts in _splits(word) for part in parts)
        yield from _respelled(word, config)


def _splits(word: str) -> Iterator[tuple[str, str]]:
    if len(word) >= MIN_SPLIT and word.isalpha():
        yield from ((word[:at], word[at:]) for at in range(MIN_PART, len(word) - MIN_PART + 1))


def _respelled(word: str, config: str) -> Iterator[str]:
    yield from (form for other in variants(word, language_of(config)) for form in _inflected(other))
    if config in WITH_DIGRAPHS:
        for typed, letters in DIGRAPHS.items():
            for letter in letters:
                yield from (
                    word.replace(one, other)
                    for one, other in ((typed, letter), (letter, typed))
                    if one in word
                )
    if ord(word[0]) in HEBREW:
        yield from (prefix + word for prefix in PREFIXES)
        yield from (
            word.removeprefix(prefix) for prefix in PREFIXES
            if word.startswith(prefix) and len(word) - len(prefix) >= MIN_STEM
        )  # fmt: skip


def _inflected(word: str) -> Iterator[str]:
    """An English word and forms with the same stem: texts may have another one than was typed."""
    yield from (word, f"{word}s")
    if word.endswith("e"):
        yield f"{word}d"
    if len(word) >= MIN_INFLECTED and word.endswith(("s", "ed")):
        yield word[:-1]


def _joined_number(one: str, other: str) -> str:
    """“10 000” is 10000 as well."""
    return (
        one + other
        if one.isdigit() and other.isdigit() and len(other) == THOUSAND and len(one) <= THOUSAND
        else ""
    )


def _known(
    exact: Mapping[str, set[str]], inside: Sequence[tuple[str, str]]
) -> dict[tuple[str, str], list[tuple[str, str]]]:
    """By configuration and what was asked for: the forms and lexemes that texts have."""
    wanted = [(config, form) for config, forms in exact.items() for form in sorted(forms)]
    found: dict[tuple[str, str], list[tuple[str, str]]] = defaultdict(list)
    if not wanted and not inside:
        return found
    given = {
        "configs": [config for config, _ in wanted], "forms": [form for _, form in wanted],
        "compound_configs": [config for config, _ in inside], "parts": [word for _, word in inside],
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(KNOWN, given)
        for config, word, form, lexeme in cursor.fetchall():
            found[config, word].append((form, lexeme))
    return found
