"""How numbers are written in digits: scripts, separators of thousands, decimal marks."""

from __future__ import annotations

import re
import sys
import unicodedata
from decimal import Decimal
from functools import cache, lru_cache

# Between digits, these separate thousands; a plain blank does so only in some languages.
BLANKS = "\u00a0\u2007\u2009\u202f"
_DECIMAL_COMMA = frozenset((
    "af", "az", "be", "bg", "bs", "ca", "cs", "da", "de", "el", "es", "et", "eu", "fi", "fr", "gl",
    "hr", "hu", "hy", "id", "is", "it", "ka", "kk", "lt", "lv", "mk", "nl", "nn", "no", "pl", "pt",
    "ro", "ru", "sk", "sl", "sq", "sr", "sv", "tr", "uk", "uz", "vi",
))  # fmt: skip
_PLAIN_BLANK = frozenset((
    "be", "bg", "cs", "et", "fi", "fr", "hu", "kk", "lt", "lv", "no", "nn", "nb", "pl", "pt", "ru",
    "sk", "sq", "sv", "uk", "af", "es", "it", "de",
))  # fmt: skip
# So much of a text shows how it writes its decimals.
ENOUGH_TO_TELL = 50_000
_GROUPED = re.compile(r"\d{1,3}(?:[.,'’]\d{3}){1,12}")
_INDIAN = re.compile(r"\d{1,2}(?:,\d{2}){1,8},\d{3}")
_COMMA_DECIMALS = re.compile(r"(?<![\d.,])\d{1,6},(?:\d{1,2}|\d{4,6})(?![\d.,])")
_POINT_DECIMALS = re.compile(r"(?<![\d.,])\d{1,6}\.(?:\d{1,2}|\d{4,6})(?![\d.,])")


@cache
def _plain_characters() -> dict[int, str]:
    """One character for one, so that places in the text stay what they are."""
    plain = {
        code: str(unicodedata.decimal(chr(code)))
        for code in range(0x80, sys.maxunicode + 1)
        if unicodedata.category(chr(code)) == "Nd"
    }
    same = {
        **dict.fromkeys("\u2212\uff0d\ufe63\u2010\u2011", "-"),
        **dict.fromkeys("\u2012\u2013\u2014\u2015\u301c\uff5e~", "\u2013"),
        **dict.fromkeys("\u2000\u2002\u2003\u2004\u2005\u2006\u2008\u200a", "\u00a0"),
        **dict.fromkeys("\u3000\n\t\r", " "),
        **{chr(0x2080 + digit): str(digit) for digit in range(10)},
        **dict.fromkeys("\u2032\u2019\u02bc", "'"),
        **dict.fromkeys("\u2044\u2215\uff0f", "/"),
        **dict.fromkeys("\uff05\u066a\ufe6a", "%"),
        "\u066b": ".", "\uff0e": ".", "\u066c": ",", "\uff0c": ",", "\uff1a": ":",
        "\uff04": "$", "\uffe5": "¥", "\uffe1": "£", "\uffe6": "₩",
    }  # fmt: skip
    return plain | {ord(one): other for one, other in same.items()}


def plain(text: str) -> str:
    """The text with the digits and signs of other scripts as plain ones, character for character."""
    return text.translate(_plain_characters())


def has_decimal_comma(code: str) -> bool:
    return code in _DECIMAL_COMMA


def groups_by_plain_blank(code: str) -> bool:
    return code in _PLAIN_BLANK


class Notation:
    """How one text writes its numbers, by its language and by those of its numbers that have one reading."""

    def __init__(self, text: str, code: str) -> None:
        self._text, self.code = text, code
        self._both: bool | None = None

    def values(self, written: str) -> tuple[Decimal, ...]:
        """Every value that digits with points, commas, apostrophes or blanks may have; () for no number."""
        found = _values(written, has_decimal_comma(self.code))
        if len(found) == 2 and self.code and not self._is_ambiguous():
            return found[:1]
        return found

    def _is_ambiguous(self) -> bool:
        """Whether the text uses the decimal mark that its language does not."""
        if self._both is None:
            commas, points = (
                len(_COMMA_DECIMALS.findall(self._text, 0, ENOUGH_TO_TELL)),
                len(_POINT_DECIMALS.findall(self._text, 0, ENOUGH_TO_TELL)),
            )
            own, other = (commas, points) if has_decimal_comma(self.code) else (points, commas)
            self._both = other > own
        return self._both


@lru_cache(maxsize=4096)
def _values(written: str, decimal_comma: bool) -> tuple[Decimal, ...]:
    """The likelier value first."""
    if written.isdigit():
        return (Decimal(written),)
    bare = _without_blanks(written)
    if bare is None:
        return ()
    if "'" in bare:
        head, mark, tail = bare.rpartition("'")
        if not _GROUPED.fullmatch(f"{head}{mark}{tail[:3]}") or not re.fullmatch(r"\d{3}(?:[.,]\d+)?", tail):
            return ()
        bare = bare.replace("'", "")
    points, commas = bare.count("."), bare.count(",")
    if points and commas:
        return _with_both_marks(bare, points, commas)
    if points + commas == 0:
        return (Decimal(bare),) if bare.isdecimal() else ()
    if points + commas > 1:
        if _GROUPED.fullmatch(bare) or _INDIAN.fullmatch(bare):
            return (Decimal(re.sub("[.,]", "", bare)),)
        return ()
    return _with_one_mark(bare, "," if commas else ".", decimal_comma)


def _with_one_mark(bare: str, mark: str, decimal_comma: bool) -> tuple[Decimal, ...]:
    whole, _, rest = bare.partition(mark)
    fraction, grouped = Decimal(f"{whole}.{rest}"), Decimal(whole + rest)
    if len(rest) != 3 or len(whole) > 3 or whole.startswith("0"):
        return (fraction,)
    return (fraction, grouped) if decimal_comma == (mark == ",") else (grouped, fraction)


def _with_both_marks(bare: str, points: int, commas: int) -> tuple[Decimal, ...]:
    mark, other = (".", ",") if bare.rfind(".") > bare.rfind(",") else (",", ".")
    whole, _, rest = bare.rpartition(mark)
    if mark in whole or not (_GROUPED.fullmatch(whole) or _INDIAN.fullmatch(whole)):
        return ()
    return (Decimal(f"{whole.replace(other, '')}.{rest}"),)


def _without_blanks(written: str) -> str | None:
    """Blanks between thousands taken out; None where they separate something else."""
    groups = re.split(f"[ {BLANKS}]", written)
    if len(groups) == 1:
        return written
    first, *middle = groups
    last = re.split("[.,]", middle[-1])[0]
    is_grouped = first.isdigit() and len(first) <= 3 and all(len(one) == 3 for one in [*middle[:-1], last])
    return "".join(groups) if is_grouped and all(one.isdigit() for one in middle[:-1]) else None
