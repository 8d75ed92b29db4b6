"""What sentences are compared by: their words' stems, as `Stems` has them for every script."""

from __future__ import annotations

import re

from tasks.pipeline.text.languages import Stems
from tasks.pipeline.text.scripts import HAN, HIRAGANA, KATAKANA, SOUTH_EAST_ASIAN_LETTERS
from tasks.pipeline.text.typography import shown

SPACELESS = HAN + HIRAGANA + KATAKANA + SOUTH_EAST_ASIAN_LETTERS
_HAS_SPACELESS = re.compile(f"[{SPACELESS}]")


def is_spaceless(text: str) -> bool:
    """Whether a text has a script that writes no blanks between words."""
    return _HAS_SPACELESS.search(text) is not None


def comparable_words(text: str, stems: Stems) -> frozenset[str]:
    """The words of a text in the form in which two texts are compared."""
    return frozenset(stems.of_text(text if text.isascii() else shown(text)))
