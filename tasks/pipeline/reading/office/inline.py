"""The text of one paragraph, put together from runs that each have a format of their own."""

from __future__ import annotations

from tasks.pipeline.reading.exponents import Placement
from tasks.pipeline.reading.raised import BEFORE, lowered, raised, without_joins
from tasks.pipeline.text.scripts import is_chinese_or_japanese
from tasks.pipeline.text.typography import shown

RAISED = 1
LOWERED = -1


class InlineText:
    """Pieces of text in their order. Word processors cut a word, and an exponent, into several runs."""

    def __init__(self) -> None:
        self._pieces: list[tuple[list[str], int]] = []
        self._all_bold = True

    def add(self, text: str, level: int = 0, *, bold: bool = False) -> None:
        """`level` is RAISED, LOWERED or 0."""
        if not text:
            return
        if not bold and not text.isspace():
            self._all_bold = False
        if level and text.isspace():
            level = 0
        if self._pieces and self._pieces[-1][1] == level:
            self._pieces[-1][0].append(text)
        else:
            self._pieces.append(([text], level))

    def separate(self) -> None:
        """Set a blank where two paragraphs became one, in scripts that have blanks."""
        last = self._pieces[-1][0][-1][-1] if self._pieces else ""
        if last and not is_chinese_or_japanese(last):
            self.add(" ", bold=True)

    @property
    def is_bold(self) -> bool:
        return self._all_bold and bool(self._pieces)

    def text(self) -> str:
        pieces = [("".join(parts), level) for parts, level in self._pieces]
        if all(level == RAISED for _, level in pieces):
            # All of it is raised, so none of it is compared with its line.
            return shown("".join(piece for piece, _ in pieces))
        written, before = list[str](), ""
        for index, (piece, level) in enumerate(pieces):
            if level == RAISED:
                after = pieces[index + 1][0][:BEFORE] if index + 1 < len(pieces) else ""
                words = piece.strip()
                start = piece[: len(piece) - len(piece.lstrip())]
                piece = (
                    start + raised(words, Placement(before + start, after)) + piece[len(start) + len(words) :]
                )
            elif level == LOWERED:
                piece = lowered(piece, before)
            written.append(piece)
            before = (before + piece)[-BEFORE:] if len(piece) < BEFORE else piece[-BEFORE:]
        return shown(without_joins(" ".join("".join(written).split())))
