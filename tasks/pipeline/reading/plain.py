"""Plain text: its paragraphs are what blank lines separate."""

from __future__ import annotations

import re

from tasks.pipeline.reading.charsets import decode
from tasks.pipeline.reading.types import Block, Declared, Reading
from tasks.pipeline.types import BlockKind

READER = "plain 1"


def read(data: bytes, declared: Declared) -> Reading:
    """Raises UnreadableText when the bytes are no text."""
    decoded = decode(data, declared.charset)
    paragraphs = re.split(r"\n\s*\n", decoded.text)
    if len(paragraphs) < 4 and max(map(len, paragraphs)) > 2000:
        # One long block with a line for each paragraph, as word processors save it.
        paragraphs = [line for paragraph in paragraphs for line in paragraph.split("\n")]
    first = " ".join(paragraphs[0].split()) if paragraphs else ""
    is_title = len(paragraphs) > 1 and len(first) <= 120 and not first.endswith((".", "!", "?", ":", ";"))
    return Reading(
        blocks=tuple(Block(kind=BlockKind.PARAGRAPH, text=text) for text in paragraphs),
        media_type="text/plain",
        reader=READER,
        title=first if is_title else "",
        charset=decoded.charset,
        charset_from=decoded.found_by,
    )
