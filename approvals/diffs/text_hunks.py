"""What changed from one body to another as hunks, each of which can be taken or refused by itself.

A hunk is about a paragraph or an item of a list: a body with some of them taken is always made of whole ones.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import NamedTuple

from approvals.diffs.alignment import align
from approvals.diffs.moves import LineChange, changes
from tasks.pipeline.text.paragraphs import Part, heading_text, parts


@dataclass(frozen=True)
class TextHunk:
    """One change. `old` is empty for what was added, `new` for what was removed."""

    id: str
    """A hash of what changes into what: the same for the same two versions, whenever they are compared."""
    field: str
    old: str
    new: str
    section: str = ""
    """The heading it stands under, in the new text."""
    is_moved: bool = False
    line: int = 0
    """Where it begins in the new body, or where it was in the old one; from 1, and 0 for other fields."""

    @property
    def kind(self) -> str:
        """moved, added, removed or changed."""
        if self.is_moved:
            return "moved"
        return "changed" if self.old and self.new else "added" if self.new else "removed"


class HunkIds:
    """Gives hunks their ids: equal changes in one comparison differ by their order."""

    def __init__(self) -> None:
        self._times: Counter[tuple[str, ...]] = Counter()

    def next(self, *change: str) -> str:
        self._times[change] += 1
        numbered = "\0".join([*change, str(self._times[change])])
        return hashlib.sha256(numbered.encode(errors="surrogatepass")).hexdigest()[:16]


class _Unit(NamedTuple):
    """What a merged body takes from one of the two: the index there."""

    is_new: bool
    at: int


class _Change(NamedTuple):
    """A paragraph that is the same in both when it has no `hunk`; else one end of a hunk, or all of it."""

    old: int | None
    new: int | None
    hunk: str = ""


class BodyComparison:
    """Two bodies, the hunks between them, and the body with some of these taken."""

    def __init__(self, old: str, new: str, ids: HunkIds | None = None) -> None:
        self.old, self.new = old, new
        self._ids = ids or HunkIds()
        self._before, self._after = parts(old, by_item=True), parts(new, by_item=True)

    @cached_property
    def hunks(self) -> list[TextHunk]:
        return list(self._compared[1].values())

    def taken(self, accepted: Collection[str]) -> str:
        """The old body with these hunks; all of them make the new one, none the old one, byte for byte."""
        every = {hunk.id for hunk in self.hunks}
        if every <= set(accepted):
            return self.new
        if not every & set(accepted):
            return self.old
        return self._joined(list(self._chosen(accepted)))

    @cached_property
    def _compared(self) -> tuple[list[_Change], dict[str, TextHunk]]:
        before, after = [part.text for part in self._before], [part.text for part in self._after]
        found: list[_Change] = []
        hunks: dict[str, TextHunk] = {}
        moved: dict[int, str] = {}
        for change in _with_replacements(list(changes(before, after, align(before, after))), before, after):
            old, new, move, _ = change
            if not move and old is not None and new is not None and before[old] == after[new]:
                found.append(_Change(old, new))
                continue
            if move not in moved:
                hunk = self._hunk(change)
                hunks[hunk.id] = hunk
                if move:
                    moved[move] = hunk.id
            hunk_id = moved[move] if move else hunk.id
            if move:
                found.append(_Change(None, new, hunk_id) if change.is_here else _Change(old, None, hunk_id))
            else:
                found.append(_Change(old, new, hunk_id))
        return found, hunks

    @cached_property
    def _sections(self) -> tuple[list[str], list[str]]:
        """For each paragraph of the new and of the old body, the heading that it stands under."""
        return _sections(self._after), _sections(self._before)

    def _hunk(self, change: LineChange) -> TextHunk:
        old = "" if change.old is None else self._before[change.old].text
        new = "" if change.new is None else self._after[change.new].text
        place = self._before[change.old or 0] if change.new is None else self._after[change.new]
        sections, index = self._sections[change.new is None], change.old if change.new is None else change.new
        return TextHunk(
            self._ids.next("body", "moved" if change.move else "", old, new),
            "body",
            old,
            new,
            section=sections[index or 0],
            is_moved=bool(change.move),
            line=place.start + 1,
        )

    def _chosen(self, accepted: Collection[str]) -> Iterator[_Unit]:
        for old, new, hunk in self._compared[0]:
            if (not hunk or hunk in accepted) and new is not None:
                yield _Unit(True, new)
            elif hunk and hunk not in accepted and old is not None:
                yield _Unit(False, old)

    def _joined(self, chosen: Sequence[_Unit]) -> str:
        same = {change.new: change.old for change in self._compared[0] if not change.hunk}
        texts = [self._part(unit).text for unit in chosen]
        gaps = [self._gap(one, next_one, same) for one, next_one in pairwise(chosen)]
        return "".join(f"{gap}{text}" for gap, text in zip(["", *gaps], texts, strict=False))

    def _gap(self, one: _Unit, following: _Unit, same: dict[int | None, int | None]) -> str:
        """What stands between the two where they are neighbours in one of the bodies; else a blank line."""
        for is_new, texts in ((True, self._after), (False, self._before)):
            first, second = (self._index_in(unit, is_new, same) for unit in (one, following))
            if first is not None and second == first + 1:
                return "\n" * (texts[second].start - texts[first].end + 1)
        are_items = self._part(one).is_item and self._part(following).is_item
        return "\n" if are_items else "\n\n"

    @staticmethod
    def _index_in(unit: _Unit, is_new: bool, same: dict[int | None, int | None]) -> int | None:
        if unit.is_new == is_new:
            return unit.at
        return same.get(unit.at) if unit.is_new else None

    def _part(self, unit: _Unit) -> Part:
        return (self._after if unit.is_new else self._before)[unit.at]


def _sections(texts: Sequence[Part]) -> list[str]:
    found, section = [], ""
    for part in texts:
        found.append(section)
        section = heading_text(part.text) or section
    return found


def _with_replacements(
    found: Sequence[LineChange], before: Sequence[str], after: Sequence[str]
) -> Iterator[LineChange]:
    """One that was removed right where one was added, and nothing else, was replaced: one hunk, not two."""
    index = 0
    while index < len(found):
        here = found[index]
        run = [here]
        while _is_alone(here) and index + len(run) < len(found) and _is_alone(found[index + len(run)]):
            run.append(found[index + len(run)])
        index += len(run)
        pair = sorted(run, key=lambda change: change.old is None) if len(run) == 2 else []
        if pair and pair[0].old is not None and pair[1].new is not None and pair[1].old is None:
            old, new = pair[0].old, pair[1].new
            if (heading_text(before[old]) is None) == (heading_text(after[new]) is None):
                yield LineChange(old, new)
                continue
        yield from run


def _is_alone(change: LineChange) -> bool:
    return not change.move and (change.old is None or change.new is None)


class HunksConflict(Exception):
    """The text was edited since where a hunk is to be taken or refused. `start` is how that part begins."""

    def __init__(self, start: str) -> None:
        super().__init__(start)
        self.start = start if len(start) <= 80 else start[:79] + "…"


def rebased(base: str, target: str, current: str) -> str:
    """The current body with the changes from `base` to `target`. Raises HunksConflict."""
    if current == base or target == current:
        return target
    if target == base:
        return current
    old, new, now = (parts(body, by_item=True) for body in (base, target, current))
    old_texts, new_texts, now_texts = ([part.text for part in side] for side in (old, new, now))
    place = {
        stretch.i1 + step: stretch.j1 + step
        for stretch in align(old_texts, now_texts)
        if stretch.is_same
        for step in range(stretch.i2 - stretch.i1)
    }
    edits = [
        (*_range_in_current(place, stretch.i1, stretch.i2, len(old), len(now), old_texts), stretch)
        for stretch in align(old_texts, new_texts)
        if not stretch.is_same
    ]
    result = [(now, index) for index in range(len(now))]
    for start, end, stretch in reversed(edits):
        result[start:end] = [(new, index) for index in range(stretch.j1, stretch.j2)]
    return _joined_parts(result)


def _range_in_current(
    place: dict[int, int], start: int, end: int, total: int, total_now: int, texts: Sequence[str]
) -> tuple[int, int]:
    """Where the paragraphs from `start` to `end` of the base stand in the current text."""
    found = [place.get(index) for index in range(start, end)]
    if found:
        first = found[0]
        if first is None or found != list(range(first, first + len(found))):
            raise HunksConflict(texts[start])
        return first, first + len(found)
    if start == 0:
        return 0, 0
    if start == total and start - 1 not in place:
        return total_now, total_now
    if start - 1 in place:
        return place[start - 1] + 1, place[start - 1] + 1
    if start in place:
        return place[start], place[start]
    raise HunksConflict(texts[start - 1])


def _joined_parts(chosen: Sequence[tuple[list[Part], int]]) -> str:
    """Parts of several bodies, each as its body and its place there."""
    joined = ""
    for (before, last), (body, index) in pairwise([([], -1), *chosen]):
        if last >= 0:
            is_next = before is body and index == last + 1
            lines = body[index].start - body[last].end + 1 if is_next else 0
            are_items = before[last].is_item and body[index].is_item
            joined += "\n" * (lines or (1 if are_items else 2))
        joined += body[index].text
    return joined
