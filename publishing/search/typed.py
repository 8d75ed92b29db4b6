"""A query as it was typed: its words, phrases and exclusions, before any language reads it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from publishing.search.normalization import clean
from publishing.search.words import Compound, compounds

MAX_QUERY_CHARACTERS = 2000
MAX_QUERY_WORDS = 64
MAX_EXCLUSIONS = 12
LOOSE_WORDS = 4
"""With more words outside of it, a phrase is a preference and no condition: quotes within a sentence."""

TYPOGRAPHIC_QUOTES = str.maketrans(dict.fromkeys("“”„‟«»「」『』〝〞", '"'))
TYPED = re.compile(r'(?P<not>(?<!\S)-(?=["\w]))?(?:"(?P<phrase>[^"]*)"?|(?P<text>[^\s"]+))')
NEGATIVE_NUMBER = re.compile(r"\d+(?:[.,]\d|%)")


@dataclass(frozen=True)
class QueryPart:
    """A word or a phrase of what was typed."""

    compounds: tuple[Compound, ...]
    is_phrase: bool = False
    is_excluded: bool = False


def has_quotes(text: str) -> bool:
    """Whether the query has a phrase that a post is required to have."""
    branches = branches_of(text)
    return any(part.is_phrase and not part.is_excluded for branch in branches for part in branch)


def branches_of(text: str) -> list[list[QueryPart]]:
    """What was typed, divided at each OR. Of more words than are looked for, the first ones."""
    text = clean(text[:MAX_QUERY_CHARACTERS].translate(TYPOGRAPHIC_QUOTES))[:MAX_QUERY_CHARACTERS]
    branches: list[list[QueryPart]] = [[]]
    words = exclusions = 0
    for found in TYPED.finditer(text):
        if found["text"] == "OR" and not found["not"]:
            if branches[-1]:
                branches.append([])
            continue
        typed = found["phrase"] if found["phrase"] is not None else found["text"]
        # “-5.5 %” is a number, and no exclusion.
        is_excluded = bool(found["not"]) and not (found["text"] and NEGATIVE_NUMBER.match(typed))
        some = tuple(compound for _, compound in compounds(typed))
        length = sum(len(compound.words) for compound in some)
        exclusions += is_excluded
        if not some or exclusions > MAX_EXCLUSIONS or words + length > 2 * MAX_QUERY_WORDS:
            continue
        words += length
        branches[-1].append(QueryPart(some, found["phrase"] is not None and length > 1, is_excluded))
    if len(branches) > 1 and not branches[-1]:
        branches.pop()
    return branches if len(branches) > 1 else [_with_preferences(branches[0])]


def _with_preferences(parts: list[QueryPart]) -> list[QueryPart]:
    loose = sum(len(part.compounds) for part in parts if not part.is_phrase and not part.is_excluded)
    if loose <= LOOSE_WORDS:
        return parts
    return [
        single
        for part in parts
        for single in (
            [QueryPart((compound,)) for compound in part.compounds]
            if part.is_phrase and not part.is_excluded
            else [part]
        )
    ]


def loose(branch: Iterable[QueryPart]) -> list[Compound]:
    return [
        compound
        for part in branch
        if not part.is_phrase and not part.is_excluded
        for compound in part.compounds
    ]


def spellings(some: Iterable[Compound]) -> Iterator[str]:
    for compound in some:
        yield from compound.joined
        for word in compound.words:
            yield word.text
            yield from word.forms
