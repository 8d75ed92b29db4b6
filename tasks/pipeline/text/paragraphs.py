"""A body in Markdown as its paragraphs: what people quote, lock and ask the author of."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from tasks.pipeline.text.dialect import lines_of, parse_blocks, top_level

if TYPE_CHECKING:
    from markdown_it.token import Token

HEADING = re.compile(r" {0,3}#{1,6}(?:[ \t]|$)")


def paragraphs(body: str) -> list[str]:
    """Its parts as they are rendered: a list, a table, a footnote and code are one each, whatever is in them.

    Lines that are shown nowhere, as the address of a link below the text, are a part too: joined by blank
    lines, the parts render as the body does.
    """
    lines = lines_of(body)
    found: list[str] = []
    done = 0
    for block in top_level(parse_blocks(body)):
        start, end = block[0].map or (done, done)
        found += [_source(lines, done, start), _source(lines, start, end)]
        done = max(done, end)
    return [text for text in [*found, _source(lines, done, len(lines))] if text]


def source_of(block: Sequence[Token], lines: Sequence[str]) -> str:
    """The Markdown of a block, without blank lines around it."""
    start, end = block[0].map or (0, 0)
    return _source(lines, start, end)


def joined(texts: list[str]) -> str:
    return "\n\n".join(texts)


def heading_text(paragraph: str) -> str | None:
    """The words of a heading, or None for any other paragraph."""
    return paragraph.strip().strip("#").strip() if HEADING.match(paragraph) else None


def paragraph_sha256(paragraph: str) -> str:
    return hashlib.sha256(paragraph.encode()).hexdigest()


def _source(lines: Sequence[str], start: int, end: int) -> str:
    while start < end and not lines[start].strip():
        start += 1
    # Spaces at the end of a paragraph mean nothing, and editors lose them.
    return "\n".join(lines[start:end]).rstrip()
