"""The parsed query: as each text search configuration reads it, and how common its words are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import log

from django.db import connection

from publishing.search import lexemes
from publishing.search.expansions import Alternative, alternatives
from publishing.search.index import IN_TITLE
from publishing.search.lexemes import quoted
from publishing.search.typed import MAX_QUERY_WORDS, QueryPart, branches_of, loose, spellings
from publishing.search.words import Compound

MAX_BIGRAMS_APART = 3
"""Of a run of characters without spaces: a longer one has to stand together for a post to have all of it."""
OTHER = 0.1
"""The weight of other spellings and parts: with their full one, a judged collection lost a tenth."""
PART, JOINED = 0.6, 1.0
"""The weight of the parts of what was typed as one word, and of the whole written as one."""


IN_USE = "SELECT config, posts FROM publishing_searchlanguage WHERE posts > 0 ORDER BY config"
TERMS = """
SELECT term.config, term.lexeme, term.id, term.posts,
       EXISTS (SELECT FROM publishing_searchlist AS list WHERE list.term_id = term.id)
FROM unnest(%(configs)s::text[], %(lexemes)s::text[]) AS given (config, lexeme)
JOIN publishing_searchterm AS term ON term.config = given.config AND term.lexeme = given.lexeme
"""
BEGINNINGS = """
SELECT given.config, given.lexeme, coalesce(sum(term.posts), 0)::bigint
FROM unnest(%(configs)s::text[], %(lexemes)s::text[]) AS given (config, lexeme)
LEFT JOIN publishing_searchterm AS term ON term.config = given.config
    AND term.lexeme ~>=~ given.lexeme AND term.lexeme ~<~ (given.lexeme || chr(1114111))
