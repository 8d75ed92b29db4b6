"""Numbers in Korean words: those of Chinese origin, and the native ones that count things."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from tasks.pipeline.text.figures.han import KOREAN_DIGITS, value_of
from tasks.pipeline.text.figures.spelled import SpelledNumber

_SINO = re.compile("(?<![가-힣])[영일이삼사오육칠팔구십백천만억조]{2,16}(?=\\s?[가-힣]{0,4})")
_TENS = {"열": 10, "스물": 20, "스무": 20, "서른": 30, "마흔": 40, "쉰": 50, "예순": 60, "일흔": 70,
         "여든": 80, "아흔": 90}  # fmt: skip
_ONES = {"하나": 1, "한": 1, "둘": 2, "두": 2, "셋": 3, "세": 3, "석": 3, "넷": 4, "네": 4,
         "넉": 4, "다섯": 5, "여섯": 6, "일곱": 7, "여덟": 8, "아홉": 9}  # fmt: skip
# What is counted with native numbers. Without one of these, the syllables are part of another word.
_COUNTERS = (
    "명|분|사람|척|개|곳|마리|대|권|장|살|시간|시|번|차례|달|해|배|가지|채|그루|송이|켤레|벌|쌍|줄|잔|병|편|통|자루|"
    "군데|나라|도시|마을|회사|주|학교|팀|건물|아이|자녀|단계|국가|종류|쪽|끼|배|그룹|지역|부분|학생|선수"
)
# Joined to one of the others, a single syllable is part of another word: 세대, 열대, 한편.
_JOINED_COUNTERS = "명|사람|척|개|곳|마리|살|시간|번|차례|달|가지"
_NATIVE = re.compile(
    rf"(?<![가-힣])({'|'.join(_TENS)})?({'|'.join(sorted(_ONES, key=len, reverse=True))})?"
    rf"(?=\s(?:여\s?)?(?:{_COUNTERS})|(?<=[가-힣]{{2}})(?:여\s?)?(?:{_COUNTERS})|(?:{_JOINED_COUNTERS}))"
)


def korean_numbers(text: str) -> list[SpelledNumber]:
    """Every number in words, in order."""
    return sorted([*_of_chinese_origin(text), *_native(text)])


def _of_chinese_origin(text: str) -> Iterator[SpelledNumber]:
    for match in _SINO.finditer(text):
        value = value_of(match[0].translate(KOREAN_DIGITS))
        if value is not None and value > 10 and set(match[0]) & set("십백천만억조"):
            yield SpelledNumber(match.start(), match.end(), value)


def _native(text: str) -> Iterator[SpelledNumber]:
    for match in _NATIVE.finditer(text):
        value = _TENS.get(match[1], 0) + _ONES.get(match[2], 0)
        if value:
            yield SpelledNumber(match.start(), match.end(), Decimal(value))
