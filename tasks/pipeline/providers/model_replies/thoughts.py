"""Takes a model's thinking out of its text, while the text streams in.

Servers that know a model send its thinking in a field of its own. Others send it in the text, between the
marks of the model's chat template. Whatever a server does, no thought is text: not live, not in a draft.

- Thinking is between an opening and a closing mark. Marks may be cut anywhere, glued to text, in capitals,
  have attributes, nest, or close what another of their kind opened.
- Without an opening mark, everything before a closing mark is thinking: the text begins again after it.
- Without a closing mark, everything after the opening one is thinking.
- Marks in a code block, or in a code span that ends on its line, are content: the text is about them. A block
  that is never closed is no such block, and neither is one around the whole reply.
- A closing mark without an opening one between two words of a sentence is content too.
"""

from __future__ import annotations

import re

from tasks.pipeline.providers.model_replies.code_blocks import CodeBlocks, ends_span
from tasks.pipeline.providers.model_replies.thought_marks import (
    NAMED_CHANNEL,
    SPOKEN,
    SPOKEN_STARTS,
    UNFINISHED,
    ThoughtMark,
    next_mark,
)

HELD_SPOKEN = 30
"""No phrase that ends spoken thinking is longer."""
"""No phrase that ends spoken thinking is longer."""
SPAN_CHARACTERS = 200
"""How far the end of a code span is waited for."""
"""How far the end of a code span is waited for."""
IN_SENTENCE = re.compile(r"[a-zà-ÿ,] \Z")


