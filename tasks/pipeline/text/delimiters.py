"""Where marks of emphasis may open and close next to words without blanks between them, and in ranges.

CommonMark looks for blanks around `**`, which some languages do not write: `**重要。**です` fails. The
rule here is that of the project markdown-cjk-friendly, which asks for a change of CommonMark, and Thai, Lao,
Tibetan, Burmese and Khmer are treated alike; in texts without such characters it is CommonMark's own. It
replaces two rules of markdown-it-py: see docs/library-internals.md.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.rules_inline import StateInline

UNSPACED = re.compile("[\u0e00-\u0fff\u1000-\u109f\u1780-\u17ff]")
FIRST_WIDE, FIRST_EMOJI, LAST_EMOJI = "\u1100", "\U0001f000", "\U0001ffff"


class Flanks(NamedTuple):
    can_open: bool
    can_close: bool
    length: int


class _Neighbour(NamedTuple):
    """A character next to the marks."""

    is_blank: bool
    is_punctuation: bool
    needs_no_blank: bool

    @property
    def separates(self) -> bool:
        """Whether it is punctuation as CommonMark means it, and no Chinese or Japanese one."""
        return self.is_punctuation and not self.needs_no_blank


def install(parser: MarkdownIt) -> None:
    parser.inline.ruler.at("emphasis", _emphasis)
    parser.inline.ruler.at("strikethrough", _strikethrough)


def is_cjk(character: str) -> bool:
    """A wide character: Chinese, Japanese or Korean, letter or mark."""
    if character < FIRST_WIDE or FIRST_EMOJI <= character <= LAST_EMOJI:
        return False
    return unicodedata.east_asian_width(character) in "WFH"


def flanks(text: str, start: int, end: int, *, within_words: bool) -> Flanks:
    """Whether the run of marks at `start` can open or close; `end` is that of the text."""
    mark, stop = text[start], start
    while stop < end and text[stop] == mark:
        stop += 1
    before = _neighbour(text[start - 1] if start else " ")
    after = _neighbour(text[stop] if stop < end else " ")
    is_left = not after.is_blank and (
        not after.separates or before.is_blank or before.separates or before.needs_no_blank
    )
    is_right = not before.is_blank and (
        not before.separates or after.is_blank or after.separates or after.needs_no_blank
    )
    return Flanks(
        is_left and (within_words or not is_right or before.is_punctuation),
        is_right and (within_words or not is_left or after.is_punctuation),
        stop - start,
    )


@lru_cache(maxsize=4096)
def _neighbour(character: str) -> _Neighbour:
    from markdown_it.common.utils import isMdAsciiPunct, isPunctChar, isWhiteSpace

    code = ord(character)
    is_punctuation = isMdAsciiPunct(code) or isPunctChar(character)
    return _Neighbour(
        isWhiteSpace(code), is_punctuation, is_cjk(character) or bool(UNSPACED.match(character))
    )


def _emphasis(state: StateInline, silent: bool) -> bool:
    mark = state.src[state.pos]
    if silent or mark not in "*_":
        return False
    found = flanks(state.src, state.pos, state.posMax, within_words=mark == "*")
    for _ in range(found.length):
        _push(state, mark, found, length=found.length)
    state.pos += found.length
    return True


def _strikethrough(state: StateInline, silent: bool) -> bool:
    """Two tildes exactly, as on GitHub; one is a sign of its own, as in "5~10", and so are more."""
    if silent or state.src[state.pos] != "~":
        return False
    found = flanks(state.src, state.pos, state.posMax, within_words=True)
    if found.length == 2:
        if _is_in_range(state.src, state.pos, state.pos + 2):
            found = found._replace(can_open=False)
        _push(state, "~~", found, length=0)
    else:
        state.push("text", "", 0).content = "~" * found.length
    state.pos += found.length
    return True


def _is_in_range(text: str, start: int, stop: int) -> bool:
    """As in "5~~10" or "5km~~10km"."""
    before, after = text[start - 1 : start] if start else "", text[stop : stop + 1]
    return before.isalnum() and not is_cjk(before) and after.isdigit()


def _push(state: StateInline, mark: str, found: Flanks, *, length: int) -> None:
    from markdown_it.rules_inline.state_inline import Delimiter

    state.push("text", "", 0).content = mark
    state.delimiters.append(
        Delimiter(
            marker=ord(mark[0]),
            length=length,
            token=len(state.tokens) - 1,
            end=-1,
            open=found.can_open,
            close=found.can_close,
        )
    )
