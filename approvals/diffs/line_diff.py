"""What changed between two texts: lines first, then the words inside lines that changed.

A word diff of a whole text takes seconds at 50 KB; in this order it takes milliseconds. A line that moved is
shown as moved: as removed and added it would have to be read twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from approvals.diffs.alignment import align
from approvals.diffs.moves import LineChange, changes
from approvals.diffs.word_diff import DiffBudget, Piece, Wordings, changed_words, whole

__all__ = ["ChangeKind", "FieldDiff", "Line", "Piece", "diff_content", "diff_text", "hunks", "moved_lines"]


class ChangeKind(StrEnum):
    SAME = " "
    ADDED = "+"
    REMOVED = "-"
    MOVED_AWAY = "«"
    MOVED_HERE = "»"
    FOLDED = "…"


OLD = frozenset({ChangeKind.SAME, ChangeKind.REMOVED, ChangeKind.MOVED_AWAY})
"""The kinds of lines that the old text has."""
NEW = frozenset({ChangeKind.SAME, ChangeKind.ADDED, ChangeKind.MOVED_HERE})


@dataclass(frozen=True)
class Line:
    """One line of a diff. A folded line represents `count` unchanged ones.

    Both ends of a move have the same number `move`, counted from 1. An empty piece that is changed means a
    blank line that was added or removed by itself.
    """

    kind: ChangeKind
    pieces: tuple[Piece, ...] = ()
    count: int = 0
    move: int = 0

    @property
    def text(self) -> str:
        return "".join(piece.text for piece in self.pieces)


@dataclass(frozen=True)
class FieldDiff:
    name: str
    lines: list[Line]


@dataclass(frozen=True)
class Hunk:
    """A run of changed lines with context; lines are counted from 1, as `diff` does."""

    old_start: int
    new_start: int
    lines: list[Line]


def diff_content(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[FieldDiff]:
    """The fields that differ, in the order of `new`, each with the diff of its text."""
    return [
        FieldDiff(name, diff_text(as_text(old[name]), as_text(new[name])))
        for name in new
        if old[name] != new[name]
    ]


def diff_text(old: str, new: str, *, context: int = 2) -> list[Line]:
    """All changed lines in order, with `context` unchanged lines around each change."""
    return _folded(_Diff(_Lines.of(old), _Lines.of(new)).lines(), context)


def hunks(lines: Sequence[Line]) -> list[Hunk]:
    """The same lines, split where unchanged ones are folded."""
    found: list[Hunk] = []
    old = new = 1
    is_open = False
    for line in lines:
        if line.kind is ChangeKind.FOLDED:
            old, new, is_open = old + line.count, new + line.count, False
            continue
        if not is_open:
            found.append(Hunk(old, new, []))
            is_open = True
        found[-1].lines.append(line)
        old, new = old + (line.kind in OLD), new + (line.kind in NEW)
    return found


@dataclass(frozen=True)
class MovedLine:
    """A line that moved; lines are counted from 1. `text` is its current wording."""

    move: int
    text: str
    old_line: int
    new_line: int


def moved_lines(lines: Sequence[Line]) -> list[MovedLine]:
    """The moved lines, by number."""
    ends: dict[int, dict[str, Any]] = {}
    old = new = 1
    for line in lines:
        if line.kind is ChangeKind.MOVED_AWAY:
            ends.setdefault(line.move, {})["old_line"] = old
        elif line.kind is ChangeKind.MOVED_HERE:
            ends.setdefault(line.move, {}).update(new_line=new, text=line.text)
        count = line.count if line.kind is ChangeKind.FOLDED else 1
        old += count * (line.kind in OLD or line.kind is ChangeKind.FOLDED)
        new += count * (line.kind in NEW or line.kind is ChangeKind.FOLDED)
    return [MovedLine(number, **ends[number]) for number in sorted(ends)]


def as_text(value: Any) -> str:
    """A field's value as lines that can be compared."""
    if isinstance(value, str):
        return value
    if isinstance(value, Mapping):
        return " · ".join(f"{name}: {part}" for name, part in value.items() if part not in ("", None))
    if isinstance(value, Iterable):
        return "\n".join(as_text(item) for item in value)
    return str(value)


