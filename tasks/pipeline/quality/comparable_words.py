"""What sentences are compared by: stems, and pairs of characters where no blanks divide the words."""

from __future__ import annotations

import re

from tasks.pipeline.text.languages import Stems
from tasks.pipeline.text.sentences import sentences
from tasks.pipeline.text.typography import folded

_PAIRED = "\u3005-\u3007\u3040-\u309f\u30a0-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_TRIPLED = "\u0e01-\u0e4e\u0e81-\u0ecd\u1000-\u103f\u1780-\u17d3"
SPACELESS = _PAIRED + _TRIPLED
_RUN = re.compile(f"[{_PAIRED}]+|[{_TRIPLED}]+")
_HAS_RUN = re.compile(f"[{SPACELESS}]")
_END = re.compile("(?<=[。！？｡।])(?=[^」』”’)）])|(?<=[。！？｡][」』”’)）])")


def is_spaceless(text: str) -> bool:
    """Whether a text has a script that writes no blanks between words."""
    return _HAS_RUN.search(text) is not None


def comparable_words(text: str, stems: Stems) -> frozenset[str]:
    """The words of a text in the form in which two texts are compared."""
    if text.isascii():
        return frozenset(stems.of_text(text))
    text = folded(text)
    if not is_spaceless(text):
        return frozenset(stems.of_text(text))
    runs = [run for match in _RUN.finditer(text) for run in _parts(match[0])]
    return frozenset([*stems.of_text(_RUN.sub(" ", text)), *runs])


def sentences_of(block: str, stems: Stems) -> list[str]:
    """The sentences of a block; those of East Asia end without a blank after them."""
    found = sentences(block, stems.language)
    if not is_spaceless(block):
        return found
    return [part.strip() for sentence in found for part in _END.split(sentence) if part.strip()]


def _parts(run: str) -> list[str]:
    length = 2 if run[0] >= "\u3000" else 3
    if len(run) <= length:
        return [run]
    return [run[place : place + length] for place in range(len(run) - length + 1)]
