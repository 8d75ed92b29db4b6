"""Where code stands in a growing Markdown text."""

from __future__ import annotations

import re

FENCE = re.compile(r" {0,3}(`{3,}|~{3,})[ \t]*(.{0,40})")
WRAPPER_LANGUAGES = frozenset({"", "markdown", "md", "json", "text"})
"""A fence with one of these at the start may be around the whole text."""
TICKS = re.compile(r"`+")
LINE_CHARACTERS = 2_000


class CodeBlocks:
    """Whether a growing text ends inside of code. A fence around the whole text does not count."""

    def __init__(self) -> None:
        self.line = ""
        """What has been read of the last line."""
        self._unread: list[str] = []
        self._fence = ""
        self._has_text = False

    def add(self, text: str) -> None:
        self._unread.append(text)

    def is_open(self) -> bool:
        """Whether the text ends inside a fenced block."""
        *lines, self.line = (self.line + "".join(self._unread)).split("\n")
        self._unread.clear()
        for line in lines:
            self._take(line)
        return bool(self._fence)

    def open_span(self) -> str:
        """The backticks that begin a code span in the last line, if it has not ended there."""
        open_ticks = ""
        for ticks in TICKS.findall(self.line[-LINE_CHARACTERS:]):
            if not open_ticks:
                open_ticks = ticks
            elif ticks == open_ticks:
                open_ticks = ""
        return open_ticks

    def _take(self, line: str) -> None:
        fence = FENCE.match(line)
        if fence is None:
            self._has_text = self._has_text or bool(line.strip())
        elif not self._fence:
            if self._has_text or fence[2].strip().lower() not in WRAPPER_LANGUAGES:
                self._fence = fence[1]
            self._has_text = True
        elif fence[1].startswith(self._fence) and not fence[2].strip():
            self._fence = ""


def ends_span(line: str, ticks: str, *, is_whole: bool) -> bool:
    found = [match for match in TICKS.finditer(line) if match[0] == ticks]
    return any(is_whole or match.end() < len(line) for match in found)