class ThoughtsParser:
    """Parses one reply. `text` is what is left of it so far; it begins again when it was all thinking."""

    def __init__(self, *, knows_code: bool = True) -> None:
        self.text = ""
        self._knows_code = knows_code
        self._raw: list[str] = []
        self._pending = ""
        """Not yet decided: the start of a mark or phrase, or a mark in a code span that is still open."""
        self._decided: list[str] = []
        """Text that `text` does not have yet."""
        self._open: list[str] = []
        """The names of the marks that are open; the text goes on when the first is closed."""
        self._spoken_end: re.Pattern[str] | None = None
        self._is_at_start = True
        self._left_open = 0
        """How many marks inside the last thinking were not closed when it ended."""
        self._resumed_at = 0
        """Where in the text the last thinking was."""
        self._has_ended = False
        self._before_stray = ""
        """The text before a closing mark that closes nothing, although there was thinking that ended."""
        self._code = CodeBlocks()
        self._has_mark_in_block = False

    def feed(self, piece: str) -> str:
        """Take a piece, return the text so far."""
        self._raw.append(piece)
        if (
            self._is_at_start
            or self._pending
            or self._open
            or self._spoken_end is not None
            or "<" in piece
            or "[" in piece
            or "◁" in piece
        ):
            self._pending += piece
            self._parse(is_end=False)
            self._flush()
        else:  # the usual case
            self._code.add(piece)
            self.text += piece
        return self.text

    def end(self) -> str:
        """Return the whole text: nothing more comes."""
        self._parse(is_end=True)
        self._flush()
        if self._before_stray and not self.text.strip():
            self.text = self._before_stray  # nothing follows the mark: it was one too many
        if self._has_mark_in_block and self._code.is_open():
            # The block that seemed to hold the marks was never closed.
            again = ThoughtsParser(knows_code=False)
            again.feed("".join(self._raw))
            self.text = again.end()
        return self.text

    def _parse(self, *, is_end: bool) -> None:
        if self._is_at_start and not self._begin(is_end=is_end):
            return
        while self._pending:
            if self._spoken_end is not None:
                if not self._end_spoken(self._spoken_end, is_end=is_end):
                    return
            elif (mark := next_mark(self._pending)) is None:
                held = None if is_end else UNFINISHED.search(self._pending)
                self._emit(held.start() if held else len(self._pending))
                return
            elif not self._pass(mark, is_end=is_end):
                return

    def _begin(self, *, is_end: bool) -> bool:
        """Look for thinking in words, with which a reply may begin. False to wait for more."""
        start = self._pending.lstrip().lower()
        if not start:
            return is_end
        if not is_end and any(
            phrase.startswith(start) and (start != phrase or phrase[-1].isalpha()) for phrase in SPOKEN_STARTS
        ):
            return False
        self._is_at_start = False
        for opening, closing in SPOKEN.items():
            if found := opening.match(self._pending):
                self._pending = self._pending[found.end() :]
                self._spoken_end = closing
                break
        return True

    def _end_spoken(self, closing: re.Pattern[str], *, is_end: bool) -> bool:
        """Drop thinking in words up to its end. False to wait for more."""
        if found := closing.search(self._pending):
            self._pending = self._pending[found.end() :]
            self._spoken_end = None
            return True
        self._pending = "" if is_end else self._pending[-HELD_SPOKEN:]
        return False

    def _pass(self, mark: ThoughtMark, *, is_end: bool) -> bool:
        """Take what comes before the mark, then the mark. False to wait for more."""
        self._emit(mark.start)
        length = mark.end - mark.start
        after = self._pending[length : length + SPAN_CHARACTERS]
        if not after and mark.may_go_on and not is_end:
            return False
        is_content: bool | None = False
        if not self._open and self._knows_code:
            is_content = self._is_content(mark, after, is_end=is_end)
        if is_content is None:
            return False
        if is_content:
            self._emit(length)
        else:
            self._pending = self._pending[length:]
            self._take(mark)
        return True

    def _emit(self, length: int) -> None:
        """Move so much of what is pending to the text, unless it is thinking."""
        text, self._pending = self._pending[:length], self._pending[length:]
        if text and not self._open:
            self._code.add(text)
            self._decided.append(text)

    def _flush(self) -> None:
        if self._decided:
            self.text += "".join(self._decided)
            self._decided.clear()

    def _take(self, mark: ThoughtMark) -> None:
        match mark.kind:
            case "open":
                if not self._open:
                    self._flush()
                    self._left_open, self._resumed_at = 0, len(self.text)
                self._open.append(mark.name)
            case "close":
                self._close(mark.name)
            case "answer":
                self._open.clear()
                self._restart(0)
            case "message":
                self._begin_message()
            case "drop":
                if self._open and self._open[0] == "channel":
                    self._open.clear()

    def _close(self, name: str) -> None:
        if not self._open:
            if name != "details":
                self._flush()
                self._before_stray = self.text if self._has_ended else ""
                self._restart(self._resumed_at if self._left_open else 0)
                self._left_open = max(0, self._left_open - 1)
        elif len(self._open) == 1 or name == self._open[0]:
            self._has_ended = True
            self._left_open = len(self._open) - 1
            self._open.clear()
        else:
            self._open.pop()

    def _begin_message(self) -> None:
        """Take a message's mark; the mark of its channel may be missing."""
        self._flush()
        if not self._open and (named := NAMED_CHANNEL.match(self.text)):
            self._restart(0)
            if named[1] != "final":
                self._open.append("channel")

    def _restart(self, position: int) -> None:
        self._flush()
        self.text = self.text[:position]
        self._code = CodeBlocks()
        self._code.add(self.text)

    def _is_content(self, mark: ThoughtMark, after: str, *, is_end: bool) -> bool | None:
        """Whether the text is about the mark; None if only what comes next can tell."""
        if self._code.is_open():
            self._has_mark_in_block = True
            return True
        line, newline, _ = after.partition("\n")
        is_whole = bool(newline) or is_end or len(after) == SPAN_CHARACTERS
        if ticks := self._code.open_span():
            if ends_span(line, ticks, is_whole=is_whole):
                return True
            if not is_whole:
                return None
        if mark.name == "details" and mark.kind == "close":
            return True
        if mark.kind != "close" or not IN_SENTENCE.search(self._code.line[-2:]):
            return False
        if len(after) < 2 and not is_end:
            return None if " ".startswith(after[:1]) else False
        return after[:1] == " " and after[1:2].islower()
