"""Where the sentences of a source stand in its text, character by character."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence

_WORD = re.compile(r"\S+")


class PassageFinder:
    """Finds sentences in a text from which they differ by white space alone."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._plain_starts: list[int] = []
        """Where each word begins in the text with single blanks, and next to it in the text as it is."""
        self._starts: list[int] = []
        words, at = [], 0
        for match in _WORD.finditer(text):
            self._plain_starts.append(at)
            self._starts.append(match.start())
            words.append(match[0])
            at += len(match[0]) + 1
        self._plain = " ".join(words)

    def find(self, words: str) -> tuple[int, int] | None:
        """Begin and end of the first place that has these words."""
        plain = " ".join(words.split())
        at = self._plain.find(plain) if plain else -1
        return None if at < 0 else self._span(at, len(plain))

    def spans(self, sentences: Sequence[str]) -> list[tuple[int, int] | None]:
        """Of sentences in the order of the text, so that repeated ones are distinguished."""
        found: list[tuple[int, int] | None] = []
        after = 0
        for sentence in sentences:
            at = self._plain.find(sentence, after)
            found.append(None if at < 0 else self._span(at, len(sentence)))
            after = max(after, at + len(sentence))
        return found

    def _span(self, at: int, length: int) -> tuple[int, int]:
        return self._place(at), self._place(at + length - 1) + 1

    def _place(self, at: int) -> int:
        word = bisect_right(self._plain_starts, at) - 1
        return self._starts[word] + at - self._plain_starts[word]
