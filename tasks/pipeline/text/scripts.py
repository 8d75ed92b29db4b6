"""Scripts that are written without blanks between words, as ranges for a character class.

One place for what several rules ask: how lines are joined, how words are counted, what stands by a figure.
"""

from __future__ import annotations

import re
from typing import Final

# Iteration marks and the long vowel of Japanese belong to their runs.
HAN: Final = (
    "\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
)
HIRAGANA: Final = "\u3041-\u3096\u309d-\u309f"
KATAKANA: Final = "\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff\uff66-\uff9f"
CHINESE_AND_JAPANESE: Final = (
    "\u2e80-\u303f\u3040-\u30ff\u3100-\u312f\u31a0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\ufe30-\ufe4f"
    "\uff01-\uff9f\uffe0-\uffe6\U00016fe0-\U00018cff\U0001b000-\U0001b2ff\U00020000-\U0003ffff"
)
"""With their punctuation, and with Latin letters and digits of full width. Korean has blanks."""
SOUTH_EAST_ASIAN: Final = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"
"""Thai, Lao, Burmese and Khmer: blanks stand between phrases."""
SOUTH_EAST_ASIAN_LETTERS: Final = (
    "\u0e01-\u0e3a\u0e40-\u0e4e\u0e81-\u0ece\u0edc-\u0edf\u1000-\u103f\u1050-\u109f\u1780-\u17d3\u17dc\u17dd"
)
TIBETAN_LETTERS: Final = "\u0f00\u0f18\u0f19\u0f35\u0f37\u0f39\u0f3e-\u0fbc"

# Marks that Chinese shares with the West; the others have characters of their own in its block.
_MARKS = "“”‘’„‚«»‹›…—"
_ONE = re.compile(f"[{CHINESE_AND_JAPANESE}]")
_END = re.compile(rf"[{CHINESE_AND_JAPANESE}][{_MARKS}()\[\]\"']{{0,3}}$")
_START = re.compile(rf"[{_MARKS}()\[\]\"']{{0,3}}[{CHINESE_AND_JAPANESE}]")
_CLOSING = frozenset(_MARKS + ")]")
_OPENING = frozenset(_MARKS + "([")


def is_chinese_or_japanese(character: str) -> bool:
    return _ONE.match(character) is not None


def joins_without_blank(text: str, line: str) -> bool:
    """Whether a line continues a text directly, as Chinese and Japanese do: no blank stands for its end."""
    if not text or not line or (text.isascii() and line.isascii()):
        return False
    if _END.search(text[-4:]):
        return bool(_START.match(line)) or (line[0] in _CLOSING and is_chinese_or_japanese(text[-1]))
    return text[-1] in _OPENING and is_chinese_or_japanese(line[0])
