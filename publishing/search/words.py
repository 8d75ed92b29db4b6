"""What counts as a word in search: the same for texts and for queries, whatever the database's locale.

PostgreSQL's own parser is not asked: what it takes for a letter depends on the locale, it makes negative
numbers of what follows a hyphen, and scripts that are written without spaces are one word to it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

MAX_WORD = 60
"""Characters: longer strings of letters are no words, and nobody types them."""
MAX_JOINED = 6
"""Parts of a compound that is also found when written as one word."""

UNSPACED = (
    "\u0e00-\u0e4e\u0e5a-\u0ecf\u0eda-\u0eff\u1000-\u103f\u104a-\u108f\u109a-\u109f\u1780-\u17df\u17ea-\u17ff"
    "\u2e80-\u2fff\u3005-\u3007\u3041-\u3096\u3099\u309a\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff\u3100-\u9fff"
    "\u1100-\u11ff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff"
)
"""Scripts without spaces between words, and Hangul, where they are optional."""
UNSPACED_CHARACTER = re.compile(f"[{UNSPACED}]")
MARKS = "".join(
    char
    for first, last in (
        (0x300, 0xE00),
        (0x1AB0, 0x1B00),
        (0x1DC0, 0x1E00),
        (0x20D0, 0x2100),
        (0xFE20, 0xFE30),
    )
    for char in map(chr, range(first, last))
    if unicodedata.category(char)[0] == "M"
)
"""Parts of words as letters are, which `re` does not know."""
LETTERS = rf"(?:(?![{UNSPACED}])(?:[^\W\d_]|[{MARKS}]))+"
CHUNK = re.compile(r"\S+")
ATOM = re.compile(
    rf"(?P<number>\d{{1,3}}(?:['’]\d{{3}})+(?!\d)(?:[.,]\d+)*|\d+(?:[.,]\d+)*)|(?P<unspaced>[{UNSPACED}]+)|(?P<dotted>(?<![\w.])\.[A-Za-z][A-Za-z]+)"
    rf"|(?P<letters>[A-Za-z](?:\+\+|\#)(?!\#)|[A-Za-z]+\+\+|[A-Za-z]++(?![^\x00-\x7f])|{LETTERS})"
)
APOSTROPHES = frozenset("'’ʼ‘`´")
CONNECTORS = APOSTROPHES | frozenset("-‐_.&·")
CONTRACTED = frozenset({"s", "t", "ll", "re", "ve", "d", "m"})
"""After an apostrophe: no words of their own, and part of one with a few exceptions only, such as “don't”."""
ELIDED = frozenset({"l", "d", "j", "m", "n", "s", "t", "c", "qu", "dell", "all", "nell", "sull", "un"})
"""Before an apostrophe, in French, Italian and Catalan."""

# Letters with a stroke and the like, which Unicode does not take apart.
PLAIN = {
    "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ħ": "h", "ŧ": "t", "ı": "i",
    "ŋ": "n", "ĸ": "k", "ß": "ss",
}  # fmt: skip
FOLDED = str.maketrans(
    {
        "\u0307": None, "\u093c": None, "\u0640": None, "ё": "е", "ς": "σ",
        "أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ى": "ي", "ی": "ي", "ک": "ك",
    }
    | {chr(code): None for code in (*range(0x591, 0x5C8), *range(0x64B, 0x660), 0x670) if chr(code) in MARKS}
)  # fmt: skip
"""Points and marks that readers leave out, and letters that look alike."""
TURKISH = str.maketrans({"I": "ı", "İ": "i"})


@dataclass(frozen=True, slots=True)
class Word:
    """A word at its place. `forms` are other spellings of it, or of the compound it begins or ends."""

    text: str
    start: int
    end: int
    forms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Compound:
    """Words that were typed together: `wi-fi`, `python3.11`, `北京天气`. Most are of one word."""

    words: tuple[Word, ...]
    joined: tuple[str, ...] = ()
    """The same written as one word."""
    is_unspaced: bool = False
    """Of a script without spaces: `words` are each two characters, and the last one alone."""


def divide(text: str, language: str = "") -> list[Word]:
    """The words of a text that `normalization.clean` has cleaned, in their order; offsets are into it."""
    return [
        Word(word.text, place + word.start, place + word.end, word.forms)
        for place, compound in compounds(text, language)
        for word in compound.words
    ]


def compounds(text: str, language: str = "") -> Iterator[tuple[int, Compound]]:
    """See `divide`. Offsets in each are relative to its place, which comes with it."""
    for chunk in CHUNK.finditer(text):
        typed = chunk[0]
        found = _cached_chunk(typed, language) if len(typed) <= MAX_WORD else _chunk(typed, language)
        for compound in found:
            yield chunk.start(), compound


@lru_cache(maxsize=4096)
def _cached_chunk(chunk: str, language: str) -> tuple[Compound, ...]:
    return _chunk(chunk, language)


def _chunk(chunk: str, language: str) -> tuple[Compound, ...]:
    """What stands between blanks, with its punctuation."""
    found: list[Compound] = []
    atoms: list[re.Match[str]] = []
    for atom in ATOM.finditer(chunk):
        if atoms and not _belongs(chunk, atoms[-1], atom):
            found.append(_compound(chunk, atoms, language))
            atoms = []
        atoms.append(atom)
    return (*found, _compound(chunk, atoms, language)) if atoms else ()


