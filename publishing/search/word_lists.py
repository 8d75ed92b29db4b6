"""How common a word is in its language, by the lists that wordfreq ships: for corrections and spellings.

The lists are searched as they are in its files, most common words first: a search takes some milliseconds, a
list 3 to 13 MB. wordfreq itself would make a dictionary of all words, ten times that.
"""

from __future__ import annotations

import gzip
from bisect import bisect_right
from collections import Counter
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.util import find_spec
from pathlib import Path

NAMED_OTHERWISE = {"no": "nb", "nn": "nb", "sr": "sh", "hr": "sh", "bs": "sh", "tl": "fil"}
MAX_LISTS = 4
"""Lists in memory at once: the languages of one site, and English."""
LETTERS_READ = 30_000
"""Of the commonest words, to see which letters the language has."""
MIN_SHARE = 0.0002
"""A letter that is rarer than this in these is not one of the language."""
# Of msgpack: what a string or an array begins with.
MAX_SHORT_STRING, SHORT_STRING, STRING = 31, 0xA0, 0xD9
MAX_CHARACTERS = 60


@dataclass(frozen=True)
class WordList:
    packed: bytes
    """Strings as msgpack has them: arrays of words of one frequency each, the most common ones first."""
    starts: list[int]
    """Where each array begins; its number is the frequency in centibels."""
    alphabet: str
    is_large: bool

    def zipf(self, word: str) -> float:
        encoded = word.encode("utf-8", "replace")
        length = len(encoded)
        prefix = bytes([SHORT_STRING | length] if length <= MAX_SHORT_STRING else [STRING, length])
        place = self.packed.find(prefix + encoded)
        return 9 - (bisect_right(self.starts, place) - 1) / 100 if place >= 0 else 0.0


def zipf(word: str, language: str) -> float:
    """The logarithm of how often a thousand million words have this one: “the” 7.7, “turbine” 3.5.

    0 where the list of the language has it not, or there is none. Without regard to case.
    """
    known = of_language(language)
    if not known or not 0 < len(word) <= MAX_CHARACTERS:
        return 0.0
    return _zipf(
        word.casefold() if language != "tr" else word.replace("I", "ı").replace("İ", "i").lower(), language
    )


@lru_cache(maxsize=4096)
def _zipf(word: str, language: str) -> float:
    known = of_language(language)
    assert known
    found = known.zipf(word)
    if not found and word.endswith("σ"):  # as folded: Greek has another letter at the end
        found = known.zipf(f"{word[:-1]}ς")
    return found


def of_language(code: str) -> WordList | None:
    path = _path(NAMED_OTHERWISE.get(code, code))
    return _read(path) if path else None


@cache
def _path(code: str) -> Path | None:
    spec = find_spec("wordfreq")  # importing it would load much that is not needed
    if not spec or not spec.origin or not code.isalpha():
        return None
    folder = Path(spec.origin).parent / "data"
    paths = (folder / f"{size}_{code}.msgpack.gz" for size in ("large", "small"))
    return next((path for path in paths if path.is_file()), None)


@lru_cache(maxsize=MAX_LISTS)
def _read(path: Path) -> WordList:
    import msgpack  # most processes never need it

    packed = gzip.decompress(path.read_bytes())
    unpacker = msgpack.Unpacker(strict_map_key=False, max_buffer_size=0)
    unpacker.feed(packed)
    arrays = unpacker.read_array_header()
    header = unpacker.unpack()
    if header != {"format": "cB", "version": 1}:
        raise ValueError(f"{path} is not in the format of wordfreq 3.")
    starts, common = [], Counter[str]()
    for _ in range(arrays - 1):
        starts.append(unpacker.tell())
        if common.total() < LETTERS_READ:
            common.update("".join(unpacker.unpack()))
        else:
            unpacker.skip()
    at_least = common.total() * MIN_SHARE
    alphabet = "".join(
        sorted(char for char, amount in common.items() if amount > at_least and not char.isdigit())
    )
    return WordList(packed, starts, alphabet, path.name.startswith("large"))
