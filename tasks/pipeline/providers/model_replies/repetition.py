"""Notices a model that repeats itself without end, while it writes.

A loop is a text whose end is the same passage over and over, whatever its numbering and white space; or one
in whose last words nearly every phrase has been there before. Tables, lists, code and refrains repeat as
well, but not so long: what has no words in it (lines, dashes, zeros) may go on for longer than what has.
"""

from __future__ import annotations

import re
import zlib

WINDOW = 16_000
"""How many characters back repetition is looked for."""
CHECK_EVERY, CHECKED = 1_000, 3_000
"""After so many new characters, so many are tested for a short loop; a long one is looked for less often."""
CHECK_ALL_EVERY = 8_000
SUSPICIOUS = 0.3
"""A text that is compressed to less of its size than this may be a loop; prose is compressed to half."""
PROBE = 30
"""The end of the text is looked for in what came before."""
CANDIDATES = 8
MIN_LOOP = 800
MIN_LOOP_WITHOUT_WORDS = 3_000
# How often a passage is repeated before it is a loop: the longer it is, the less.
SHORT, SHORT_TIMES = 120, 10
LONG, LONG_TIMES = 1_000, 3
OTHER_TIMES = 5
WORDS, MIN_WORDS = 500, 300
PHRASE = 4
MIN_NEW = 0.12
"""A smaller share of different phrases is no prose."""
MIN_EQUAL_LINES = 150
"""So many lines that differ only in their figures are a loop."""

ORDINALS = re.compile(
    r"^[ \t]{0,8}(?:[#>*-]{1,6}[ \t]{0,3})?\(?(?:\d{1,6}|[a-z])[.)][ \t]", re.MULTILINE | re.IGNORECASE
)
TAG = re.compile(r"<[^<>]{0,100}>")
LETTER = re.compile(r"[^\W\d_]")
WORD = re.compile(r"\w+")
LONG_WORD = re.compile(r"[^\W\d_]{3,}")
DIGITS = re.compile(r"\d+")
NO_PROSE = re.compile(r"[|{};=<>\t]")
LONGEST_ROW = 400
"""A longer line is prose that has no line breaks, whatever its characters."""


class RepetitionFound(Exception):
    """A text has become a loop."""


class RepetitionDetector:
    """Takes a text piece by piece. Raises RepetitionFound."""

    def __init__(self) -> None:
        self._window = ""
        self._new: list[str] = []
        self._new_characters = 0
        self._unchecked = 0
        """How many characters came since the whole window was tested."""

    def add(self, piece: str) -> None:
        self._new.append(piece)
        self._new_characters += len(piece)
        if self._new_characters >= CHECK_EVERY:
            self._window = (self._window + "".join(self._new))[-WINDOW:]
            self._new.clear()
            self._unchecked += self._new_characters
            self._new_characters = 0
            self._check()

    def _check(self) -> None:
        is_suspicious = _is_suspicious(self._window[-CHECKED:])
        if not is_suspicious and self._unchecked >= CHECK_ALL_EVERY:
            self._unchecked = 0
            is_suspicious = _is_suspicious(self._window)
        if is_suspicious and is_loop(self._window):
            raise RepetitionFound


def _is_suspicious(text: str) -> bool:
    """A quick test, which a stream can afford for each of its pieces."""
    data = text.encode("utf-8", "replace")
    return len(zlib.compress(data, 1)) < SUSPICIOUS * len(data)


def is_loop(text: str) -> bool:
    """Whether the end of a text repeats itself."""
    if not text[-MIN_LOOP_WITHOUT_WORDS:].strip():
        return len(text) >= MIN_LOOP_WITHOUT_WORDS
    return _repeats_its_end(" ".join(ORDINALS.sub(" ", text).split())) or _repeats_its_phrases(text)


def _repeats_its_end(text: str) -> bool:
    end = len(text) - PROBE
    at, probe = end, text[-PROBE:]
    for _ in range(CANDIDATES):
        # The whole of an earlier occurrence, which may overlap the last.
        at = text.rfind(probe, 0, at + PROBE - 1)
        if at < 0:
            return False
        if _is_loop_of(text, end - at):
            return True
    return False


def _is_loop_of(text: str, period: int) -> bool:
    unit = text[-period:]
    times, start = 1, len(text) - period
    while start >= period and text.startswith(unit, start - period):
        times += 1
        start -= period
    if not LETTER.search(TAG.sub("", unit)):
        return times * period >= MIN_LOOP_WITHOUT_WORDS
    if times * period < MIN_LOOP:
        return False
    return times >= (SHORT_TIMES if period < SHORT else LONG_TIMES if period >= LONG else OTHER_TIMES)


def _repeats_its_phrases(text: str) -> bool:
    lines = [
        line
        for line in text.splitlines()
        if line.strip() and (len(line) > LONGEST_ROW or not NO_PROSE.search(line))
    ]
    last = lines[-MIN_EQUAL_LINES:]
    if len(last) == MIN_EQUAL_LINES and len({DIGITS.sub("0", line) for line in last}) <= 3:
        return all(len(LONG_WORD.findall(line)) >= 2 for line in last)
    words = WORD.findall("\n".join(lines).lower())[-WORDS:]
    if len(words) < MIN_WORDS:
        return False
    phrases = [tuple(words[at : at + PHRASE]) for at in range(len(words) - PHRASE + 1)]
    return len(set(phrases)) < MIN_NEW * len(phrases)
