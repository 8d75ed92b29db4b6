"""Words and lengths of texts in any script: one rule for target lengths, reading times and comparisons.

Where a script divides its words by blanks, a word is a word. Chinese and Japanese are measured in
characters, as their editors and word processors do: each ideograph and each kana counts one. Thai, Lao,
Khmer, Burmese and Tibetan have words but no blanks between them: their letters are counted, some of which
make a word.
"""

from __future__ import annotations

import re
from collections.abc import Set as AbstractSet

from tasks.pipeline.text.scripts import (
    HAN,
    HIRAGANA,
    KATAKANA,
    SOUTH_EAST_ASIAN_LETTERS,
    TIBETAN_LETTERS,
)

# `\w` has no combining marks, which are parts of letters in India and in Arabic, nor the joiners in words.
_MARKS = (
    "\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u064b-\u065f\u0670"
    "\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed\u0711\u0730-\u074a\u07a6-\u07b0\u0816-\u082d\u0859-\u085b"
    "\u08d3-\u08e1\u08e3-\u0903\u093a-\u093c\u093e-\u094f\u0951-\u0957\u0962\u0963\u0981-\u0983\u09bc\u09be-\u09cd"
    "\u09d7\u09e2\u09e3\u0a01-\u0a03\u0a3c-\u0a51\u0a70\u0a71\u0a75\u0a81-\u0a83\u0abc\u0abe-\u0acd\u0b01-\u0b03"
    "\u0b3c\u0b3e-\u0b57\u0b82\u0bbe-\u0bcd\u0bd7\u0c00-\u0c04\u0c3c\u0c3e-\u0c56\u0c81-\u0c83\u0cbc\u0cbe-\u0cd6"
    "\u0d00-\u0d03\u0d3b\u0d3c\u0d3e-\u0d4d\u0d57\u0d81-\u0d83\u0dca-\u0ddf\u135d-\u135f\u1dc0-\u1dff\u200c\u200d"
    "\u20d0-\u20f0\u3099\u309a\ufe20-\ufe2f"
)
_SPACELESS = HAN + HIRAGANA + KATAKANA + SOUTH_EAST_ASIAN_LETTERS + TIBETAN_LETTERS

_LETTER = rf"(?:[^\W_{_SPACELESS}]|[{_MARKS}])"
WORD = re.compile(rf"(?:[^\W_]|[{_MARKS}])+(?:[’'׳״](?:[^\W_]|[{_MARKS}])+)*")
"""A run of letters and digits; in scripts without blanks a whole passage."""
_UNIT = re.compile(
    rf"(?P<spaced>{_LETTER}+(?:[’'׳״]{_LETTER}+)*)"
    rf"|(?P<katakana>[{KATAKANA}]+)"
    rf"|(?P<pairs>[{HAN}{HIRAGANA}]+)"
    rf"|(?P<triples>[{SOUTH_EAST_ASIAN_LETTERS}{TIBETAN_LETTERS}]+)"
)
_HAS_SPACELESS = re.compile(f"[{_SPACELESS}]")
_IDEOGRAPH = re.compile(f"[{HAN}{HIRAGANA}{KATAKANA}]")
_KANA = re.compile(f"[{HIRAGANA}{KATAKANA}]")
_TOKEN = re.compile(r"[^\W_][^\s—]*")
# Vowel signs and tone marks stand above, below or around the letter they belong to.
_LETTERS_A_WORD = (
    (
        re.compile(
            "[\u0e01-\u0e30\u0e32\u0e33\u0e40-\u0e46\u0e81-\u0eb0\u0eb2\u0eb3\u0ebd-\u0ec6\u0edc-\u0edf]"
        ),
        4,
    ),
    (re.compile("[\u1780-\u17b3\u17dc]"), 4),
    (
        re.compile(
            "[\u1000-\u102a\u103f\u1050-\u1055\u105a-\u105d\u1061\u1065\u1066\u106e-\u1070\u1075-\u1081]"
        ),
        3,
    ),
    (re.compile("[\u0f40-\u0f6c]"), 3),
)
_CLUSTER = re.compile(r"[^\W](?:[^\w\s]|[\u0e30\u0e32\u0e33\u0eb0\u0eb2\u0eb3])*")

