"""What sentences are compared by: their words' stems, as `Stems` has them for every script."""

from __future__ import annotations

import re

from tasks.pipeline.text.languages import Stems
from tasks.pipeline.text.typography import shown

SPACELESS = (
    "\u3005-\u3007\u3040-\u309f\u30a0-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
    "\u0e01-\u0e4e\u0e81-\u0ecd\u1000-\u103f\u1780-\u17d3"
)
_HAS_SPACELESS = re.compile(f"[{SPACELESS}]")


def is_spaceless(text: str) -> bool:
    """Whether a text has a script that writes no blanks between words."""
    return _HAS_SPACELESS.search(text) is not None


def comparable_words(text: str, stems: Stems) -> frozenset[str]:
    """The words of a text in the form in which two texts are compared."""
    return frozenset(stems.of_text(text if text.isascii() else shown(text)))
