"""What counts as a word in search: the same for texts and for queries, whatever the database's locale.

PostgreSQL's parser asks the locale what a letter is. In the C locale every character beyond ASCII is one, so
that “heat—stress” would be a single word; and no locale divides scripts that are written without spaces.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

BOUNDARY = "\x1f"
"""Divides words in a text that is still to be shown: PostgreSQL sees a blank, readers see nothing."""

UNUSUAL = re.compile("[^ -~]")
# Next to other characters these would turn their neighbours into a file name, a tag or an entity.
SPECIAL = re.compile(r"[^\x00-\x7f]|[/<&]")
UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u2fff\u3005-\u3007\u3040-\u9fff\uac00-\ud7af\uf900-\ufaff"
    "\U00020000-\U0003ffff]"
)
NAMED_BY_SIGNS = re.compile(r"(?<!\w)(?:c\+\+|c#|f#|\.net)(?!\w)", re.IGNORECASE)
NAMES = {"c++": "cplusplus", "c#": "csharp", "f#": "fsharp", ".net": "dotnet"}


def clean(text: str) -> str:
    """Compatibility forms unified; without characters that are invisible, private or none at all."""
    return unicodedata.normalize("NFKC", UNUSUAL.sub(lambda match: _replacement(match[0]), text))


def as_words(text: str) -> str:
    """`text` so that PostgreSQL divides it as we mean it: for indexing and for queries."""
    named = NAMED_BY_SIGNS.sub(lambda match: NAMES[match[0].lower()], clean(text))
    return SPECIAL.sub(lambda match: _divided(match[0]), named)


def as_shown(text: str) -> str:
    """`text` with a BOUNDARY wherever `as_words` divides: for highlighting. Remove each before showing it."""
    return SPECIAL.sub(
        lambda match: match[0] if _is_letter(match[0]) else f"{BOUNDARY}{match[0]}{BOUNDARY}", clean(text)
    )


@lru_cache(maxsize=4096)
def _replacement(char: str) -> str:
    category = unicodedata.category(char)
    if category == "Cf":
        return ""
    return " " if category.startswith("C") or char in "\ufffd" else char


@lru_cache(maxsize=4096)
def _divided(char: str) -> str:
    if UNSPACED.match(char):
        return f" {char} "
    return char if _is_letter(char) else " "


@lru_cache(maxsize=4096)
def _is_letter(char: str) -> bool:
    return char > "\x7f" and not UNSPACED.match(char) and unicodedata.category(char)[0] in "LMN"
