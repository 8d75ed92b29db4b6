"""Aligns two sequences in bounded time."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Hashable, Iterator, Sequence
from difflib import SequenceMatcher
from typing import NamedTuple

MAX_WORK = 40_000
"""Pairs of equal items up to which everything is compared; beyond, only between items that occur once."""
MAX_DEPTH = 4


class Stretch(NamedTuple):
    """`old[i1:i2]` corresponds to `new[j1:j2]`; one of the two may be empty."""

    is_same: bool
    i1: int
    i2: int
    j1: int
    j2: int


def align(old: Sequence[Hashable], new: Sequence[Hashable]) -> list[Stretch]:
    """Both sequences, in order and complete, as stretches that are equal and stretches that differ."""
    return list(_merged(_aligned(old, new, 0, len(old), 0, len(new), 0)))


def work(old: Sequence[Hashable], new: Sequence[Hashable]) -> int:
    """The number of pairs of equal items: the cost of comparing the two."""
    times = Counter(new)
    return sum(times[item] for item in old)


def _aligned(
    old: Sequence[Hashable], new: Sequence[Hashable], i1: int, i2: int, j1: int, j2: int, depth: int
) -> Iterator[Stretch]:
    start = 0
    while i1 + start < i2 and j1 + start < j2 and old[i1 + start] == new[j1 + start]:
        start += 1
    yield Stretch(True, i1, i1 + start, j1, j1 + start)
    i1, j1 = i1 + start, j1 + start
    end = 0
    while i2 - end > i1 and j2 - end > j1 and old[i2 - end - 1] == new[j2 - end - 1]:
        end += 1
    yield from _inner(old, new, i1, i2 - end, j1, j2 - end, depth)
    yield Stretch(True, i2 - end, i2, j2 - end, j2)


def _inner(
    old: Sequence[Hashable], new: Sequence[Hashable], i1: int, i2: int, j1: int, j2: int, depth: int
) -> Iterator[Stretch]:
    before, after = old[i1:i2], new[j1:j2]
    if not before or not after:
        yield Stretch(False, i1, i2, j1, j2)
    elif work(before, after) <= MAX_WORK:
        for tag, a1, a2, b1, b2 in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
            yield Stretch(tag == "equal", i1 + a1, i1 + a2, j1 + b1, j1 + b2)
    else:
        i, j = i1, j1
        for at_old, at_new in _landmarks(before, after) if depth < MAX_DEPTH else []:
            yield from _aligned(old, new, i, i1 + at_old, j, j1 + at_new, depth + 1)
            i, j = i1 + at_old, j1 + at_new
        if (i, j) == (i1, j1):
            yield Stretch(False, i1, i2, j1, j2)
        else:
            yield from _aligned(old, new, i, i2, j, j2, depth + 1)


def _landmarks(old: Sequence[Hashable], new: Sequence[Hashable]) -> list[tuple[int, int]]:
    """Positions of items that each side has exactly once: the longest run in the same order in both."""
    in_old, in_new = Counter(old), Counter(new)
    place = {item: index for index, item in enumerate(new) if in_new[item] == 1}
    pairs = [(index, place[item]) for index, item in enumerate(old) if in_old[item] == 1 and item in place]
    # The longest increasing run of places in `new`: `tails` holds, for each length, the pair it ends with.
    lowest: list[int] = []
    tails: list[int] = []
    before: list[int] = []
    for index, (_, at_new) in enumerate(pairs):
        length = bisect_left(lowest, at_new)
        lowest[length : length + 1], tails[length : length + 1] = [at_new], [index]
        before.append(tails[length - 1] if length else -1)
    run = []
    index = tails[-1] if tails else -1
    while index >= 0:
        run.append(pairs[index])
        index = before[index]
    return run[::-1]


def _merged(stretches: Iterator[Stretch]) -> Iterator[Stretch]:
    """Drops empty stretches, and joins neighbours of one kind."""
    last: Stretch | None = None
    for stretch in stretches:
        if stretch.i1 == stretch.i2 and stretch.j1 == stretch.j2:
            continue
        if last is not None and last.is_same == stretch.is_same:
            last = Stretch(last.is_same, last.i1, stretch.i2, last.j1, stretch.j2)
            continue
        if last is not None:
            yield last
        last = stretch
    if last is not None:
        yield last