@lru_cache(maxsize=8192)
def folded(word: str, language: str = "") -> str:
    """Without case, and without the points and marks that readers leave out."""
    if word.isascii() and language != "tr":
        return word.lower()[:MAX_WORD]
    if language == "tr":
        word = word.translate(TURKISH)
    return word.casefold().translate(FOLDED)[:MAX_WORD]


def unaccented(word: str) -> str:
    """`word` in plain letters where it is of Latin or Greek ones."""
    return word if word.isascii() else "".join(map(_plain, word))


@lru_cache(maxsize=4096)
def _plain(char: str) -> str:
    if char in PLAIN:
        return PLAIN[char]
    if char < "\u0370" or "\u0370" <= char < "\u0400" or "\u1e00" <= char < "\u2000":
        return "".join(
            part for part in unicodedata.normalize("NFKD", char) if not unicodedata.combining(part)
        )
    return char


def _belongs(text: str, before: re.Match[str], atom: re.Match[str]) -> bool:
    """Whether the two were typed as one word."""
    if before["unspaced"] or atom["unspaced"] or atom["dotted"]:
        return False
    between = text[before.end() : atom.start()]
    return not between or between in CONNECTORS


def _compound(text: str, atoms: list[re.Match[str]], language: str) -> Compound:
    if len(atoms) == 1:
        (atom,) = atoms
        return _unspaced(atom[0], atom.start()) if atom["unspaced"] else Compound((_word(atom, language),))
    words = [_word(atom, language) for atom in atoms]
    apostrophes = [text[one.end() : other.start()] in APOSTROPHES for one, other in pairwise(atoms)]
    shown = [
        word
        for word, follows in zip(words, [False, *apostrophes], strict=True)
        if not (follows and word.text in CONTRACTED)
    ]
    if apostrophes[-1] and words[-1].text in CONTRACTED - {"t"}:
        atoms, words = atoms[:-1], words[:-1]
    is_elided = apostrophes[0] and words[0].text in ELIDED and not atoms[-1][0][0].isupper()
    joined = [] if is_elided else _joined(atoms, words)
    if joined:
        # Next to the words before and after it, so that it is found in a phrase.
        for place in {0, len(shown) - 1}:
            word = shown[place]
            shown[place] = Word(word.text, word.start, word.end, (*word.forms, *joined))
    return Compound(tuple(shown), tuple(joined))


def _joined(atoms: list[re.Match[str]], words: list[Word]) -> list[str]:
    if not 1 < len(words) <= MAX_JOINED or all(atom["number"] for atom in atoms):
        return []
    whole = "".join(word.text for word in words)
    found = [whole] if len(whole) <= MAX_WORD else []
    if len(words) > 2:  # then its parts may be compounds as well
        found += [
            one.text + other.text
            for (one, other), (left, right) in zip(pairwise(words), pairwise(atoms), strict=True)
            if not (left["number"] and right["number"])
        ]
    return list(dict.fromkeys(found))


def _word(atom: re.Match[str], language: str) -> Word:
    start, end = atom.span()
    if atom["number"]:
        text, *forms = _numbers(atom[0])
        return Word(text, start, end, tuple(forms))
    text = folded(atom[0], language)
    if atom["dotted"]:
        return Word(text, start, end, (text[1:], f"dot{text[1:]}"))
    if text in SIGNED:
        return Word(text, start, end, SIGNED[text])
    if text.endswith("++"):
        return Word(text, start, end, (text[:-2],))
    return Word(text, start, end)


SIGNED = {"c++": ("cpp", "cplusplus"), "c#": ("csharp",), "f#": ("fsharp",)}


@lru_cache(maxsize=2048)
def _numbers(typed: str) -> tuple[str, ...]:
    """A number without separators of thousands and with a decimal point, then other readings of it."""
    typed = typed.replace("'", "").replace("’", "")
    digits = (
        typed
        if typed.isascii()
        else "".join(char if char in ".," else str(unicodedata.digit(char)) for char in typed)
    )
    groups = re.split("[.,]", digits)
    if len(groups) == 1:
        return (digits,)
    signs = [sign for sign in digits if sign in ".,"]
    dotted = digits.replace(",", ".")
    is_grouped = len(groups[0]) <= 3 and all(len(group) == 3 for group in groups[1:-1])  # thousands
    if len(set(signs)) == 2 and signs.count(signs[-1]) == 1 and is_grouped:
        whole = "".join(groups[:-1])
        return (f"{whole}.{groups[-1]}", whole)
    if is_grouped and len(groups[-1]) == 3 and groups[0] != "0":
        return ("".join(groups), dotted) if len(groups) == 2 else ("".join(groups),)
    if len(groups) == 2:
        return (dotted,)
    return (dotted, f"{groups[0]}.{groups[1]}", *(group for group in groups if len(group) > 1))


def _unspaced(run: str, start: int) -> Compound:
    run = run.translate(FOLDED) if len(run.translate(FOLDED)) == len(run) else run
    pairs = [Word(run[at : at + 2], start + at, start + at + 2) for at in range(len(run) - 1)]
    last = Word(run[-1], start + len(run) - 1, start + len(run))
    return Compound((*pairs, last), is_unspaced=True)