GROUP BY given.config, given.lexeme
"""


@dataclass(frozen=True)
class QueryWord:
    """A word to look for. `lexeme` is quoted: it is the tsquery of itself."""

    lexeme: str
    typed: int  # how often
    posts: int  # that have it
    term_id: int | None
    is_listed: bool
    weight: float  # idf, times how often it was typed; less for other spellings than the one typed


@dataclass(frozen=True)
class Query:
    """Each text is a tsquery."""

    config: str
    strict: str
    conditions: str
    phrases: str
    words: tuple[QueryWord, ...]
    has_alternatives: bool
    typed: tuple[str, ...] = ()
    """The words outside of exclusions, in small letters."""
    phrase_words: tuple[tuple[tuple[str, ...], ...], ...] = ()
    """The lexemes of each place of each required phrase."""
    loose_lexemes: frozenset[str] = field(default_factory=frozenset)
    """Those of words outside of required phrases, unquoted."""
    runs: tuple[str, ...] = ()
    """What was typed in scripts without spaces."""

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


def parse(text: str, *, without_quotes: bool = False) -> list[Query]:
    """One query for every language in use; none where no word is left to look for."""
    branches = branches_of(text.replace('"', " ") if without_quotes else text)
    if not any(not part.is_excluded for branch in branches for part in branch):
        return []
    with connection.cursor() as cursor:
        cursor.execute(IN_USE)
        in_use = dict(cursor.fetchall())
    forms = {form for branch in branches for part in branch for form in spellings(part.compounds)}
    known = lexemes.of(dict.fromkeys(in_use, forms))
    others = alternatives([loose(branch) for branch in branches], list(in_use))
    readings = [_Reading(config, branches, known, others.get(config, {})) for config in in_use]
    readings = [reading for reading in readings if reading.weights]
    terms = _terms(readings)
    return [reading.query(in_use[reading.config], terms) for reading in readings]


class _Reading:
    """The query in one configuration."""

    def __init__(
        self,
        config: str,
        branches: Sequence[Sequence[QueryPart]],
        known: Mapping[tuple[str, str], tuple[str, ...]],
        others: Mapping[str, Sequence[Alternative]],
    ) -> None:
        self.config = config
        self._known, self._others = known, others
        self.weights: dict[str, float] = {}
        """How much each lexeme to look for counts: 1 for one typed once. A beginning ends in an asterisk."""
        self._typed: list[str] = []
        self._runs: list[str] = []
        self._phrases: list[str] = []
        self._phrase_words: list[tuple[tuple[str, ...], ...]] = []
        self._conditions: list[str] = []
        self._loose: set[str] = set()
        self._has_alternatives = len(branches) > 1
        wholes = [self._branch(branch) for branch in branches]
        if not self.weights:
            wholes = [self._stop_words(branch) for branch in branches]
        self._strict = " | ".join(f"({whole})" for whole in wholes if whole)

    def query(self, posts: int, terms: Mapping[tuple[str, str], tuple[int | None, int, bool]]) -> Query:
        words = []
        for lexeme, weight in self.weights.items():
            term_id, having, is_listed = terms.get((self.config, lexeme), (None, 0, False))
            idf = log(1 + (max(posts - having, 0) + 0.5) / (having + 0.5))
            text = f"{quoted(lexeme[:-1])}:*" if lexeme.endswith("*") else quoted(lexeme)
            words.append(QueryWord(text, round(weight) or 1, having, term_id, is_listed, weight * idf))
        # The rarest: they say most. A word that no post has says nothing.
        words.sort(key=lambda word: (not word.posts, word.posts))
        return Query(
            self.config,
            self._strict,
            " & ".join(self._conditions),
            " | ".join(self._phrases),
            tuple(words[:MAX_QUERY_WORDS]),
            self._has_alternatives,
            tuple(dict.fromkeys(self._typed)),
            tuple(self._phrase_words),
            frozenset(self._loose),
            tuple(self._runs),
        )

    def _branch(self, parts: Sequence[QueryPart]) -> str:
        wholes = []
        for part in parts:
            if part.is_excluded:
                unwanted = (
                    self._phrase(part.compounds) if part.is_phrase else self._unweighted(part.compounds)
                )
                if unwanted:
                    wholes.append(f"!({unwanted})")
                    self._conditions.append(wholes[-1])
            elif part.is_phrase:
                if phrase := self._phrase(part.compounds):
                    wholes.append(f"({phrase})")
                    self._conditions.append(wholes[-1])
                    self._phrases.append(wholes[-1])
                    self._phrase_words.append(
                        tuple(self._lexemes(word.text) for one in part.compounds for word in one.words)
                    )
                for compound in part.compounds:
                    self._weigh(compound)
            else:
                wholes += [whole for compound in part.compounds if (whole := self._loose_compound(compound))]
        return " & ".join(wholes)

    def _loose_compound(self, compound: Compound) -> str:
        before = set(self.weights)
        self._weigh(compound)
        whole = self._compound(compound)
        for word in compound.words:
            for other in self._others.get(word.text, ()):
                self._add({lexeme: OTHER * weight for lexeme, weight in other.weights.items()})
                whole = f"{whole} | {other.tsquery}" if whole else other.tsquery
        self._loose |= self.weights.keys() - before | {
            lexeme for word in compound.words for lexeme in self._lexemes(word.text)
        }
        return f"({whole})" if whole else ""

    def _unweighted(self, some: Iterable[Compound]) -> str:
        return " & ".join(f"({whole})" for compound in some if (whole := self._compound(compound)))

    def _compound(self, compound: Compound) -> str:
        if compound.is_unspaced:
            return self._run(compound)
        parts = self._sequence([compound])
        joined = [quoted(lexeme) for form in compound.joined for lexeme in self._lexemes(form)][:2]
        return " | ".join(dict.fromkeys(filter(None, [parts, *joined])))

    def _run(self, compound: Compound) -> str:
        pairs = [word.text for word in compound.words[:-1]]
        if not pairs:
            return f"{quoted(compound.words[0].text)}:*"
        return (" & " if len(pairs) <= MAX_BIGRAMS_APART else " <-> ").join(map(quoted, pairs))

    def _phrase(self, some: Sequence[Compound]) -> str:
        return self._sequence(some)

    def _sequence(self, some: Sequence[Compound]) -> str:
        """Words next to each other. A stop word leaves its place empty."""
        found, gap = "", 1
        for compound in some:
            if compound.is_unspaced:
                places = [[quoted(word.text)] for word in compound.words[:-1]] or [
                    [f"{quoted(compound.words[0].text)}:*"]
                ]
            else:
                places = [
                    self._place(word.text, word.forms if len(compound.words) == 1 else ())
                    for word in compound.words
                ]
            for place in places:
                if place:
                    text = place[0] if len(place) == 1 else f"({' | '.join(place)})"
                    found = f"{found} <{gap}> {text}" if found else text
                    gap = 1
                else:
                    gap += 1
            if compound.is_unspaced and len(compound.words) > 1:
                gap += 1  # the last character alone has a place of its own
        return found

    def _place(self, text: str, forms: Iterable[str]) -> list[str]:
        some = [
            quoted(lexeme) for form in (text, *forms) if text != f".{form}" for lexeme in self._lexemes(form)
        ]
        return list(dict.fromkeys(some))

    def _weigh(self, compound: Compound) -> None:
        if compound.is_unspaced:
            pairs = [word.text for word in compound.words[:-1]]
            self._runs.append("".join(pair[0] for pair in pairs) + compound.words[-1].text)
            self._add(dict.fromkeys(pairs or [f"{compound.words[0].text}*"], 1.0))
            return
        part = PART if compound.joined else 1.0
        self._add({lexeme: JOINED for form in compound.joined[:1] for lexeme in self._lexemes(form)[:1]})
        for word in compound.words:
            self._typed.append(word.text)
            found = self._lexemes(word.text)
            self._add({lexeme: part / (1 + place) for place, lexeme in enumerate(found)})
            forms = word.forms if len(compound.words) == 1 else ()
            forms = tuple(form for form in forms if word.text != f".{form}")
            self._add(
                {lexeme: PART for form in forms for lexeme in self._lexemes(form) if lexeme not in found}
            )

    def _add(self, weights: Mapping[str, float]) -> None:
        for lexeme, weight in weights.items():
            self.weights[lexeme] = self.weights.get(lexeme, 0) + weight

    def _stop_words(self, parts: Sequence[QueryPart]) -> str:
        """Where nothing else is left, they are looked for in titles, which are indexed with theirs."""
        some = [
            IN_TITLE + word.text
            for part in parts if not part.is_excluded
            for compound in part.compounds for word in compound.words
        ]  # fmt: skip
        self._conditions, self._phrases, self._phrase_words = [], [], []
        self._add(dict.fromkeys(some, 1.0))
        self._loose |= set(some)
        return " & ".join(map(quoted, dict.fromkeys(some)))

    def _lexemes(self, form: str) -> tuple[str, ...]:
        return self._known.get((self.config, form), ())


def _terms(readings: Sequence[_Reading]) -> dict[tuple[str, str], tuple[int | None, int, bool]]:
    """Of every lexeme its term, how many posts have it, and whether there is a list of them."""
    wanted = [(reading.config, lexeme) for reading in readings for lexeme in reading.weights]
    whole = [one for one in wanted if not one[1].endswith("*")]
    begun = [(config, lexeme[:-1]) for config, lexeme in wanted if lexeme.endswith("*")]
    found: dict[tuple[str, str], tuple[int | None, int, bool]] = {}
    with connection.cursor() as cursor:
        if whole:
            cursor.execute(TERMS, _columns(whole))
            found |= {(row[0], row[1]): row[2:] for row in cursor.fetchall()}
        if begun:
            cursor.execute(BEGINNINGS, _columns(begun))
            found |= {
                (config, f"{lexeme}*"): (None, posts, False) for config, lexeme, posts in cursor.fetchall()
            }
    return found


def _columns(some: Sequence[tuple[str, str]]) -> dict[str, list[str]]:
    configs, words = zip(*some, strict=True)
    return {"configs": list(configs), "lexemes": list(words)}
