"""What stands around the digits of a number and belongs to it: exponent, million, unit, currency."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal
from typing import NamedTuple

from tasks.pipeline.text.figures.notation import BLANKS
from tasks.pipeline.text.figures.scales import GLUED, HAN, HANGUL, power_of
from tasks.pipeline.text.figures.units import (
    BEFORE,
    BY_JOINED,
    CURRENCIES,
    may_begin_unit,
    raised_unit,
    unit_of,
)

# Letters with the vowel signs of scripts whose signs are no letters for Python.
_LETTER = r"[^\W\d_¹²³⁰-₟¼-¾⅐-⅞]"
_SIGNS = r"[\u0300-\u036f\u0900-\u0903\u093a-\u094f\u0981-\u0983\u09bc-\u09d7\u0e31\u0e34-\u0e4e]"
LETTERS = rf"{_LETTER}(?:{_LETTER}|{_SIGNS})"
_WORD = re.compile(
    rf"([ {BLANKS}]?-?)({LETTERS}{{0,24}}(?:\.[a-zа-я])?|[%％]포인트|[%‰°€$£¥₹₽₩₫₺₴₪℃℉](?:[CF](?!\w))?)"
)
_SECOND_WORD = re.compile(rf"[ {BLANKS}-]({LETTERS}{{1,24}})(?:[ {BLANKS}]({LETTERS}{{1,24}}))?")
_JOINED = re.compile("|".join(sorted(map(re.escape, BY_JOINED), key=len, reverse=True)))
_END_OF_KOREAN_UNIT = re.compile(
    "(?:[간만]?(?:이|은|는|을|를|에|의|로|도|과|와|씩|인|부터|까지|에서)?)?(?![가-힣])"
)
_RAISED = re.compile(r"[²³]|\^[23](?!\d)|[23](?![\d\w])")
_PER = re.compile(rf"\s?/\s?({LETTERS}{{0,12}})([²³]?)")
_TIMES_TEN = re.compile(r"\s?[×xX·*⋅]\s?10(?:\^|\*\*)?([⁺⁻⁰¹²³⁴-⁹]{1,4}|[-–+]?\d{1,2})(?!\d)")
_EXPONENT = re.compile(r"[eE]([-+]?\d{1,2})(?!\w)")
_POWER = re.compile(r"(?:\^|\*\*)([-–]?\d{1,2})(?!\d)|([⁺⁻]?[⁰¹²³⁴-⁹]{1,3})")
_VULGAR = re.compile(r"[¼-¾⅐-⅞]")
_MIXED = re.compile(rf"[ {BLANKS}-](\d)/(\d{{1,2}})(?![\d/])")
_BEFORE = re.compile(
    "(?<![A-Za-z])("
    + "|".join(re.escape(sign) for sign in sorted(BEFORE, key=len, reverse=True))
    + f")[ {BLANKS}]?$"
)
_OF = re.compile(r"[ \u00a0](?:d[e']|of|di|do)(?:[ \u00a0]|(?<='))", re.IGNORECASE)
_THAI = (("ล้าน", 6), ("แสน", 5), ("หมื่น", 4), ("พัน", 3), ("ร้อย", 2))
_ABBREVIATED = frozenset(
    ("mio", "mrd", "mia", "bio", "tys", "tis", "mil", "тыс", "тис", "tsd", "milj", "mill")
)
_AFTER_HANGUL = frozenset("만억조천명원년개척톤달유여대건마가")
# As in "1,5 M€".
_BEFORE_CURRENCY = {"M": 6, "k": 3, "K": 3, "T": 3, "Md": 9, "Mrd": 9, "Mds": 9, "bn": 9, "m": 6}
_LARGEST_POWER = 60


class Tail(NamedTuple):
    end: int
    value: Decimal
    unit: str
    is_bare: bool
    other: Decimal | None = None
    """A second meaning: 5m is five million, too."""
    is_scaled: bool = False


def currency_before(flat: str, start: int) -> tuple[str, int]:
    """The currency in front of a number, and where it begins."""
    match = _BEFORE.search(flat, max(0, start - 5), start)
    return (BEFORE[match[1]], match.start()) if match else ("", start)


def tail(flat: str, end: int, value: Decimal, code: str, *, is_scaled: bool = False) -> Tail:
    """What follows the digits or words that end here, of which the last may be "million"."""
    value, end, other, scaled = _raised(flat, end, value)
    scaled = scaled or is_scaled
    power, after, maybe = _scale(flat, end, code)
    while power:
        value, end, scaled = value.scaleb(power) if abs(power) <= _LARGEST_POWER else value, after, True
        if maybe:
            other = value.scaleb(-power)
            break
        power, after, maybe = _scale(flat, end, code)
    unit, end = _unit(flat, end, scaled)
    if maybe and unit:
        other = None
    return Tail(
        end, value, unit or ("m" if maybe and other is not None else ""), _is_bare(flat, end), other, scaled
    )


def _raised(flat: str, end: int, value: Decimal) -> tuple[Decimal, int, Decimal | None, bool]:
    """Exponents and fractions that are joined to the digits."""
    if end >= len(flat):
        return value, end, None, False
    if match := _TIMES_TEN.match(flat, end):
        return value.scaleb(_power(match[1])), match.end(), None, True
    if match := _EXPONENT.match(flat, end):
        return value.scaleb(int(match[1])), match.end(), None, True
    if match := _VULGAR.match(flat, end):
        return value + vulgar(match[0]), match.end(), None, False
    if flat[end] in " -\u00a0\u2009\u202f" and (match := _MIXED.match(flat, end)):
        part, whole = int(match[1]), int(match[2])
        if 0 < part < whole:
            return value + Decimal(part) / whole, match.end(), None, False
    if match := _POWER.match(flat, end):
        return _to_the_power(value, match)
    return value, end, None, False


def _to_the_power(value: Decimal, match: re.Match[str]) -> tuple[Decimal, int, Decimal | None, bool]:
    """10⁶ is a power; 412³ may as well have the mark of a footnote."""
    power = _power(match[1] or match[2])
    if value == 10 or (match[1] and 0 <= power <= 20 and value <= 1000):
        return (Decimal(1).scaleb(power) if value == 10 else value**power), match.end(), None, True
    raised = value**power if 0 < power <= 9 and value <= 100 else None
    return value, match.end(), raised, False


def vulgar(character: str) -> Decimal:
    part, _, whole = unicodedata.normalize("NFKC", character).partition("\u2044")
    return Decimal(part) / int(whole)


def _power(written: str) -> int:
    return int(unicodedata.normalize("NFKC", written).replace("\u2212", "-").replace("–", "-"))


def _scale(flat: str, end: int, code: str) -> tuple[int, int, bool]:
    """The power of ten that follows, where it ends, and whether it may be something else."""
    if end >= len(flat):
        return 0, end, False
    character = flat[end]
    if character in HAN and code != "ko":
        return HAN[character], end + 1, False
    if character in HANGUL or (character == " " and flat[end + 1 : end + 2] in HANGUL and code == "ko"):
        end += character == " "
        following = flat[end + 1 : end + 2]
        # 백화점 is no hundred.
        is_scale = not "가" <= following <= "힣" or following in _AFTER_HANGUL
        return (HANGUL[flat[end]], end + 1, False) if is_scale else (0, end, False)
    if "\u0e00" <= flat[end + 1 : end + 2] <= "\u0e7f":
        begin = end + (character == " ")
        for word, power in _THAI:
            if flat.startswith(word, begin):
                return power, begin + len(word), False
    match = _WORD.match(flat, end)
    if not match:
        return 0, end, False
    separator, word = match[1], match[2]
    if word in _BEFORE_CURRENCY and flat[match.end() : match.end() + 1] in CURRENCIES:
        return _BEFORE_CURRENCY[word], match.end(), False
    if not separator and word in GLUED:
        return GLUED[word], match.end(), word == "m"
    multiplier = power_of(word, code) if len(word) > 1 else None
    if multiplier is None or (separator.endswith("-") and multiplier == 2):
        return 0, end, False
    dot = flat[match.end() : match.end() + 1] == "." and word.lower() in _ABBREVIATED
    return multiplier, match.end() + dot, False


def _unit(flat: str, end: int, after_million: bool) -> tuple[str, int]:
    if end >= len(flat):
        return "", end
    if flat[end] > "\u0e00" and (joined := _joined(flat, end)):
        return joined
    if flat[end] == " " and "가" <= flat[end + 1 : end + 2] <= "힣":
        joined = _joined(flat, end)
        # 원 is a currency, and 원칙 a principle.
        return joined if joined and _END_OF_KOREAN_UNIT.match(flat, joined[1]) else ("", end)
    of = _OF.match(flat, end) if after_million else None
    match = _WORD.match(flat, of.end() if of else end)
    if not match:
        return "", end
    word, stop = match[2], match.end()
    if word == "%" and (points := _SECOND_WORD.match(flat, stop)) and unit_of(f"percentage {points[1]}"):
        return unit_of(f"percentage {points[1]}"), points.end(1)
    if may_begin_unit(word):
        unit, place = _of_several_words(flat, word, stop)
        if unit:
            return unit, place
    unit = unit_of(word)
    if not unit:
        return "", end
    return _with_raised_and_per(flat, unit, stop)


def _joined(flat: str, end: int) -> tuple[str, int] | None:
    """A unit of a script without blanks."""
    match = _JOINED.match(flat, end + (flat[end] == " "))
    return (BY_JOINED[match[0]], match.end()) if match else None


def _of_several_words(flat: str, word: str, stop: int) -> tuple[str, int]:
    match = _SECOND_WORD.match(flat, stop)
    if not match:
        return "", stop
    if match[2] and (unit := unit_of(f"{word} {match[1]} {match[2]}")):
        return unit, match.end()
    return unit_of(f"{word} {match[1]}"), match.end(1)


def _with_raised_and_per(flat: str, unit: str, stop: int) -> tuple[str, int]:
    raised = _RAISED.match(flat, stop) if unit in ("m", "km", "cm", "mm", "mile", "foot") else None
    if raised:
        unit, stop = raised_unit(unit, "²" if raised[0][-1] in "2²" else "³"), raised.end()
    per = _PER.match(flat, stop)
    if per and (unit_of(per[1]) or len(per[1]) <= 3):
        return f"{unit}/{unit_of(per[1]) or per[1].lower()}{per[2]}".replace("km/hour", "km/h"), per.end()
    return unit, stop


def _is_bare(flat: str, end: int) -> bool:
    """Whether no word follows."""
    following = flat[end : end + 2]
    if not following:
        return True
    return not (following[0].isalpha() or (following[0] in " \u00a0-" and following[1:].isalpha()))
