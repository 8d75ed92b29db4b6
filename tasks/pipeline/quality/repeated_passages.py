"""Passages of a draft that say the same again: alike by their runs of three words, in every script."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

from tasks.pipeline.quality.comparable_words import is_spaceless
from tasks.pipeline.text.typography import folded
from tasks.pipeline.text.words import WORD

SHINGLE = 3
CHARACTERS_A_SHINGLE = 5
MOST_ALIKE = 40
"""A run of words in so many passages is a phrase of the text, and says nothing about any two of them."""


@dataclass(frozen=True)
class Repetition:
    first: int
    second: int
    resemblance: float


def shingles(text: str, size: int = SHINGLE) -> frozenset[str]:
    """The runs of so many words; of characters, in scripts without blanks between words."""
    if not text.isascii() and is_spaceless(text):
        letters = "".join(WORD.findall(folded(text)))
        width = CHARACTERS_A_SHINGLE
        return frozenset(letters[place : place + width] for place in range(max(1, len(letters) - width + 1)))
    words = WORD.findall(text.lower() if text.isascii() else folded(text))
    if len(words) <= size:
        return frozenset([" ".join(words)])
    return frozenset(map(" ".join, zip(*(words[place:] for place in range(size)), strict=False)))


def repetitions(texts: Sequence[str], least: float, size: int = SHINGLE) -> list[Repetition]:
    """Pairs whose shingles' Jaccard index is `least` or more, each passage with the first it repeats."""
    of_each = [shingles(text, size) for text in texts]
    places: dict[str, list[int]] = defaultdict(list)
    found = []
    for second, own in enumerate(of_each):
        there = [before for shingle in own if len(before := places[shingle]) <= MOST_ALIKE]
        shared = Counter(chain.from_iterable(there))
        for earlier in there:
            earlier.append(second)
        for first, count in sorted(shared.items()):
            alike = count / (len(own) + len(of_each[first]) - count)
            if alike >= least:
                found.append(Repetition(first, second, alike))
                break
    return found
