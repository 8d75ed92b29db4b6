"""Short forms of a text: titles and descriptions with a limit."""

from __future__ import annotations

import re

LABEL = re.compile(
    r"\A(?:(?:seo|meta|page|working)[ -])?(?:title|titel|titre|título|titolo|headline|description|summary)"
    r":\s{0,3}",
    re.IGNORECASE,
)
HEADING_MARK = re.compile(r"\A#{1,6}\s+")
MARKS = ("```", "**", "__", "~~", "`", "*", "_")
QUOTATION_MARKS = (('"', '"'), ("“", "”"), ("„", "“"), ("«", "»"), ("‘", "’"), ("'", "'"))
MOST_LAYERS = 4


def bare(text: str) -> str:
    """A title or short text without Markdown, quotation marks and label around it."""
    for _ in range(MOST_LAYERS):
        inner = LABEL.sub("", HEADING_MARK.sub("", text.strip()))
        for first, last in [*((mark, mark) for mark in MARKS), *QUOTATION_MARKS]:
            if len(inner) <= len(first + last) or not (inner.startswith(first) and inner.endswith(last)):
                continue
            within = inner[len(first) : -len(last)]
            is_name = first in ("__", "_") and " " not in within
            if first not in within and last not in within and not is_name:
                inner = within.strip()
        if inner == text:
            break
        text = inner
    return text


def is_shortened(short: str, text: str) -> bool:
    """Whether a text is another one, or the beginning of it up to an ellipsis."""
    short, text = " ".join(short.split()), " ".join(text.split())
    if short == text:
        return bool(text)
    start = short.removesuffix("…").removesuffix("...").rstrip()
    return start != short and bool(start) and text.startswith(start)


def shortened(text: str, limit: int) -> str:
    """The text, cut at a word and marked with an ellipsis where it exceeds the limit."""
    text = " ".join(text.split())
    if len(text) <= limit:
        return text
    cut = text[: limit - 1]
    whole = cut.rpartition(" ")[0] if " " in cut[limit // 2 :] else cut
    return whole.rstrip(" ,;:–—-.") + "…"
