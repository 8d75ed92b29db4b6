"""Whether the lines of a plain text were wrapped, or broken by who wrote them."""

from __future__ import annotations

import re
from itertools import pairwise

NARROWEST = 25
"""Shorter lines are not those of wrapped text."""

_END_WITHIN = re.compile(r"[^\W\d_]{2}[.!?] [^\W\d_]")
_STAMPED = re.compile(
    r"\[?\d{4}[-/.]\d\d[-/.]\d\d[T ]\d\d:\d\d|\[\d\d?[:/]\w{2,3}[:/]\d{2,4}[^\]\n]{0,30}\] "
    r"|\[?\d\d:\d\d(?::\d\d)?\]? |[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d "
    r"|\d{1,3}(?:\.\d{1,3}){3} \S{1,40} \S{1,40} \["
)


def is_stamped(line: str) -> bool:
    """As lines of logs and chats start: with a time."""
    return _STAMPED.match(line.strip()) is not None


def is_broken_on_purpose(lines: list[str], width: int) -> bool:
    """Lines of a poem, an address or a list without marks: short ones that start with capitals."""
    if len(lines) < 3 or max(map(len, lines)) > 0.75 * max(width, 72) or max(map(len, lines)) > 60:
        return False
    texts = [line.strip() for line in lines]
    if not all(text[0].isupper() or text[0].isdigit() for text in texts):
        return False
    longest = max(map(len, texts))
    is_filled = all(
        len(text) + 1 + len(following.split(" ", 1)[0]) > longest for text, following in pairwise(texts)
    )
    # Nouns of German, names and figures start lines of wrapped text as well.
    has_end_within = any(_END_WITHIN.search(text) for text in texts)
    is_verse = len(texts) > 3 and not has_end_within and all(text[0].isupper() for text in texts)
    return longest < NARROWEST or not is_filled or is_verse
