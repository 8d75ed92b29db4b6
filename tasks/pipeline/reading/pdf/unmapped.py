"""Characters of which a file does not say what they mean: such text is never quoted."""

from __future__ import annotations

import re
from collections.abc import Sequence

from tasks.pipeline.errors import UnreadableText
from tasks.pipeline.reading.types import Block

# Private use, replacement and control characters, and what a reader writes for a glyph that it cannot name.
UNMAPPED = re.compile(
    "[\ue000-\uf8ff\ufffd\ufffe\uffff\U000f0000-\U0010ffff\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]|\\(cid:\\d{1,5}\\)"
)
_ALONE = re.compile(f"(?<!\\S)(?:{UNMAPPED.pattern})(?!\\S)")
MAX_SHARE = 0.3


def without_unmapped(blocks: Sequence[Block]) -> tuple[list[Block], int]:
    """The blocks of which all letters are known, and the number of words in the others.

    Raises UnreadableText when these are many.
    """
    known, dropped, every = list[Block](), 0, 0
    for block in blocks:
        text = block.text
        words = len(text.split())
        every += words
        if UNMAPPED.search(text):
            # A symbol that stands alone, as a bullet, is no part of a word.
            text = _ALONE.sub(" ", text)
        if not UNMAPPED.search(text):
            known.append(block if text is block.text else block.model_copy(update={"text": text}))
        else:
            dropped += words
    if every and dropped > MAX_SHARE * every:
        raise UnreadableText(
            "The fonts of the PDF do not say which letters they show; run text recognition on it or paste "
            "its text."
        )
    return known, dropped
