"""Joins the lines of wrapped text, whatever language and format it is in."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise

from tasks.pipeline.reading.hyphens import dropped_hyphen
from tasks.pipeline.text.scripts import (
    CHINESE_AND_JAPANESE,
    SOUTH_EAST_ASIAN,
    is_chinese_or_japanese,
    joins_without_blank,
)

LOOKED_AT = 600
"""Characters before a line's end that tell how the next line continues it."""

_SPACED = re.compile(rf"[{CHINESE_AND_JAPANESE}] [0-9A-Za-z]|[0-9A-Za-z%] [{CHINESE_AND_JAPANESE}]")
_LATIN_END, _LATIN_START = re.compile("[0-9A-Za-z%]$"), re.compile("[0-9A-Za-z]")
_SOUTH_EAST_ASIAN = re.compile(f"[{SOUTH_EAST_ASIAN}]")
_ADDRESS = re.compile(r"(?:https?://|www\.|doi\.org|10\.\d{4,9}/)\S{0,500}$", re.IGNORECASE)
_BREAK_IN_ADDRESS = re.compile(r"[/\-_.?&=#%+~:]$")
_SURE_BREAK_IN_ADDRESS = re.compile(r"[\-_?&=%+~]$")
_REST_OF_ADDRESS = re.compile(
    r"[A-Za-z0-9_~%./?#&=+-]{1,300}$|[a-z0-9][A-Za-z0-9_~%-]{0,100}[/?=&#._-]\S{0,300}"
)


def joined(lines: Iterable[str], words: Counter[str], *, is_typeset: bool = False) -> str:
    """One line of text; a hyphen at a line's end goes where the word is written without one.

    `words` are those of the document, by `hyphens.words_of`. Software that sets pages breaks Thai between
    words and addresses anywhere (`is_typeset`); people break them at blanks.
    """
    filled = [stripped for line in lines if (stripped := line.strip())]
    has_blanks = _sets_latin_apart(filled)
    parts, end = list[str](), ""
    for line in filled:
        if parts:
            dropped, gap = _seam(end, line, words, has_blanks=has_blanks, is_typeset=is_typeset)
            if dropped:
                parts[-1], end = parts[-1][:-dropped], end[:-dropped]
            parts.append(gap)
            end += gap
        parts.append(line)
        end = (end + line)[-LOOKED_AT:]
    return "".join(parts)


def unwrapped(text: str) -> str:
    """Without those ends of lines that stand for no blank, in Chinese and Japanese; the others stay."""
    if "\n" not in text or text.isascii():
        return text
    lines = [stripped for line in text.split("\n") if (stripped := line.strip())]
    has_blanks = _sets_latin_apart(lines)
    parts = lines[:1]
    for before, line in pairwise(lines):
        parts += ["" if _continues(before, line, has_blanks=has_blanks) else "\n", line]
    return "".join(parts)


def _seam(end: str, line: str, words: Counter[str], *, has_blanks: bool, is_typeset: bool) -> tuple[int, str]:
    """How many characters of the line before are dropped, and what stands between the two."""
    break_in_address = _BREAK_IN_ADDRESS if is_typeset else _SURE_BREAK_IN_ADDRESS
    if break_in_address.search(end[-1:]) and _ADDRESS.search(end) and _REST_OF_ADDRESS.match(line):
        return 0, ""
    if (seam := dropped_hyphen(end, line, words)) is not None:
        return seam
    if _continues(end, line, has_blanks=has_blanks):
        return 0, ""
    if is_typeset and _SOUTH_EAST_ASIAN.match(end[-1]) and _SOUTH_EAST_ASIAN.match(line):
        return 0, ""
    # A range of figures, or two words with a stroke.
    first, last = line[0], end[-1]
    is_range = (last == "–" and end[-2:-1].isdigit() and first.isdigit()) or (
        first == "–" and last.isdigit() and line[1:2].isdigit()
    )
    is_pair = last == "/" and end[-2:-1].isalnum() and first.isalnum() and not _ADDRESS.search(end)
    return 0, "" if is_range or is_pair else " "


def _continues(before: str, line: str, *, has_blanks: bool) -> bool:
    if joins_without_blank(before, line):
        return True
    if has_blanks:
        return False
    # Only next to Latin letters and figures is it a habit of the text.
    return (is_chinese_or_japanese(before[-1]) and _LATIN_START.match(line) is not None) or (
        is_chinese_or_japanese(line) and _LATIN_END.search(before[-1]) is not None
    )


def _sets_latin_apart(lines: Sequence[str]) -> bool:
    """Whether Latin words and figures in a text of ideographs have blanks around them."""
    return any(not line.isascii() and _SPACED.search(line) for line in lines)
