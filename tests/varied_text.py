"""Text of a length and script that does not repeat itself, as a model's does not."""

from __future__ import annotations

import random
import string


def varied(text: str, seed: int = 0) -> str:
    """The text with other letters of the same scripts; everything else stays where it is."""
    pick = random.Random(f"{seed} {text[:20]}")
    return "".join(_other(character, pick) for character in text)


def _other(character: str, pick: random.Random) -> str:
    if character in string.ascii_letters:
        return pick.choice(string.ascii_lowercase)
    if "\u4e00" <= character <= "\u9fff":
        return chr(pick.randint(0x4E00, 0x5E00))
    if "\u0e01" <= character <= "\u0e2e":
        return chr(pick.randint(0x0E01, 0x0E2E))
    return character
