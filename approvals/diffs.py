"""What changed between two texts: lines first, then the words inside lines that changed.

A word diff of a whole text takes seconds at 50 KB; in this order it takes milliseconds.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from itertools import takewhile
from typing import Any

WORDS = re.compile(r"\s+|\w+|[^\w\s]")
SENTENCE_END = re.compile(r"(?<=[.!?])\s+")

LOOK_AHEAD = 8
"""How many added lines are tried as the new wording of a removed one."""
ALIKE = 0.3
"""Share of words two lines must have in common to count as one line reworded."""
MANY_WORDS = 400
"""Longer stretches are shown as replaced whole: comparing their words costs more than it tells."""


class Sign(StrEnum):
    SAME = " "
    ADDED = "+"
    REMOVED = "-"
    FOLDED = "…"


@dataclass(frozen=True)
class Piece:
    text: str
    is_changed: bool = False


@dataclass(frozen=True)
class Line:
    """One line of a diff. A folded line stands for `count` unchanged ones."""

    sign: Sign
    pieces: tuple[Piece, ...] = ()
    count: int = 0

    @property
    def text(self) -> str:
        return "".join(piece.text for piece in self.pieces)


@dataclass(frozen=True)
class FieldDiff:
    name: str
    lines: list[Line]


def diff_content(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[FieldDiff]:
    """The fields that differ, in the order of `new`, each with the diff of its text."""
    return [
        FieldDiff(name, diff_text(_as_text(old[name]), _as_text(new[name])))
        for name in new
        if old[name] != new[name]
    ]


def diff_text(old: str, new: str, *, context: int = 2) -> list[Line]:
    """All changed lines in order, with `context` unchanged lines around each change."""
    before, after = old.splitlines(), new.splitlines()
    lines: list[Line] = []
    for tag, i1, i2, j1, j2 in _opcodes(before, after):
        if tag == "equal":
            lines += _whole(Sign.SAME, before[i1:i2])
        else:
            lines += _replaced(before[i1:i2], after[j1:j2])
    return _folded(lines, context)


def _as_text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, Mapping):
        return " · ".join(f"{name}: {part}" for name, part in value.items() if part not in ("", None))
    if isinstance(value, Iterable):
        return "\n".join(_as_text(item) for item in value)
    return str(value)


def _opcodes(old: Sequence[str], new: Sequence[str]) -> list[tuple[str, int, int, int, int]]:
    """difflib's opcodes, computed only for what lies between the common beginning and the common end."""
    start = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(old, new, strict=False)))
    tails = zip(reversed(old[start:]), reversed(new[start:]), strict=False)
    end = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], tails))
    old_end, new_end = len(old) - end, len(new) - end
    inner = SequenceMatcher(None, old[start:old_end], new[start:new_end]).get_opcodes()
    codes = [("equal", 0, start, 0, start)] if start else []
    codes += [(tag, i1 + start, i2 + start, j1 + start, j2 + start) for tag, i1, i2, j1, j2 in inner]
    return codes + ([("equal", old_end, len(old), new_end, len(new))] if end else [])


def _replaced(old: Sequence[str], new: Sequence[str]) -> list[Line]:
    """Removed and added lines; a line that was reworded stands right before its new wording."""
    lines: list[Line] = []
    next_new = 0
    for removed in old:
        found = _reworded(removed, new[next_new : next_new + LOOK_AHEAD])
        if found is None:
            lines += _whole(Sign.REMOVED, [removed])
            continue
        lines += _whole(Sign.ADDED, new[next_new : next_new + found])
        lines += _words(removed, new[next_new + found])
        next_new += found + 1
    return lines + _whole(Sign.ADDED, new[next_new:])


def _reworded(removed: str, candidates: Sequence[str]) -> int | None:
    """Index of the candidate most like `removed`, or None when none is."""
    words = set(removed.split())
    best, best_likeness = None, ALIKE
    for index, candidate in enumerate(candidates):
        others = set(candidate.split())
        likeness = len(words & others) / (max(len(words), len(others)) or 1)
        if likeness > best_likeness:
            best, best_likeness = index, likeness
    return best


def _words(old: str, new: str) -> list[Line]:
    """Two lines, removed and added, in which only the words that differ are marked."""
    removed: list[Piece] = []
    added: list[Piece] = []
    for before, after in _stretches(old, new):
        if before == after:
            removed.append(Piece(before))
            added.append(Piece(after))
            continue
        old_words, new_words = WORDS.findall(before), WORDS.findall(after)
        if max(len(old_words), len(new_words)) > MANY_WORDS:
            removed.append(Piece(before, True))
            added.append(Piece(after, True))
            continue
        for tag, i1, i2, j1, j2 in _opcodes(old_words, new_words):
            removed.append(Piece("".join(old_words[i1:i2]), tag != "equal"))
            added.append(Piece("".join(new_words[j1:j2]), tag != "equal"))
    return [Line(Sign.REMOVED, _merged(removed)), Line(Sign.ADDED, _merged(added))]


def _stretches(old: str, new: str) -> list[tuple[str, str]]:
    """The line itself, or its sentences when it is a long paragraph: words are compared within each."""
    if max(len(old), len(new)) < 1000:
        return [(old, new)]
    before, after = _sentences(old), _sentences(new)
    return [("".join(before[i1:i2]), "".join(after[j1:j2])) for _, i1, i2, j1, j2 in _opcodes(before, after)]


def _sentences(line: str) -> list[str]:
    ends = [match.end() for match in SENTENCE_END.finditer(line)]
    return [line[start:end] for start, end in zip([0, *ends], [*ends, len(line)], strict=True)]


def _merged(pieces: Iterable[Piece]) -> tuple[Piece, ...]:
    merged: list[Piece] = []
    for piece in pieces:
        if not piece.text:
            continue
        if merged and merged[-1].is_changed == piece.is_changed:
            merged[-1] = Piece(merged[-1].text + piece.text, piece.is_changed)
        else:
            merged.append(piece)
    return tuple(merged)


def _whole(sign: Sign, lines: Iterable[str]) -> list[Line]:
    return [Line(sign, (Piece(line, sign is not Sign.SAME),)) for line in lines]


def _folded(lines: Sequence[Line], context: int) -> list[Line]:
    """Replace unchanged lines further than `context` from a change by one line that counts them."""
    near = {
        position
        for index, line in enumerate(lines)
        if line.sign is not Sign.SAME
        for position in range(index - context, index + context + 1)
    }
    folded: list[Line] = []
    for index, line in enumerate(lines):
        if index in near:
            folded.append(line)
        elif folded and folded[-1].sign is Sign.FOLDED:
            folded[-1] = Line(Sign.FOLDED, count=folded[-1].count + 1)
        else:
            folded.append(Line(Sign.FOLDED, count=1))
    return folded
