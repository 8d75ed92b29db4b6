"""Joining the lines of wrapped text, whatever language and format it is in."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

# Scripts without blanks between words: their lines are joined without one.
_NO_BLANK = (
    "\u2e80-\u303f\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff00-\uffef"
    "\U00020000-\U0003ffff"
)
_ENDS_WITHOUT_BLANK = re.compile(f"[{_NO_BLANK}]$")
_STARTS_WITHOUT_BLANK = re.compile(f"^[{_NO_BLANK}]")
_HYPHEN_AT_END = re.compile(r"([^\W\d_]{1,40})[-\u2010]$")
_FIRST_WORD = re.compile(r"[^\W\d_]{1,40}")
_WORDS = re.compile(r"[^\W\d_]+(?:[-\u2010][^\W\d_]+)*")


def words_of(text: str) -> Counter[str]:
    """How often the document writes each word: what a hyphen at a line's end is judged by."""
    return Counter(word.replace("\u2010", "-") for word in _WORDS.findall(text.lower()))


def joined(lines: Iterable[str], words: Counter[str]) -> str:
    """One line of text; a hyphen at a break goes unless the document writes the word with one elsewhere."""
    text = ""
    for line in lines:
        line = line.strip()
        if line:
            text = _continued(text, line, words) if text else line
    return text


def _continued(text: str, line: str, words: Counter[str]) -> str:
    if text.endswith("\u00ad"):
        return text[:-1] + line
    if _ENDS_WITHOUT_BLANK.search(text[-1:]) and _STARTS_WITHOUT_BLANK.search(line[:1]):
        return text + line
    head, tail = _HYPHEN_AT_END.search(text[-60:]), _FIRST_WORD.match(line)
    if not head or not tail:
        # A dash between words, or a range of figures: "412-" and "430".
        ends_in_dash = re.search(r"\w[-\u2010]$", text[-3:]) is not None
        return text + line if ends_in_dash else f"{text} {line}"
    if not tail[0][0].islower():
        # "Nord-" and "Ostsee": a compound; "vor-" and "und": a suspended part.
        return text + line
    if line.startswith(("und ", "oder ", "and ", "or ", "och ", "en ", "of ", "to ")):
        return f"{text} {line}"
    hyphened, plain = f"{head[1]}-{tail[0]}".lower(), f"{head[1]}{tail[0]}".lower()
    keep = words[hyphened] > words[plain] or (not words[plain] and _is_compound(head[1], tail[0], words))
    return text + line if keep else text[:-1] + line


def _is_compound(first: str, second: str, words: Counter[str]) -> bool:
    """Whether both halves stand in the document as words of their own, and are long enough to be some."""
    first, second = first.lower(), second.lower()
    return min(len(first), len(second)) >= 4 and words[second] > 1 and words[first] > 1
