"""Scripts that are written without blanks between words, as ranges for a character class.

One place for what several rules ask: how lines are joined, how words are counted, what a figure stands in.
"""

from __future__ import annotations

import re
from typing import Final

HAN: Final = (
    "\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
)
HIRAGANA: Final = "\u3041-\u3096\u309d-\u309f"
KATAKANA: Final = "\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff\uff66-\uff9f"
CHINESE_AND_JAPANESE: Final = (
    "\u2e80-\u303f\u3040-\u30ff\u3100-\u312f\u31a0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\ufe30-\ufe4f"
    "\uff01-\uff9f\U00020000-\U0003ffff"
)
"""With their punctuation, and with Latin letters and digits of full width. Korean has blanks."""
SOUTH_EAST_ASIAN: Final = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"
"""Thai, Lao, Burmese and Khmer: blanks stand between phrases."""
WITHOUT_BLANKS: Final = CHINESE_AND_JAPANESE + SOUTH_EAST_ASIAN

_CHINESE_OR_JAPANESE: Final = re.compile(f"[{CHINESE_AND_JAPANESE}]")


def is_chinese_or_japanese(character: str) -> bool:
    return _CHINESE_OR_JAPANESE.match(character) is not None
