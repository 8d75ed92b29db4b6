"""Words found in sanitised HTML by their letters alone, and marks put around them.

Markup, typography and spaces make no difference; citations, code, notes to editors and the marks of claims
are not part of the text.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator, Sequence
from html import unescape
from typing import NamedTuple

_TOKEN = re.compile(r"""<(?:[^<>"]|"[^"]*")*>|&[#\w]{1,32};|[^<&]+|[<&]""")
_TAG = re.compile(r"<(/?)([a-z0-9]{1,20})")
_NOT_OF_THE_TEXT = ("sup", "pre")
_NOTES = ('"not-shown"', '"desk-claim-mark')
_BETWEEN_BLOCKS = "\0"


class LetterRange(NamedTuple):
    """From one letter to the one before `end`, counted over all blocks."""

    start: int
    end: int


class TokenPlace(NamedTuple):
    block: int
    token: int
    offset: int


class _LetterRun(NamedTuple):
    """The letters and digits of one token of text."""

    first: int
    """The number of letters before it, in all blocks."""
    block: int
    token: int
    offsets: list[int]
    """Where in the token each letter stands."""
    last_width: int = 1
    """How many characters of the token its last letter takes: more in an entity."""


def letters(text: str) -> str:
    return "".join(filter(str.isalnum, text))


class MarkedText:
    """The HTML of some blocks, with what is inserted into it."""

    def __init__(self, blocks: Sequence[str]) -> None:
        self.tokens = [_TOKEN.findall(block) for block in blocks]
        self.plain, self._runs = _letters(self.tokens)
        self._firsts = [run.first for run in self._runs]
        self._insertions: dict[tuple[int, int], list[tuple[int, str]]] = defaultdict(list)

    def find(self, words: str, after: int = 0) -> LetterRange | None:
        """The first place of these words within a block; None also for words without a letter."""
        return next(self.find_all(words, after), None)

    def find_all(self, words: str, after: int = 0) -> Iterator[LetterRange]:
        wanted = letters(words)
        at = self.plain.find(wanted, after) if wanted else -1
        while at >= 0:
            yield LetterRange(at, at + len(wanted))
            at = self.plain.find(wanted, at + 1)

    def block_of(self, found: LetterRange) -> int:
        return self._runs[bisect_right(self._firsts, found.start) - 1].block

    def wrap(self, found: LetterRange, opening: str, closing: str) -> TokenPlace:
        """Put tags around these letters, in each token by itself; where they end is returned."""
        runs = self._runs[bisect_right(self._firsts, found.start) - 1 : bisect_left(self._firsts, found.end)]
        for run in runs:
            start, end = _part(run, *found)
            self.insert(run.block, run.token, start, opening)
            self.insert(run.block, run.token, end, closing)
        return TokenPlace(runs[-1].block, runs[-1].token, end)

    def insert(self, block: int, token: int, offset: int, html: str) -> None:
        self._insertions[block, token].append((offset, html))

    def html(self) -> list[str]:
        return [
            "".join(
                _with(token, self._insertions.get((block, place), ())) for place, token in enumerate(found)
            )
            for block, found in enumerate(self.tokens)
        ]


def _letters(tokens: Sequence[Sequence[str]]) -> tuple[str, list[_LetterRun]]:
    """The letters of all blocks, and where they stand. Between blocks is a character that no words have."""
    plain, runs, count = list[str](), list[_LetterRun](), 0
    for block, found in enumerate(tokens):
        left_out: list[str] = []
        for place, token in enumerate(found):
            if tag := _TAG.match(token):
                _follow(left_out, tag, token)
            elif not left_out:
                is_entity = token.startswith("&")
                text = unescape(token)[:1] if is_entity else token
                if offsets := [at for at, character in enumerate(text) if character.isalnum()]:
                    runs.append(_LetterRun(count, block, place, offsets, len(token) if is_entity else 1))
                    plain.append(letters(text))
                    count += len(offsets)
        plain.append(_BETWEEN_BLOCKS)
        count += 1
    return "".join(plain), runs


def _follow(left_out: list[str], tag: re.Match[str], token: str) -> None:
    """Keep track of elements that are not part of the text."""
    is_end, name = bool(tag[1]), tag[2]
    if is_end:
        if left_out and left_out[-1] == name:
            left_out.pop()
        return
    is_note = any(note in token for note in _NOTES)
    if (left_out and left_out[-1] == name) or name in _NOT_OF_THE_TEXT or is_note:
        left_out.append(name)


def _part(run: _LetterRun, at: int, after: int) -> tuple[int, int]:
    """What of a token belongs to the letters from `at` to `after`."""
    first, last = max(at - run.first, 0), min(after - run.first, len(run.offsets)) - 1
    return run.offsets[first], run.offsets[last] + run.last_width


def _with(token: str, insertions: Sequence[tuple[int, str]]) -> str:
    in_order = sorted(insertions, key=lambda one: one[0])  # of those at one place, the later ones stay behind
    for at, text in reversed(in_order):
        token = f"{token[:at]}{text}{token[at:]}"
    return token
