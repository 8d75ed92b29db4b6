"""A body in Markdown as its paragraphs: what people quote, lock and ask the author of."""

from __future__ import annotations

import hashlib
import re

FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
HEADING = re.compile(r" {0,3}#{1,6}(?:[ \t]|$)")


def paragraphs(body: str) -> list[str]:
    """What blank lines separate, without them. A heading stands alone, and code between fences is one.

    Joined by blank lines they render as the body does.
    """
    found: list[str] = []
    lines: list[str] = []
    fence = ""
    for line in [*body.replace("\r\n", "\n").split("\n"), ""]:
        mark = FENCE.match(line)
        if fence:
            lines.append(line)
            if mark and mark[1].startswith(fence) and not line.strip().strip(fence[0]):
                fence = ""
            continue
        is_heading = HEADING.match(line) is not None
        if lines and (is_heading or not line.strip()):
            found.append(_closed(lines))
            lines = []
        if is_heading:
            found.append(_closed([line]))
        elif line.strip():
            lines.append(line)
            fence = mark[1] if mark else ""
    return [*found, _closed(lines)] if lines else found


def joined(texts: list[str]) -> str:
    return "\n\n".join(texts)


def heading_text(paragraph: str) -> str | None:
    """The words of a heading, or None for any other paragraph."""
    return paragraph.strip().strip("#").strip() if HEADING.match(paragraph) else None


def paragraph_sha256(paragraph: str) -> str:
    return hashlib.sha256(paragraph.encode()).hexdigest()


def _closed(lines: list[str]) -> str:
    # Spaces at the end of a paragraph mean nothing, and editors lose them.
    return "\n".join(lines).rstrip()