@dataclass(frozen=True)
class _Lines:
    """The lines that have words, and how many blank ones follow each."""

    texts: list[str]
    blanks_after: list[int]
    blanks_first: int

    @classmethod
    def of(cls, text: str) -> _Lines:
        texts: list[str] = []
        blanks = [0]
        for line in text.split("\n") if text else []:
            if line and not line.isspace():
                texts.append(line)
                blanks.append(0)
            else:
                blanks[-1] += 1
        return cls(texts, blanks[1:], blanks[0])


@dataclass
class _Diff:
    """Two texts, and the state of writing down their differences."""

    before: _Lines
    after: _Lines
    allowance: DiffBudget = field(default_factory=DiffBudget)
    moved: dict[int, Wordings] = field(default_factory=dict)

    def lines(self) -> list[Line]:
        old, new = self.before.texts, self.after.texts
        lines = _gap(self.before.blanks_first, self.after.blanks_first, is_marked=False)
        for change in changes(old, new, align(old, new)):
            lines += self._shown(change)
        return lines

    def _shown(self, change: LineChange) -> list[Line]:
        old, new = change.old, change.new
        if new is None:
            return [] if old is None else self._alone(ChangeKind.REMOVED, self.before, old)
        if old is None:
            return self._alone(ChangeKind.ADDED, self.after, new)
        if change.move:
            return self._one_end(change, old, new)
        is_end = old == len(self.before.texts) - 1 or new == len(self.after.texts) - 1
        gap = _gap(self.before.blanks_after[old], self.after.blanks_after[new], is_marked=not is_end)
        if self.before.texts[old] == self.after.texts[new]:
            return [Line(ChangeKind.SAME, whole(self.before.texts[old], is_changed=False)), *gap]
        was, is_now = self._words(old, new)
        return [Line(ChangeKind.REMOVED, was), Line(ChangeKind.ADDED, is_now), *gap]

    def _one_end(self, change: LineChange, old: int, new: int) -> list[Line]:
        if change.move not in self.moved:
            self.moved[change.move] = self._words(old, new)
        was, is_now = self.moved[change.move]
        if change.is_here:
            blanks = self.after.blanks_after[new]
            return [Line(ChangeKind.MOVED_HERE, is_now, move=change.move), *blanks * [Line(ChangeKind.ADDED)]]
        blanks = self.before.blanks_after[old]
        return [Line(ChangeKind.MOVED_AWAY, was, move=change.move), *blanks * [Line(ChangeKind.REMOVED)]]

    def _alone(self, kind: ChangeKind, side: _Lines, index: int) -> list[Line]:
        line = Line(kind, whole(side.texts[index], is_changed=True))
        return [line, *side.blanks_after[index] * [Line(kind)]]

    def _words(self, old: int, new: int) -> Wordings:
        return changed_words(self.before.texts[old], self.after.texts[new], self.allowance)


def _gap(old: int, new: int, *, is_marked: bool) -> list[Line]:
    """Blank lines after a line that both texts have; at the end of a text they are not marked."""
    blank = whole("", is_changed=True) if is_marked else ()
    lines = min(old, new) * [Line(ChangeKind.SAME)]
    return (
        lines
        + (old - new) * [Line(ChangeKind.REMOVED, blank)]
        + (new - old) * [Line(ChangeKind.ADDED, blank)]
    )


def _folded(lines: Sequence[Line], context: int) -> list[Line]:
    """Replace unchanged lines further than `context` from a change by one line that counts them."""
    near = {
        position
        for index, line in enumerate(lines)
        if line.kind is not ChangeKind.SAME
        for position in range(index - context, index + context + 1)
    }
    folded: list[Line] = []
    for index, line in enumerate(lines):
        if index in near:
            folded.append(line)
        elif folded and folded[-1].kind is ChangeKind.FOLDED:
            folded[-1] = Line(ChangeKind.FOLDED, count=folded[-1].count + 1)
        else:
            folded.append(Line(ChangeKind.FOLDED, count=1))
    return folded
