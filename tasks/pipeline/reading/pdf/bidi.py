"""Right-to-left writing: from the order on the page, left to right, to the order of reading.

A page tells where glyphs stand, not in which order they were typed; the full algorithm of Unicode goes the
other way. Words are turned here, then their order; Latin words and figures keep theirs.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff]")
_DIGITS_OF_RIGHT_TO_LEFT = re.compile("[\u0660-\u0669\u06f0-\u06f9]")
_LETTER = re.compile("[^\\W\\d_\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff]")
_INSIDE_A_FIGURE = frozenset(".,:/-+%'@_\u066b\u066c")
_MIRRORED = str.maketrans("()[]{}", ")(][}{")


def has_right_to_left(text: str) -> bool:
    return bool(_RIGHT_TO_LEFT.search(text))


def runs_right_to_left(text: str) -> bool:
    """Whether most of its letters belong to scripts that are written from right to left."""
    rightwards = sum(unicodedata.bidirectional(character) in ("R", "AL") for character in text)
    return rightwards > 0 and rightwards * 2 > sum(character.isalpha() for character in text)


def word_in_reading_order(pieces: Sequence[str]) -> str:
    """The word of these glyphs, which are given from left to right."""
    text = "".join(pieces)
    if text.isascii() or not has_right_to_left(text):
        return text
    ordered, run = list[str](), list[str]()
    for piece in reversed(pieces):
        if _runs_rightwards(piece) or (run and piece in _INSIDE_A_FIGURE):
            run.insert(0, piece)
            continue
        ordered += _closed(run)
        run = []
        ordered.append(piece)
    return "".join(ordered + _closed(run))


def line_in_reading_order(words: Sequence[str], is_turned: bool = False) -> str:
    """The line of these words, which are given from left to right, each in its own order.

    `is_turned`: it runs from right to left, whatever most of its letters are.
    """
    text = " ".join(words)
    if text.isascii() or not has_right_to_left(text):
        return text
    if is_turned or runs_right_to_left(text):
        text = " ".join(_turned([_with_its_marks(word) for word in reversed(words)], _LETTER))
    else:
        text = " ".join(_turned(words, _RIGHT_TO_LEFT))
    return text.translate(_MIRRORED) if _is_mirrored(text) else text


def _turned(words: Sequence[str], other: re.Pattern[str]) -> list[str]:
    """Turn each run of words of the other direction."""
    ordered, run = list[str](), list[str]()
    for word in words:
        if other.search(word) and not (other is _LETTER and has_right_to_left(word)):
            run.insert(0, word)
        else:
            ordered += [*run, word]
            run = []
    return ordered + run


def _with_its_marks(word: str) -> str:
    """A figure or Latin word in right-to-left text has the comma that follows it at its left."""
    if has_right_to_left(word):
        return word
    marks = re.match(r"[.,;:!?]{1,3}(?=\w)", word)
    return word[marks.end() :] + marks[0] if marks else word


def _closed(run: list[str]) -> list[str]:
    """A run of figures, without the marks that it took along but that do not stand inside it."""
    marks = list[str]()
    while run and run[0] in _INSIDE_A_FIGURE and run[0] not in "+-":
        marks.append(run.pop(0))
    return run + marks


def _runs_rightwards(piece: str) -> bool:
    is_digit = piece.isdigit() or bool(_DIGITS_OF_RIGHT_TO_LEFT.match(piece))
    return is_digit or bool(_LETTER.match(piece))


def _is_mirrored(text: str) -> bool:
    """Whether brackets close before they open: producers differ in which one a glyph is named after."""
    brackets = re.findall(r"[()\[\]{}]", text)
    return bool(brackets) and brackets[0] in ")]}" and brackets[-1] in "([{"
