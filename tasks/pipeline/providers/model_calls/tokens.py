"""How many tokens a text has, without the tokenizer of its model: an upper and a lower estimate.

Budgets use the upper one. Vocabularies differ, so it errs upwards: a character outside the common
alphabets may be as many tokens as it has bytes, which is the most that a tokenizer of bytes makes of it.
"""

from __future__ import annotations

import string

CHARACTERS_PER_TOKEN = 4
_PROSE = f"{string.ascii_letters} ,.".encode()
"""Characters of which several make a token. Digits and signs may be a token each."""
_COMMON_ALPHABETS = bytes([*range(0xC3, 0xD5), *range(0xD6, 0xDC)])
"""Leading bytes of Latin, Greek, Cyrillic, Hebrew and Arabic letters, which are a token each at the most."""
_ASCII = bytes(range(128))


def most_tokens(text: str) -> int:
    """As many as the text may be in a vocabulary that does not favour its language."""
    prose, dense = _weights(text)
    return -(-prose // CHARACTERS_PER_TOKEN) + dense


def fewest_tokens(text: str) -> int:
    """The fewest tokens that any vocabulary makes of it: a lower report is wrong."""
    foreign = len(text.encode("utf-8", "replace").translate(None, _ASCII))
    return max(len(text.split()) * 3 // 4, foreign // 8)


class TokenCount:
    """Counts a text as it comes, piece by piece: servers send at least a token in each."""

    __slots__ = ("_dense", "_pieces", "_prose")

    def __init__(self) -> None:
        self._pieces = self._prose = self._dense = 0

    def add(self, piece: str) -> None:
        prose, dense = _weights(piece)
        self._pieces += 1
        self._prose += prose
        self._dense += dense

    @property
    def tokens(self) -> int:
        return max(self._pieces, -(-self._prose // CHARACTERS_PER_TOKEN) + self._dense)


def _weights(text: str) -> tuple[int, int]:
    """How many characters share tokens with others, and how many tokens the rest may be."""
    data = text.encode("utf-8", "replace")
    rest = data.translate(None, _PROSE)
    return len(data) - len(rest), len(rest.translate(None, _COMMON_ALPHABETS))
