"""Texts and queries in one form, before they are divided into words."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

UNUSUAL = re.compile("[^ -~]")
APOSTROPHE = "\u02bc"
"""Unicode's apostrophe that is a letter: the others divide words."""


def clean(text: str) -> str:
    """Compatibility forms unified; without characters that are invisible, private or none at all."""
    return unicodedata.normalize("NFKC", UNUSUAL.sub(lambda match: _replacement(match[0]), text))


@lru_cache(maxsize=4096)
def _replacement(char: str) -> str:
    category = unicodedata.category(char)
    if char == APOSTROPHE:
        return "’"
    if category == "Cf":
        return ""
    return " " if category.startswith("C") or char in "\ufffd" else char
