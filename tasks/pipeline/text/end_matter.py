"""Takes off what models put behind an article: a list of its sources, an account of what they changed."""

from __future__ import annotations

import re

from tasks.pipeline.text.reply_phrases import PHRASES

MOST_BLOCKS = 30
_HEADED = r"\A(?:#{{1,6}}[ \t]+)?[*_]{{0,3}}(?:{words})[*_]{{0,3}}:?[*_]{{0,3}}(?=\n|\Z)"
SOURCES = re.compile(_HEADED.format(words="|".join(PHRASES["source_lists"])), re.IGNORECASE)
CHANGES = re.compile(_HEADED.format(words="|".join(PHRASES["change_lists"])), re.IGNORECASE)
ENTRY = re.compile(r"\s{0,6}(?:[-*+•]\s|\[\^?\d{1,3}\]|\d{1,3}[.):]\s|(?:[*_]{0,2})Source \d)", re.IGNORECASE)
RULE = re.compile(r"\A[ \t]*(?:-{3,}|\*{3,}|_{3,})[ \t]*\Z")


def without_end_matter(body: str) -> str:
    """The body without such a list at its end. One with prose in it is left, as is all before it."""
    blocks = body.split("\n\n")
    for number in range(len(blocks) - 1, max(0, len(blocks) - MOST_BLOCKS), -1):
        block = blocks[number].strip()
        headed = SOURCES.match(block) or CHANGES.match(block)
        if headed is not None:
            rest = "\n".join([block[headed.end() :], *blocks[number + 1 :]])
            if all(ENTRY.match(line) for line in rest.splitlines() if line.strip()):
                before = [one for one in blocks[:number] if one.strip()]
                while before and RULE.match(before[-1]):
                    before.pop()
                return "\n\n".join(before) if before else body
            return body
        if not all(ENTRY.match(line) for line in block.splitlines() if line.strip()):
            return body
    return body
