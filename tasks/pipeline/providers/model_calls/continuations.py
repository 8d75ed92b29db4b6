"""Joins the parts of a text that a model wrote in several replies, because each reached its length limit."""

from __future__ import annotations

import re

from tasks.pipeline.text.reply_phrases import PHRASES, plain

MAX_CONTINUATIONS = 4
REQUEST = (
    "Your text was cut off at the length limit. Go on exactly where it ends, in the middle of the sentence "
    "or word if need be. Repeat nothing, and add no word of introduction."
)
COMPARED = 2_000
"""How many characters at the end of a text the next part may repeat."""
MIN_OVERLAP = 12
SAME_START = 60
"""A part that begins with so many characters of the whole text's beginning starts over."""
INTRODUCTION = re.compile(
    rf"\W{{0,3}}(?:{'|'.join(PHRASES['continuing'])})(?!\w)[^\n]{{0,160}}[:.…!：。)\]][*_)\]]{{0,3}}\Z",
    re.IGNORECASE,
)
FINISHED = re.compile(rf"\W{{0,3}}(?:{'|'.join(PHRASES['finished'])})[^\n]{{0,200}}\Z", re.IGNORECASE)
LEADING_DOTS = re.compile(r"\A\s*(?:\.\.\.|…)(?=\s?\w)")
FENCE = re.compile(r"\A\s*```(?:markdown|md)?[ \t]*\n", re.IGNORECASE)
LAST_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]{1,3})?\Z")
CONTRACTED = re.compile(r".['’](?:t|s|re|ve|ll|d|m)\Z", re.IGNORECASE)
FIRST_WORD = re.compile(r"\A[^\W_]+")
WORD = re.compile(r"[^\W\d_]{1,40}")
BLOCK = re.compile(r"\A(?:#{1,6} |[-*+] |\d{1,3}[.)] |> |\||```)")
NO_SPACES = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")
"""Thai, Lao, Burmese, Khmer, Japanese and Chinese are written without spaces between words."""
FUNCTION_WORDS = frozenset(PHRASES["function_words"].split())
"""Of two letters there are too many, if all languages are taken together."""


def is_finished(part: str) -> bool:
    """Whether the model says that it has nothing to add."""
    return bool(FINISHED.match(plain(part).strip()))


def joined(text: str, part: str, prompt: str = "") -> str:
    """The text with its next part. The words of `prompt` are known to be whole.

    Where the model repeats the end, it is there once; where it starts over, the longer of both is taken; a
    word that was cut in two is whole again.
    """
    if not text.strip():
        return part
    if not part.strip():
        return text
    if starts_over(text, part):
        return part if len(part) >= len(text) else text
    part = _without_introduction(part)
    if starts_over(text, part):
        return part if len(part) >= len(text) else text
    if repeated := _overlap(text, part):
        return text + part[repeated:]
    if text[-1].isspace():
        part = part.lstrip("\n" if text.endswith("\n\n") else " ")
    return text + _between(text, part, prompt) + part


def starts_over(text: str, part: str) -> bool:
    """Whether the part is the text again from its beginning."""
    beginning, again = (" ".join(one[: 4 * SAME_START].split()) for one in (text, part))
    compared = min(SAME_START, len(beginning))
    # A short text may begin as its next sentence does.
    return compared >= MIN_OVERLAP and len(again) >= compared and again.startswith(beginning[:compared])


def _without_introduction(part: str) -> str:
    first, newline, rest = part.lstrip().partition("\n")
    if newline and rest.strip() and INTRODUCTION.match(plain(first)):
        rest = rest.lstrip()
        part = rest if BLOCK.match(rest) else f" {rest}"  # it begins with a word
    part = FENCE.sub("", part, count=1)
    return LEADING_DOTS.sub(" " if part[:1].isspace() else "", part, count=1)


def _overlap(text: str, part: str) -> int:
    """How many characters at the start of the part are the end of the text."""
    end, start = text[-COMPARED:], part.lstrip()
    skipped = len(part) - len(start)
    tail = end.rstrip()
    probe = start[:MIN_OVERLAP]
    if len(probe) == MIN_OVERLAP:
        at = tail.find(probe)
        while at >= 0:
            if start.startswith(tail[at:]):
                return skipped + len(tail) - at + _spaces(end, tail, start, len(tail) - at)
            at = tail.find(probe, at + 1)
    # Less than that is the same only if it is whole words, the last of which may have been cut.
    for length in range(min(MIN_OVERLAP - 1, len(start), len(tail)), 1, -1):
        if tail.endswith(start[:length]) and _is_overlap_of_words(tail, start, length):
            return skipped + length + _spaces(end, tail, start, length)
    return 0


def _spaces(end: str, tail: str, start: str, length: int) -> int:
    """How much white space after the repeated words is in both."""
    if end == tail:
        return 0
    return len(start[length:]) - len(start[length:].lstrip())


def _is_overlap_of_words(tail: str, start: str, length: int) -> bool:
    before = tail[-length - 1 : -length]
    if before.isalnum() or NO_SPACES.search(start[:length]):
        return False
    repeated = start[:length]
    if " " in repeated.strip():
        return True
    # One word: cut in the middle and written again, or said twice, which no sentence does.
    return len(repeated) >= 3 and repeated[-1].isalpha()


def _between(text: str, part: str, prompt: str) -> str:
    """What belongs between two parts: nothing, a space or a line break."""
    if text[-1].isspace() or part[0].isspace() or NO_SPACES.search(text[-1] + part[0]):
        return ""
    if block := BLOCK.match(part):
        line = text.rpartition("\n")[2].lstrip()
        if line.startswith(block[0][0]) or (line[:1].isdigit() and part[0].isdigit()):
            return "\n"  # the next item or row
        if part[0] in "#>|`":
            return "\n\n"
    last, first = LAST_WORD.search(text[-80:]), FIRST_WORD.match(part[:80])
    if first is None:
        return " " if last and part[0] in "([„«“‘¿¡" else ""
    if last is None:
        return " " if _ends_phrase(text) and not _in_number(text, part) else ""
    if part[0].isdigit():
        return "" if text[-1].isdigit() else " "
    if part[0].isupper() or CONTRACTED.search(last[0]):
        return " "
    words = WORD.findall(f"{text[: -len(last[0])]} {prompt}")
    known = {word.lower() for word in words if len(word) > 1}
    return "" if _is_one_word(last[0].lower(), first[0].lower(), known) else " "


def _ends_phrase(text: str) -> bool:
    if text[-1] == '"':
        return text.rpartition("\n")[2].count('"') % 2 == 0
    return text[-1] in ".!?:;,)]”»…"


def _in_number(text: str, part: str) -> bool:
    return text[-1] in ".,:" and text[-2:-1].isdigit() and part[0].isdigit()


def _is_one_word(last: str, first: str, known: set[str]) -> bool:
    """Whether two pieces are one word that was cut, by words that are known to be whole."""
    if last + first in known or last + first in FUNCTION_WORDS:
        return True
    return not (last in known or first in known or first in FUNCTION_WORDS)
