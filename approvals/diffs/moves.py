"""Classifies lines as unchanged, reworded, moved, added or removed."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from approvals.diffs.alignment import Stretch
from approvals.diffs.word_diff import similarity, words_of

LOOK_AHEAD = 8
"""How many added lines are tried as the new wording of a removed one."""
MIN_SIMILARITY = 0.3
"""Share of words that two lines must have in common to count as one line, reworded in place."""
CERTAINLY_SIMILAR = 0.7
"""High enough to stop looking for a better match."""
MIN_MOVED_SIMILARITY = 0.6
"""The share for a line that was reworded and moved."""
MOVED_WORDS = 8
"""Lines with fewer words match by chance."""
RARE = 3
"""A word in at most this many lines may identify a line."""
HAS_WORDS = re.compile(r"\w\w")


class LineChange(NamedTuple):
    """What happened to the line at index `old`, or where the one at `new` comes from.

    Both and no `move`: it stayed in place, perhaps reworded. A move appears twice with its number, counted
    from 1: where the line was, and where it is now (`is_here`).
    """

    old: int | None
    new: int | None
    move: int = 0
    is_here: bool = False


def changes(old: Sequence[str], new: Sequence[str], stretches: Iterable[Stretch]) -> Iterator[LineChange]:
    """One or two changes for every line, in display order."""
    stretches = list(stretches)
    partners = _moved_verbatim(old, new, stretches)
    replaced = [_Replaced.of(stretch, old, new, partners) for stretch in stretches if not stretch.is_same]
    partners |= _moved_reworded(old, new, replaced, partners)
    numbers: dict[int, int] = {}
    by_new = {there: here for here, there in partners.items()}

    def number(index: int) -> int:
        return numbers.setdefault(index, len(numbers) + 1)

    rest = iter(replaced)
    for stretch in stretches:
        if stretch.is_same:
            for index in range(stretch.i2 - stretch.i1):
                yield LineChange(stretch.i1 + index, stretch.j1 + index)
            continue
        for before, after in next(rest).in_order():
            if before is not None and after is not None:
                yield LineChange(before, after)
            elif before is not None:
                there = partners.get(before)
                yield LineChange(before, there, number(before) if there is not None else 0)
            elif after is not None:
                here = by_new.get(after)
                yield LineChange(here, after, number(here) if here is not None else 0, here is not None)


class _Replaced(NamedTuple):
    """A stretch that differs, and which of its lines were reworded to which."""

    stretch: Stretch
    reworded: dict[int, int]

    @classmethod
    def of(cls, stretch: Stretch, old: Sequence[str], new: Sequence[str], moved: dict[int, int]) -> _Replaced:
        arrived = set(moved.values())
        before = [index for index in range(stretch.i1, stretch.i2) if index not in moved]
        after = [index for index in range(stretch.j1, stretch.j2) if index not in arrived]
        old_words, new_words = words_of(old[i] for i in before), words_of(new[j] for j in after)
        reworded: dict[int, int] = {}
        start = 0
        for index, words in zip(before, old_words, strict=True):
            found = _most_similar(words, new_words[start : start + LOOK_AHEAD])
            if found is not None:
                reworded[index] = after[start + found]
                start += found + 1
        return cls(stretch, reworded)

    def in_order(self) -> Iterator[tuple[int | None, int | None]]:
        """Each reworded line together with its new wording, the others one by one."""
        next_new = self.stretch.j1
        for index in range(self.stretch.i1, self.stretch.i2):
            found = self.reworded.get(index)
            if found is None:
                yield index, None
                continue
            for added in range(next_new, found):
                yield None, added
            yield index, found
            next_new = found + 1
        for added in range(next_new, self.stretch.j2):
            yield None, added


def _most_similar(words: frozenset[str], candidates: Sequence[frozenset[str]]) -> int | None:
    best, best_similarity = None, MIN_SIMILARITY
    for index, others in enumerate(candidates):
        found = similarity(words, others)
        if found > best_similarity:
            best, best_similarity = index, found
            if found >= CERTAINLY_SIMILAR:
                break
    return best


def _moved_verbatim(old: Sequence[str], new: Sequence[str], stretches: Sequence[Stretch]) -> dict[int, int]:
    """Lines removed in one place and added in another, where the match is unambiguous."""
    gone = [i for stretch in stretches if not stretch.is_same for i in range(stretch.i1, stretch.i2)]
    come = [j for stretch in stretches if not stretch.is_same for j in range(stretch.j1, stretch.j2)]
    times_gone, times_come = Counter(old[i] for i in gone), Counter(new[j] for j in come)
    place = {new[j]: j for j in come if times_come[new[j]] == 1}
    return {
        i: place[old[i]]
        for i in gone
        if times_gone[old[i]] == 1 and old[i] in place and HAS_WORDS.search(old[i])
    }


def _moved_reworded(
    old: Sequence[str], new: Sequence[str], replaced: Sequence[_Replaced], moved: Mapping[int, int]
) -> dict[int, int]:
    """Of the remaining lines, those that were moved and slightly reworded."""
    gone, come = [], []
    taken = set(moved.values())
    for stretch, reworded in replaced:
        taken |= set(reworded.values())
        gone += [i for i in range(stretch.i1, stretch.i2) if i not in reworded and i not in moved]
        come += [j for j in range(stretch.j1, stretch.j2) if j not in taken]
    new_words = dict(zip(come, words_of(new[j] for j in come), strict=True))
    lines_with: dict[str, list[int]] = defaultdict(list)
    for j, words in new_words.items():
        if len(words) >= MOVED_WORDS:
            for word in words:
                lines_with[word].append(j)
    found: dict[int, int] = {}
    for i, words in zip(gone, words_of(old[i] for i in gone), strict=True):
        lines = [lines_with[word] for word in words if word in lines_with]
        votes = Counter(j for rare in lines if len(rare) <= RARE for j in rare)
        for j, _ in votes.most_common(2):
            if j not in taken and similarity(words, new_words[j]) >= MIN_MOVED_SIMILARITY:
                found[i] = j
                taken.add(j)
                break
    return found
