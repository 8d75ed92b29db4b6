"""Which words differ between two wordings of one line."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, field

from approvals.diffs.alignment import align, work

WORDS = re.compile(r"\w+\s*|[^\w\s]\s*|\s+")
SENTENCE_END = re.compile(r"(?<=[.!?])\s+")

LONG = 1000
"""From this many characters, a line is first compared sentence by sentence."""
MAX_WORK = 10_000
"""Costlier stretches are shown as replaced entirely: a word diff of them would not help."""
MAX_REPEATED = 16
"""Equal words on the other side for a word, on average: in prose there are about four."""


@dataclass
class DiffBudget:
    """A budget for comparing words in one diff: two unrelated texts must not slow down a page."""

    work: int = 150_000

    def covers(self, old: Sequence[Hashable], new: Sequence[Hashable]) -> bool:
        """Whether comparing the two fits the budget; if so, its cost is deducted."""
        length = max(len(old), len(new))
        amount = work(old, new)
        if amount > MAX_REPEATED * length or amount + length > min(MAX_WORK, self.work):
            return False
        self.work -= amount + length
        return True


@dataclass(frozen=True)
class Piece:
    text: str
    is_changed: bool = False


Wordings = tuple[tuple[Piece, ...], tuple[Piece, ...]]
"""The pieces of a line before and after."""


@dataclass
class _Comparison:
    """The pieces of a line before and after."""

    old: list[Piece] = field(default_factory=list)
    new: list[Piece] = field(default_factory=list)

    def add(self, old: str, new: str, *, is_changed: bool) -> None:
        self.old.append(Piece(old, is_changed))
        self.new.append(Piece(new, is_changed))

    def replace(self, old: str, new: str) -> None:
        """Words replaced by others; trailing space of both is not part of the change."""
        bare_old, bare_new = old.rstrip(), new.rstrip()
        if not bare_old or not bare_new:
            self.add(old, new, is_changed=True)
            return
        self.add(bare_old, bare_new, is_changed=True)
        self.add(old[len(bare_old) :], new[len(bare_new) :], is_changed=False)

    @property
    def merged(self) -> Wordings:
        return _merged(self.old), _merged(self.new)


def changed_words(old: str, new: str, allowance: DiffBudget) -> Wordings:
    """The pieces of the old and of the new wording; joined, each gives its text."""
    wordings = _Comparison()
    for before, after in _stretches(old, new):
        if before == after:
            wordings.add(before, after, is_changed=False)
        else:
            _compare(before, after, wordings, allowance)
    return wordings.merged


def _compare(old: str, new: str, wordings: _Comparison, allowance: DiffBudget) -> None:
    old_words, new_words = WORDS.findall(old), WORDS.findall(new)
    # Space after a word belongs to it, but only counts as a difference if nothing else differs.
    bare_old, bare_new = [word.strip() for word in old_words], [word.strip() for word in new_words]
    if bare_old == bare_new:
        bare_old, bare_new = old_words, new_words
    if not allowance.covers(bare_old, bare_new):
        wordings.add(old, new, is_changed=True)
        return
    for is_same, i1, i2, j1, j2 in align(bare_old, bare_new):
        before, after = "".join(old_words[i1:i2]), "".join(new_words[j1:j2])
        if is_same:
            wordings.add(before, after, is_changed=False)
        else:
            wordings.replace(before, after)


def _stretches(old: str, new: str) -> list[tuple[str, str]]:
    """The line itself, or the sentences of a long one: words are compared within each."""
    if max(len(old), len(new)) < LONG:
        return [(old, new)]
    before, after = _sentences(old), _sentences(new)
    stretches: list[tuple[str, str]] = []
    for is_same, i1, i2, j1, j2 in align(before, after):
        if not is_same and i2 - i1 == j2 - j1:
            stretches += zip(before[i1:i2], after[j1:j2], strict=True)
        else:
            stretches.append(("".join(before[i1:i2]), "".join(after[j1:j2])))
    return stretches


def _sentences(line: str) -> list[str]:
    ends = [match.end() for match in SENTENCE_END.finditer(line)]
    return [line[start:end] for start, end in zip([0, *ends], [*ends, len(line)], strict=True)]


def _merged(pieces: Sequence[Piece]) -> tuple[Piece, ...]:
    merged: list[Piece] = []
    for piece in pieces:
        if not piece.text:
            continue
        if merged and merged[-1].is_changed == piece.is_changed:
            merged[-1] = Piece(merged[-1].text + piece.text, piece.is_changed)
        else:
            merged.append(piece)
    return tuple(merged)


def whole(text: str, *, is_changed: bool) -> tuple[Piece, ...]:
    return (Piece(text, is_changed),)


def similarity(words: frozenset[str], others: frozenset[str]) -> float:
    """Share of words that two lines have in common, 0 to 1."""
    return len(words & others) / (max(len(words), len(others)) or 1)


def words_of(lines: Iterable[str]) -> list[frozenset[str]]:
    return [frozenset(line.split()) for line in lines]
