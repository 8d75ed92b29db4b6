"""Spellings at an edit distance of one: a letter replaced, inserted or deleted, or two transposed."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from functools import lru_cache

BLOCK = 0x80
LATIN = "abcdefghijklmnopqrstuvwxyz"
LETTERS = {"Ll", "Lo", "Mn", "Mc"}


def spellings(word: str, letters: str = "") -> Iterator[str]:
    """All of them, some more than once. `letters` are those of the languages in question."""
    alphabet = _alphabet(frozenset(word), letters)
    parts = [(word[:place], word[place:]) for place in range(len(word) + 1)]
    yield from (start + end[1] + end[0] + end[2:] for start, end in parts if len(end) > 1)
    yield from (start + end[1:] for start, end in parts if end)
    for start, end in parts:
        yield from (start + letter + end for letter in alphabet)
        if end:
            yield from (start + letter + end[1:] for letter in alphabet if letter != end[0])


@lru_cache(maxsize=256)
def _alphabet(typed: frozenset[str], letters: str) -> str:
    """The small letters, and their marks, that a word of the typed ones may have.

    Where no language is known that is written in this script, they are those of its part of Unicode.
    """
    scripts = {_script(letter) for letter in typed}
    found = {letter for letter in letters if _is_letter(letter) and _script(letter) in scripts} | typed
    if scripts <= {"LATIN", "COMBINING"}:
        return "".join(sorted(found.union(LATIN)))
    if found > typed:
        return "".join(sorted(found))
    blocks = {ord(letter) // BLOCK * BLOCK for letter in typed}
    around = (chr(code) for block in sorted(blocks) for code in range(block, block + BLOCK))
    return "".join(char for char in around if _is_letter(char) and _script(char) in scripts)


def _is_letter(char: str) -> bool:
    return unicodedata.category(char) in LETTERS


def _script(char: str) -> str:
    return unicodedata.name(char, "").split(" ")[0]
