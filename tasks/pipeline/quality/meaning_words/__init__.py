"""Words that change what a sentence says: negators, opposites, words that exclude each other; by language.

A language without a file is not judged: `docs/howto/add-a-language.md` says what a file has to have.
"""

from __future__ import annotations

import re
import tomllib
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from tasks.pipeline.text.languages import primary_language
from tasks.pipeline.text.typography import folded

DAYS_OF_A_WEEK = 7
_MONDAY = re.compile("monday|montag|lunes|lundi|maandag|lunedì")
_DIRECTORY = Path(__file__).parent

GroupPlaces = dict[str, tuple[tuple[int, int], ...]]
"""Of a word: the groups that it is in, and its place in each."""


@dataclass(frozen=True)
class MeaningWords:
    code: str
    negators: frozenset[str]
    negative_verbs: frozenset[str]
    """They deny by themselves: "fails to load" and "does not load" say the same."""
    has_negative_concord: bool
    """Whether several negators of a clause deny it once: "no hay nada"."""
    auxiliaries: frozenset[str]
    determiners: frozenset[str]
    titles: frozenset[str]
    agents: frozenset[str]
    """What stands before the agent of a passive: "by"."""
    speech: frozenset[str]
    """Verbs that say that something was said or written."""
    works: frozenset[str]
    """Words before the title of a work, or before a term."""
    filler: frozenset[str]
    """Words that say little of what a sentence is about."""
    attribution: re.Pattern[str] | None = field(compare=False)
    weekdays: dict[str, int] = field(compare=False)
    """Monday is 0."""
    opposites: GroupPlaces = field(compare=False)
    exclusive: GroupPlaces = field(compare=False)
    phrases: dict[str, tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]] = field(compare=False)
    """By their first word, the longest first: several words, and those that they are compared as."""

    def are_opposites(self, one: str, other: str) -> bool:
        return _are_apart(self.opposites, one, other)

    def exclude_each_other(self, one: str, other: str) -> bool:
        return _are_apart(self.exclusive, one, other)

    def compared_as(self, words: list[str], place: int) -> tuple[int, tuple[str, ...]] | None:
        """The phrase that begins at a place: its length, and the words that it is compared as."""
        for phrase, instead in self.phrases.get(words[place], ()):
            if tuple(words[place : place + len(phrase)]) == phrase:
                return len(phrase), instead
        return None


@cache
def meaning_words(code: str) -> MeaningWords | None:
    """Those of a language; None where there is no file for it."""
    primary = primary_language(code)
    path = _DIRECTORY / f"{primary}.toml"
    if not (primary.isascii() and primary.isalpha() and path.is_file()):
        return None
    lists = tomllib.loads(path.read_text(encoding="utf-8"))

    def words(name: str) -> frozenset[str]:
        return frozenset(map(folded, lists.get(name, "").split()))

    return MeaningWords(
        primary,
        words("negators"),
        words("negative_verbs"),
        lists.get("concord", False),
        words("auxiliaries"),
        words("determiners"),
        words("titles"),
        words("by"),
        words("speech"),
        words("works"),
        words("filler"),
        _any_of(lists.get("attributions", ())),
        _weekdays(lists["exclusive"]),
        _places(lists["opposites"]),
        _places(lists["exclusive"]),
        _phrases(lists["phrases"]),
    )


def judged_languages() -> frozenset[str]:
    return frozenset(path.stem for path in _DIRECTORY.glob("*.toml"))


def _are_apart(places: GroupPlaces, one: str, other: str) -> bool:
    """Whether two words are in one group, at different places of it, and nowhere at the same one."""
    here, there = places.get(one, ()), places.get(other, ())
    return not set(here) & set(there) and any(
        group == other_group and place != other_place
        for group, place in here
        for other_group, other_place in there
    )


def _places(groups: Iterable[Iterable[str]]) -> GroupPlaces:
    found: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for group, alternatives in enumerate(groups):
        for place, words in enumerate(alternatives):
            for word in map(folded, words.split()):
                found[word].append((group, place))
    return {word: tuple(places) for word, places in found.items()}


def _weekdays(groups: Iterable[list[str]]) -> dict[str, int]:
    """The group of seven; the lists begin it with Monday."""
    week = next(group for group in groups if len(group) == DAYS_OF_A_WEEK and _MONDAY.match(group[0]))
    return {folded(word): day for day, names in enumerate(week) for word in names.split()}


def _phrases(
    rows: Iterable[tuple[str, str]],
) -> dict[str, tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]]:
    found: dict[str, list[tuple[tuple[str, ...], tuple[str, ...]]]] = defaultdict(list)
    for written, instead in rows:
        phrase = tuple(folded(written).split())
        found[phrase[0]].append((phrase, tuple(folded(instead).split())))
    return {word: tuple(sorted(held, key=lambda row: -len(row[0]))) for word, held in found.items()}


def _any_of(phrases: Iterable[str]) -> re.Pattern[str] | None:
    written = "|".join(map(re.escape, sorted(phrases, key=len, reverse=True)))
    return re.compile(rf"(?<!\w)(?:{written})(?!\w)", re.IGNORECASE) if written else None
