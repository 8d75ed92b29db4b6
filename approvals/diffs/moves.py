"""What became of each line: kept, reworded, moved, added or removed."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from approvals.diffs.alignment import Stretch
from approvals.diffs.word_diff import likeness, words_of

LOOK_AHEAD = 8
"""How many added lines are tried as the new wording of a removed one."""
ALIKE = 0.3
"""Share of words two lines must have in common to count as one line reworded where it stood."""
SURELY_ALIKE = 0.7
"""Enough not to look for a better one."""
MOVED_ALIKE = 0.6
"""Share for a line that was reworded and moved as well."""
MOVED_WORDS = 8
"""Fewer words are alike by chance."""
RARE = 3
"""A word in no more lines than this may say which line it is."""
HAS_WORDS = re.compile(r"\w\w")


class Change(NamedTuple):
    """What became of the line at index `old`, or where the one at `new` comes from.

    Both and no `move`: it stands where it stood, perhaps reworded. A move appears twice with its number,
    counted from 1: where the line was, and then or before `is_here`.
    """

    old: int | None
    new: int | None
    move: int = 0
    is_here: bool = False


def changes(old: Sequence[str], new: Sequence[str], stretches: Iterable[Stretch]) -> Iterator[Change]:
    """One or two changes for every line, in the order in which to show them."""
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
                yield Change(stretch.i1 + index, stretch.j1 + index)
            continue
        for before, after in next(rest).in_order():
            if before is not None and after is not None:
                yield Change(before, after)
            elif before is not None:
                there = partners.get(before)
                yield Change(before, there, number(before) if there is not None else 0)
            elif after is not None:
                here = by_new.get(after)
                yield Change(here, after, number(here) if here is not None else 0, here is not None)


class _Replaced(NamedTuple):
    """A stretch that differs, and which of its lines are new wordings of which."""

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
            found = _most_alike(words, new_words[start : start + LOOK_AHEAD])
            if found is not None:
                reworded[index] = after[start + found]
                start += found + 1
        return cls(stretch, reworded)

    def in_order(self) -> Iterator[tuple[int | None, int | None]]:
        """A line that was reworded together with its new wording, the others one by one."""
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


def _most_alike(words: frozenset[str], candidates: Sequence[frozenset[str]]) -> int | None:
    best, best_likeness = None, ALIKE
    for index, others in enumerate(candidates):
        found = likeness(words, others)
        if found > best_likeness:
            best, best_likeness = index, found
            if found >= SURELY_ALIKE:
                break
    return best


def _moved_verbatim(old: Sequence[str], new: Sequence[str], stretches: Sequence[Stretch]) -> dict[int, int]:
    """Lines taken out in one place and put in at another, where there is no doubt which is which."""
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
    """Of the lines that are left, those that stand elsewhere in almost the same words."""
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
            if j not in taken and likeness(words, new_words[j]) >= MOVED_ALIKE:
                found[i] = j
                taken.add(j)
                break
    return found
