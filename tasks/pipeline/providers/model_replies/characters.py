"""Characters that no text may have: they break JSON, databases or pages, or are not seen."""

from __future__ import annotations

import re

SURROGATES = re.compile(r"[\ud800-\udfff]")
HIGH_SURROGATE = re.compile(r"[\ud800-\udbff]\Z")
DROPPED = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufdd0-\ufdef\ufeff\ufffe\uffff]")
"""Controls other than tabulators and line breaks, the mark of a byte order, and what is no character."""
NOT_SEEN = re.compile(
    r"[\s\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0]+"
)


class CharacterFilter:
    """Takes a text piece by piece; a pair of surrogates may be cut in two."""

    def __init__(self) -> None:
        self._held = ""

    def feed(self, piece: str) -> str:
        if piece.isascii() and piece.isprintable() and not self._held:
            return piece  # the usual case
        text = self._held + piece
        self._held = ""
        if found := HIGH_SURROGATE.search(text):
            text, self._held = text[: found.start()], found[0]
        return clean(text)

    def end(self) -> str:
        held, self._held = self._held, ""
        return clean(held)


def clean(text: str) -> str:
    """Without characters that no text may have; half of a pair of surrogates becomes U+FFFD."""
    if SURROGATES.search(text):
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return DROPPED.sub("", text)


def is_blank(text: str) -> bool:
    """Whether nothing of it is seen."""
    return not NOT_SEEN.sub("", text)
