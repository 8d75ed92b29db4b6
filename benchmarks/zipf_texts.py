"""Texts to measure search with: made-up words, whose frequencies follow those of a language.

The n-th word is 1/n as frequent as the first, so that there are rare words, common and very common ones.
"""

from __future__ import annotations

import random
from itertools import accumulate
from typing import Any

VOCABULARY, WORDS = 40_000, 700
ONSETS = (
    "b", "c", "d", "f", "g", "h", "j", "k", "l", "m", "n", "p", "r", "s", "t", "v", "w", "z",
    "br", "cl", "dr", "fl", "gr", "pl", "pr", "sk", "sp", "st", "tr", "th",
)  # fmt: skip
VOWELS = ["a", "e", "i", "o", "u", "ai", "ea", "ou"]
ENDS = ["", "", "n", "r", "l", "s", "t", "nd", "rk", "m"]
GROUPS = ["City", "Water", "Energy", "Housing", "Health", "Work"]


class ZipfTexts:
    """Generated texts; the same number gives the same text."""

    def __init__(self) -> None:
        chance = random.Random("vocabulary")
        words: dict[str, None] = {}
        while len(words) < VOCABULARY:
            # Common words are short.
            syllables = 2 + (len(words) > 200) + (len(words) > 8000)
            words["".join(_syllable(chance) for _ in range(syllables))] = None
        self.words = list(words)
        self._weights = list(accumulate(1 / rank for rank in range(1, VOCABULARY + 1)))

    def content(self, number: int) -> dict[str, Any]:
        """The draft's fields that it has; the others are empty."""
        chance = random.Random(number)
        title = " ".join(self._some(chance, 7)).capitalize()
        sections = [
            f"## {' '.join(self._some(chance, 3)).capitalize()}\n\n{self._sentences(chance, WORDS // 4)}"
            for _ in range(4)
        ]
        return {
            "title": title,
            "slug": f"seeded-{number}",
            "summary": self._sentences(chance, 24),
            "body": "\n\n".join(sections),
            "category": GROUPS[number % len(GROUPS)],
            "tags": sorted({word.capitalize() for word in chance.sample(self.words[:60], 3)}),
        }

    def _some(self, chance: random.Random, amount: int) -> list[str]:
        return chance.choices(self.words, cum_weights=self._weights, k=amount)

    def _sentences(self, chance: random.Random, amount: int) -> str:
        words = self._some(chance, amount)
        parts = [words[start : start + 12] for start in range(0, amount, 12)]
        return " ".join(f"{' '.join(part).capitalize()}." for part in parts)


def _syllable(chance: random.Random) -> str:
    return chance.choice(ONSETS) + chance.choice(VOWELS) + chance.choice(ENDS)
