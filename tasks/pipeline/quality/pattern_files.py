"""Patterns of wordings in many languages, from the files in patterns/.

A line is a regular expression, and goes on in the next line if that begins with two blanks. Lines between
blank lines are one group, which is looked for only where the text has one of the words after `when:`.
`let NAME = …` names a part, for `@NAME@` in the lines below. `#` begins a comment.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tasks.pipeline.quality.reader_text import Find, ReaderText

FOLDER = Path(__file__).with_name("patterns")


@dataclass(frozen=True)
class PatternGroup:
    when: tuple[str, ...]
    """In small letters; none: always."""
    pattern: re.Pattern[str]


def finds_of(name: str, text: ReaderText) -> Iterator[Find]:
    """What the patterns of a file match in a text, group by group."""
    for group in pattern_groups(name):
        if not group.when or any(word in text.in_small_letters for word in group.when):
            yield from text.finds(group.pattern)


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