CHARACTERS = frozenset({"zh", "ja", "yue", "wuu"})
"""Languages whose lengths are counts of characters."""
CHARACTERS_A_WORD = {"zh": 1.6, "yue": 1.6, "wuu": 1.6, "ja": 2.2}
"""About how many say what a word of English says."""
WORDS_A_MINUTE = 230
CHARACTERS_A_MINUTE = {"ja": 500, "zh": 260}
"""Chinese as measured for the International Reading Speed Texts (Trauzettel-Klosinski and Dietz, 2012),
Japanese as publishers reckon. A character of Chinese says more than one of Japanese."""


def words(text: str, code: str = "", dividers: AbstractSet[str] = frozenset()) -> list[str]:
    """What texts in a language are compared by, as written.

    Words, where blanks divide them. In Chinese and Japanese overlapping pairs of characters, and whole runs
    of katakana; in other scripts without blanks overlapping triples of letters. A character among `dividers`
    ends a run and is in no pair.
    """
    if text.isascii() or not _HAS_SPACELESS.search(text):
        return WORD.findall(text)
    found: list[str] = []
    for match in _UNIT.finditer(text):
        kind, run = match.lastgroup, match[0]
        if kind in ("spaced", "katakana"):
            found.append(run)
        elif kind == "pairs":
            found += _pairs(run, dividers)
        else:
            found += _triples(run)
    return found


def _pairs(run: str, dividers: AbstractSet[str]) -> list[str]:
    """Neighbours of one kind: a pair of an ideograph and a kana is the end of a word, or no word."""
    found, start = list[str](), 0
    for end, character in enumerate(run):
        if character in dividers:
            found += _neighbours(run[start:end])
            start = end + 1
        elif end > start and _is_hiragana(run[end - 1]) != _is_hiragana(character):
            found += _neighbours(run[start:end])
            start = end
    return found + _neighbours(run[start:])


def _neighbours(part: str) -> list[str]:
    return [part[i : i + 2] for i in range(len(part) - 1)] if len(part) > 1 else [part] if part else []


def _triples(run: str) -> list[str]:
    clusters = _CLUSTER.findall(run)
    if len(clusters) <= 3:
        return ["".join(clusters)] if clusters else []
    return ["".join(clusters[i : i + 3]) for i in range(len(clusters) - 2)]


def _is_hiragana(character: str) -> bool:
    return "\u3041" <= character <= "\u309f"


def word_count(text: str) -> int:
    """How long a text is: words, and characters where a language is measured in them.

    What stands between blanks is one word, be it `don't`, `3.5` or `well-known`; signs alone are none.
    """
    if text.isascii() or not _HAS_SPACELESS.search(text):
        return len(_TOKEN.findall(text))
    characters = len(_IDEOGRAPH.findall(text))
    letters = sum(-(-len(pattern.findall(text)) // each) for pattern, each in _LETTERS_A_WORD)
    return len(_TOKEN.findall(_HAS_SPACELESS.sub(" ", text))) + characters + letters


def unit_of_length(code: str) -> str:
    """What `word_count` counts in a language: "words" or "characters"."""
    return "characters" if code.lower().partition("-")[0].partition("_")[0] in CHARACTERS else "words"


def minutes_to_read(count: int, code: str) -> int:
    """Whole minutes for a length by `word_count` in a language, at least one."""
    primary = code.lower().partition("-")[0].partition("_")[0]
    rate = CHARACTERS_A_MINUTE.get("zh" if primary in ("yue", "wuu") else primary, WORDS_A_MINUTE)
    return max(1, round(count / rate))


def reading_minutes(text: str) -> int:
    """The same for a text whose language is told by its characters."""
    ideographs = len(_IDEOGRAPH.findall(text))
    if not ideographs:
        return minutes_to_read(word_count(text), "")
    # Japanese prose is about half kana, Chinese has none but in names.
    code = "ja" if len(_KANA.findall(text)) * 20 > ideographs else "zh"
    rest = word_count(text) - ideographs
    return max(1, round(ideographs / CHARACTERS_A_MINUTE[code] + rest / WORDS_A_MINUTE))
