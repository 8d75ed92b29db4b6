"""The text of one paragraph, put together from runs that each have a format of their own."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from tasks.pipeline.reading.raised import lowered, raised
from tasks.pipeline.text.typography import shown

_WORD = re.compile("[\u2e80-\ua4cf\uac00-\ud7ff]|[^\\W\\d_²³¹⁰-₎]+")

RAISED = 1
LOWERED = -1


class InlineText:
    """Pieces of text in their order. Word processors cut a word, and an exponent, into several runs."""

    def __init__(self) -> None:
        self._pieces: list[tuple[str, int]] = []
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
            text = self._pieces.pop()[0] + text
        self._pieces.append((text, level))

    @property
    def is_bold(self) -> bool:
        return self._all_bold and bool(self._pieces)

    def text(self) -> str:
        if len(self._pieces) == 1 and not self._pieces[0][1]:
            return shown(self._pieces[0][0])
        written = ""
        for index, (piece, level) in enumerate(self._pieces):
            if level == RAISED and any(not each for _, each in self._pieces):
                after = self._pieces[index + 1][0] if index + 1 < len(self._pieces) else ""
                words = piece.strip()
                start = piece[: len(piece) - len(piece.lstrip())]
                written += start + raised(written + start, words, after) + piece[len(start) + len(words) :]
            else:
                written += lowered(written, piece) if level == LOWERED else piece
        return shown(written)


def share_taken(visible: Iterable[str], taken: Iterable[str], *, hidden: Iterable[str] = ()) -> float | None:
    """Of the words in all visible text, how many are in the texts that were taken; each occurrence counts."""
    there, here = _words(visible), _words(taken)
    there.subtract(_words(hidden))
    there = +there
    total = there.total()
    return (there & here).total() / total if total else None


def _words(texts: Iterable[str]) -> Counter[str]:
    """Without figures, which are written otherwise where they are raised."""
    found = Counter[str]()
    for text in texts:
        found.update(_WORD.findall(text if text.isascii() else shown(text)))
    return found
