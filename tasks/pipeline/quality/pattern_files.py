"""Patterns of wordings in many languages, from the files in patterns/.

A line is a regular expression, and goes on in the next line if that begins with two blanks. Lines between
blank lines are one group, which is looked for only near the words after `when:`, if the text has one of them.
`let NAME = …` names a part, for `@NAME@` in the lines below. `#` begins a comment.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tasks.pipeline.quality.reader_text import Find, ReaderText

REACH = 600
"""Characters around a word of a group, within which all that its pattern needs is looked for."""
FOLDER = Path(__file__).with_name("patterns")


@dataclass(frozen=True)
class PatternGroup:
    when: tuple[str, ...]
    """In small letters; none: always."""
    pattern: re.Pattern[str]

    def search(self, text: str) -> re.Match[str] | None:
        """The first match in a short text."""
        if self.when:
            small = text.lower()
            if not any(word in small for word in self.when):
                return None
        return self.pattern.search(text)

    def may_match(self, text: ReaderText) -> bool:
        """Whether there is a match near a word of the group: the whole text takes far longer."""
        if not self.when:
            return True
        prose, small = text.prose, text.in_small_letters
        if len(small) != len(prose):
            # Few capitals have two characters for a small letter: places differ.
            return any(word in small for word in self.when)
        return any(self.pattern.search(prose, start, end) for start, end in _around(self.when, small))


def finds_of(name: str, text: ReaderText) -> Iterator[Find]:
    """What the patterns of a file match in a text, group by group."""
    for group in pattern_groups(name):
        if group.may_match(text):
            yield from text.finds(group.pattern)


def _around(words: tuple[str, ...], small: str) -> Iterator[tuple[int, int]]:
    """Where the words are, with what is around them; parts that overlap are one."""
    places = sorted(place for word in words for place in _places(word, small))
    start = end = 0
    for place in places:
        if place - REACH > end:
            if end:
                yield start, end
            start = place - REACH
        end = place + REACH
    if end:
        yield start, end


def _places(word: str, text: str) -> Iterator[int]:
    """Where a word begins, from the first place on."""
    place = text.find(word)
    while place >= 0:
        yield place
        place = text.find(word, place + len(word))


@cache
def pattern_groups(name: str) -> tuple[PatternGroup, ...]:
    content = (FOLDER / f"{name}.txt").read_text(encoding="utf-8").replace("\n  ", "")
    parts: dict[str, str] = {}
    groups = []
    for block in content.split("\n\n"):
        when: tuple[str, ...] = ()
        lines = []
        for line in block.split("\n"):
            if line.startswith("let "):
                key, _, value = line.removeprefix("let ").partition(" = ")
                parts[f"@{key}@"] = value
            elif line.startswith("when: "):
                when = tuple(line.removeprefix("when: ").split(", "))
            elif line and not line.startswith("# "):
                lines.append(line)
        if lines:
            pattern = "|".join(lines)
            for key, value in parts.items():
                pattern = pattern.replace(key, value)
            groups.append(PatternGroup(when, re.compile(pattern, re.IGNORECASE | re.MULTILINE)))
    return tuple(groups)
