"""A body in Markdown as its paragraphs: what people quote, lock and ask the author of."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from tasks.pipeline.text.dialect import lines_of, parse_blocks, top_level

if TYPE_CHECKING:
    from markdown_it.token import Token

HEADING = re.compile(r" {0,3}#{1,6}(?:[ \t]|$)")


def paragraphs(body: str) -> list[str]:
    """Its parts as they are rendered: a list, a table, a footnote and code are one each, whatever is in them.

    Lines that are shown nowhere, as the address of a link below the text, are a part too: joined by blank
    lines, the parts render as the body does.
    """
    return [part.text for part in parts(body)]


class Part(NamedTuple):
    """A paragraph with its place in the body; `end` is the line after its last one."""

    text: str
    start: int
    end: int
    is_item: bool = False
    """Whether it is one item of a list: a part of its own only where items are asked for."""


def parts(body: str, *, by_item: bool = False) -> list[Part]:
    """The paragraphs with their lines, counted from 0; `by_item` divides lists into their items."""
    lines = lines_of(body)
    found: list[Part] = []
    done = 0
    for block in top_level(parse_blocks(body)):
        start, end = block[0].map or (done, done)
        found.append(_part(lines, done, start))
        starts = _item_starts(block) if by_item else []
        if starts:
            limits = [*starts[1:], end]
            found += [_part(lines, *item, is_item=True) for item in zip(starts, limits, strict=True)]
        else:
            found.append(_part(lines, start, end))
        done = max(done, end)
    return [part for part in [*found, _part(lines, done, len(lines))] if part.text]


def with_parts_replaced(body: str, first: int, last: int, text: str) -> str:
    """The body with its paragraphs from `first` to `last`, counted from 0, replaced by `text`."""
    lines, found = lines_of(body), parts(body)
    before, after = lines[: found[first].start], lines[found[last].end :]
    replacement = text.split("\n")
    if before and before[-1].strip():
        replacement = ["", *replacement]
    if after and after[0].strip():
        replacement = [*replacement, ""]
    return "\n".join([*before, *replacement, *after])


def _item_starts(block: Sequence[Token]) -> list[int]:
    if not block[0].type.endswith("_list_open"):
        return []
    level = block[0].level + 1
    return [
        token.map[0]
        for token in block
        if token.type == "list_item_open" and token.level == level and token.map
    ]


def _part(lines: Sequence[str], start: int, end: int, *, is_item: bool = False) -> Part:
    """Without blank lines around it."""
    while start < end and not lines[start].strip():
        start += 1
    while end > start and not lines[end - 1].strip():
        end -= 1
    return Part("\n".join(lines[start:end]).rstrip(), start, end, is_item)


def source_of(block: Sequence[Token], lines: Sequence[str]) -> str:
    """The Markdown of a block, without blank lines around it."""
    start, end = block[0].map or (0, 0)
    # Spaces at the end of a paragraph mean nothing, and editors lose them.
    return _part(lines, start, end).text


def joined(texts: list[str]) -> str:
    return "\n\n".join(texts)


def heading_text(paragraph: str) -> str | None:
    """The words of a heading, or None for any other paragraph."""
    return paragraph.strip().strip("#").strip() if HEADING.match(paragraph) else None


def paragraph_sha256(paragraph: str) -> str:
    return hashlib.sha256(paragraph.encode()).hexdigest()
