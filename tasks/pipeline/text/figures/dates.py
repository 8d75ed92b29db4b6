"""Dates in the forms that texts have them, as names: "2024-03-03", "2024-03" or "--03-03"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from tasks.pipeline.text.figures.han import value_of
from tasks.pipeline.text.figures.month_names import months_of

# Letters, vowel signs and the full stops of Thai abbreviations.
_MONTH = r"[^\s\d!-,/:-@\[-`{-~…‐-‟、。，-．）（；：]{2,24}"
_OF = r"(?:(?:of|de|di|del|d')[ \u00a0]?)?"
_AFTER_DAY = re.compile(
    rf"(?:st|nd|rd|th|er|º|ª|ο|-?е|-?го|\.)?[ \u00a0]{{1,2}}(?:the[ ])?{_OF}({_MONTH})"
    rf"(?:,?[ \u00a0]{{1,2}}(?:de[ ]|del[ ]|of[ ]|พ\.ศ\.[ ]|г\.[ ])?(\d{{4}})(?![\d.,]\d|\d|-\d))?"
)
_AFTER_MONTH = re.compile(r"(?:st|nd|rd|th)?,?[ \u00a0]{1,2}(\d{4})(?!\d|[.,]\d|-\d)")
_BEFORE = re.compile(rf"({_MONTH})[ \u00a0]{{1,2}}(?:the )?(?:de |del |of )?$")
_HAN_DIGITS = "〇零一二三四五六七八九十"
_HAN = re.compile(
    rf"(?:(\d{{4}}|[{_HAN_DIGITS}]{{4}})\s?[年년]\s?)?(\d{{1,2}}|[{_HAN_DIGITS}]{{1,3}})\s?[月월]"
    rf"(?:\s?(\d{{1,2}}|[{_HAN_DIGITS}]{{1,3}})\s?[日号號일])?(?!間)"
)
_POINTS = re.compile(r"(\d{1,2})[.](\d{1,2})[.](\d{4}|\d{2})")
_DASHES = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})")
_SLASHES = re.compile(r"(\d{1,2})[/-](\d{1,2})[/-](\d{4})")
_WORD_LIKE_MONTHS = frozenset({"may", "march", "mar", "dec", "jan", "sep"})
_LONGEST_BEFORE = 28


class Date(NamedTuple):
    start: int
    end: int
    names: tuple[str, ...]


def name(year: int, month: int, day: int) -> str:
    """0 stands for what the text does not say."""
    parts = [f"{year:04d}" if year else "-", f"{month:02d}", *([f"{day:02d}"] if day else [])]
    return "-".join(parts)


def has_day(name: str) -> bool:
    return name.startswith("--") or name.count("-") == 2


def _is_date(month: int, day: int) -> bool:
    return 1 <= month <= 12 and 1 <= day <= 31


def numeric(chain: str) -> tuple[str, ...]:
    """The dates that digits alone may mean: 03/04/2024 is one of two."""
    if match := _DASHES.fullmatch(chain):
        year, month, day = map(int, match.groups())
        return (name(year, month, day),) if _is_date(month, day) else ()
    if match := _POINTS.fullmatch(chain):
        day, month, year = map(int, match.groups())
        if _is_date(month, day):
            years = [year] if year > 99 else [2000 + year, 1900 + year]
            return tuple(name(one, month, day) for one in years)
    if match := _SLASHES.fullmatch(chain):
        one, other, year = map(int, match.groups())
        both = {name(year, month, day) for day, month in ((one, other), (other, one)) if _is_date(month, day)}
        return tuple(sorted(both))
    return ()


def han(flat: str) -> Iterator[Date]:
    """2024年3月3日, 3月3日, 2024年3月, 2024년 3월 3일."""
    if "月" not in flat and "월" not in flat:
        return
    for match in _HAN.finditer(flat):
        year, month, day = (int(value_of(part) or 0) if part else 0 for part in match.groups())
        if 1 <= month <= 12 and day <= 31 and (year or day):
            yield Date(match.start(), match.end(), (name(year, month, day),))


def after_ordinal(flat: str, start: int, end: int, day: int, code: str) -> Date | None:
    """ "The first of May", "am ersten Mai"."""
    match = _AFTER_DAY.match(flat, end)
    month = _month(match[1], months_of(code), code) if match and 1 <= day <= 31 else 0
    if not match or not month:
        return None
    return Date(start, match.end() if match[2] else match.end(1), (name(int(match[2] or 0), month, day),))


def with_month(flat: str, start: int, end: int, code: str) -> Date | None:
    """The date to which the digits between `start` and `end` belong, where a month's name is next to them."""
    written = flat[start:end]
    if not written.isdigit() or len(written) not in (1, 2, 4):
        return None
    number, months = int(written), months_of(code)
    if len(written) == 4:
        before = _month_before(flat, start, months, code)
        return Date(before[1], end, (name(number, before[0], 0),)) if before and number >= 1000 else None
    if not 1 <= number <= 31:
        return None
    if (match := _AFTER_DAY.match(flat, end)) and (month := _month(match[1], months, code)):
        stop = match.end() if match[2] else match.end(1)
        return Date(start, stop, (name(int(match[2] or 0), month, number),))
    before = _month_before(flat, start, months, code)
    if not before:
        return None
    match = _AFTER_MONTH.match(flat, end)
    year = int(match[1]) if match else 0
    return Date(before[1], match.end() if match else end, (name(year, before[0], number),))


def _month(word: str, months: dict[str, int], code: str) -> int:
    bare = word.strip(".'’-–")
    if bare.islower() and bare in _WORD_LIKE_MONTHS and code in ("en", ""):
        return 0
    return months.get(bare.lower(), 0)


def _month_before(flat: str, start: int, months: dict[str, int], code: str) -> tuple[int, int] | None:
    match = _BEFORE.search(flat, max(0, start - _LONGEST_BEFORE), start)
    month = _month(match[1], months, code) if match else 0
    return (month, match.start()) if match and month else None
