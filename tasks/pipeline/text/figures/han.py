"""Numbers in Chinese characters, and the fractions and decades of East Asia."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from functools import lru_cache

from tasks.pipeline.text.figures.spelled import SpelledNumber
from tasks.pipeline.text.figures.types import FigureKind

_DIGITS = {character: value for value, characters in enumerate(
    ("〇零○", "一壹", "二两兩贰", "三叁", "四肆", "五伍", "六陆", "七柒", "八捌", "九玖")
) for character in characters}  # fmt: skip
_SMALL = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000}
_LARGE = {"万": 10**4, "萬": 10**4, "亿": 10**8, "億": 10**8, "兆": 10**12}
KOREAN_DIGITS = str.maketrans("영일이삼사오육칠팔구십백천만억조", "零一二三四五六七八九十百千万億兆")
_ALL = "".join([*_DIGITS, *_SMALL, *_LARGE])
_NUMBER = re.compile(f"[{_ALL}]{{1,30}}(?:[点點][{''.join(_DIGITS)}]{{1,12}})?")
_FRACTION = re.compile(
    rf"([{_ALL}]{{1,12}}|\d{{1,6}})(?:分之|分の|분의\s?)([{_ALL}]{{1,12}}(?:[点點][{''.join(_DIGITS)}]{{1,8}})?|\d{{1,6}}(?:\.\d{{1,6}})?)"
)
_JOINTS = ("分之", "分の", "분의")
_TENTHS = re.compile(rf"(\d{{1,2}}|[{''.join(_DIGITS)}])(?:割|成)(?![为為了立功长長本员員果就分])")
_DECADE = re.compile(rf"(\d{{1,2}}|[{_ALL}]{{1,3}}|上)世[纪紀](\d{{2}}|[{_ALL}]{{1,3}})年代")
# Words with such characters that name no number, and what makes "several" of the number after it.
_NO_NUMBER = re.compile(
    "千万不|千万别|万一|十分|一一|百分|万分|三明治|四川|九州|八方|十字|百姓|千葉|万葉|三重|一千零一夜"
)
_SEVERAL = "数數几幾何上"


def fractions(text: str) -> Iterator[tuple[int, int, Decimal, bool]]:
    """Where each fraction stands, its value, and whether it is in percent: 百分之三十, 3分の2."""
    for match in _FRACTION.finditer(text) if any(joint in text for joint in _JOINTS) else ():
        whole, part = value_of(match[1].translate(KOREAN_DIGITS)), value_of(match[2].translate(KOREAN_DIGITS))
        if whole == 100 and part is not None:
            yield match.start(), match.end(), part, True
        elif whole and part is not None:
            yield match.start(), match.end(), part / whole, False
    for match in _TENTHS.finditer(text) if "割" in text or "成" in text else ():
        tenths = value_of(match[1])
        if tenths is not None and tenths <= 10:
            yield match.start(), match.end(), tenths * 10, True


def decades(text: str) -> Iterator[tuple[int, int, Decimal]]:
    """20世纪90年代 is the 1990s."""
    for match in _DECADE.finditer(text) if "年代" in text else ():
        # 上世纪, "the last century", is the 20th.
        century, years = 20 if match[1] == "上" else value_of(match[1]), value_of(match[2])
        if century and years is not None and 1 < century < 30 and years < 100 and years % 10 == 0:
            yield match.start(), match.end(), (century - 1) * 100 + years


def han_numbers(text: str) -> Iterator[SpelledNumber]:
    """Every number in characters of at least two, and single ones that count something."""
    for match in _NUMBER.finditer(text):
        before = text[match.start() - 1] if match.start() else " "
        if _NO_NUMBER.match(text, match.start()) or before in _SEVERAL:
            continue
        value = value_of(match[0])
        is_one = len(match[0]) == 1
        if value is None or (is_one and match[0] in "十百千万萬亿億兆○零〇"):
            continue
        kind = FigureKind.ORDINAL if before == "第" else FigureKind.CARDINAL
        yield SpelledNumber(match.start(), match.end(), value, kind)


@lru_cache(maxsize=4096)
def value_of(written: str) -> Decimal | None:
    """The value of 三百二十, 二〇二四 or 3.5; None for what is no number."""
    if written[:1].isdigit():
        return Decimal(written)
    whole, _, decimals = re.sub("點", "点", written).partition("点")
    value = _whole(whole)
    if value is None or not decimals:
        return value
    return value + Decimal("0." + "".join(str(_DIGITS[character]) for character in decimals))


def _whole(written: str) -> Decimal | None:
    if all(character in _DIGITS for character in written):
        is_one_number = len(written) == 1 or len(written) >= 3 or written[0] in "〇零○" or "〇" in written
        return Decimal("".join(str(_DIGITS[one]) for one in written)) if is_one_number and written else None
    total = section = digit = 0
    last_small = 10**5
    for character in written:
        if character in _DIGITS:
            if digit and _DIGITS[character]:
                return None
            digit = _DIGITS[character]
        elif character in _SMALL:
            if _SMALL[character] >= last_small:
                return None
            last_small = _SMALL[character]
            section, digit = section + (digit or 1) * last_small, 0
        else:
            section, last_small = section + digit, 10**5
            if not section and not total:
                return None
            total, section, digit = _enlarged(total, section, _LARGE[character]), 0, 0
    if digit and written[-2:-1] and written[-2] in _SMALL | _LARGE and len(written) > 1:
        unit = (_SMALL | _LARGE)[written[-2]]
        # 三千五 is 3,500, but 三百零五 has its zero, and 二十五 its place.
        if unit >= 100 and "零" not in written and "〇" not in written:
            digit *= unit // 10
    return Decimal(total + section + digit)


def _enlarged(total: int, section: int, factor: int) -> int:
    """三亿二千万 is a sum, 三万亿 a product."""
    if section and (not total or factor <= total):
        return total + section * factor
    return (total + section) * factor
