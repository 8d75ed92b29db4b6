"""All figures of a text, in order."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from tasks.pipeline.text.figures import dates, han
from tasks.pipeline.text.figures.chains import Chains
from tasks.pipeline.text.figures.digit_numbers import CENTURIES, is_year
from tasks.pipeline.text.figures.korean import korean_numbers
from tasks.pipeline.text.figures.notation import plain
from tasks.pipeline.text.figures.number_words import number_words
from tasks.pipeline.text.figures.ranges import bounds, sharing
from tasks.pipeline.text.figures.roman import RomanNumber, roman_numbers
from tasks.pipeline.text.figures.spelled import SpelledNumber, spelled_numbers
from tasks.pipeline.text.figures.tail import tail, vulgar
from tasks.pipeline.text.figures.types import Figure, FigureKind, Quantity
from tasks.pipeline.text.figures.units import PERCENT, TEMPERATURES, are_compatible
from tasks.pipeline.text.languages import primary_language

_HAN_OR_HANGUL = re.compile("[〇-鿿가-힣]")
_VULGAR = re.compile("[¼-¾⅐-⅞]")
_LONGEST_GAP = 10
_MILLION = 10**6
_LONGEST_HELD = 1000
_LARGE = frozenset("千万萬亿億兆천만억조")
_RANGE = re.compile(
    r"\s?(?:–|--?|to|bis|à|a|al|tot|t/m|до|по|till|until|through|up to|do|から|至|到|에서)\s?|\s–\s",
    re.IGNORECASE,
)
_LIST = re.compile(r",? (?:and|or|und|oder|et|ou|y|o|e|en|of|и|или|i|och|og) |, |、|和|と", re.IGNORECASE)
_AND = re.compile(r" (?:and|und|et|y|e|en|и|och|og) ", re.IGNORECASE)
_BETWEEN = re.compile(r"\b(?:between|zwischen|entre|tra|fra|tussen|между) $", re.IGNORECASE)
_MINUS = re.compile(
    r"(?:minus|negative|moins|menos|meno|min|минус|マイナス|零下|负|영하|ناقص|लघु|ลบ)[ \u00a0]?$",
    re.IGNORECASE,
)
_BELOW_ZERO = re.compile(
    r" (?:below (?:zero|freezing)|unter null|au-dessous de zéro|sous zéro|bajo cero|sotto (?:lo )?zero|"
    r"onder nul|abaixo de zero|negativos|ниже нуля|poniżej zera|under noll)(?!\w)",
    re.IGNORECASE,
)
_DECADE_BEFORE = re.compile(r"\b(?:années|años|anni|jaren|anos)[ \u00a0]'?$", re.IGNORECASE)


def figures(text: str, code: str = "") -> list[Figure]:
    """The figures of a text in a language, such as `de`, in order; "" is for a language that is not known."""
    code = primary_language(code)
    if len(text) <= _LONGEST_HELD:
        return list(_of_sentence(text, code))
    return _figures(text, code)


@lru_cache(maxsize=2048)
def _of_sentence(text: str, code: str) -> tuple[Figure, ...]:
    """Checks ask for those of a sentence again and again."""
    return tuple(_figures(text, code))


def _figures(text: str, code: str) -> list[Figure]:
    flat = plain(text)
    found = list(_in_characters(text, flat, code))
    taken = [(one.start, one.end) for one in found]
    found = _merged(found, list(Chains(text, flat, code).figures(taken)))
    found = _merged(found, list(_vulgar_fractions(text, flat, code)))
    found = _merged(found, list(_spelled(text, flat, code)))
    found = _merged(found, [_roman(number, text) for number in roman_numbers(flat)])
    return _linked(_below_zero(_summed(found, text), flat), text, flat)


def _merged(found: list[Figure], others: list[Figure]) -> list[Figure]:
    """Both, in order, but for those of the others that are within the first."""
    if not others:
        return found
    both = sorted(
        [(one.start, 0, one) for one in found] + [(one.start, 1, one) for one in others],
        key=lambda row: row[:2],
    )
    ends, merged = 0, list[Figure]()
    for _, _, figure in both:
        if figure.start >= ends:
            merged.append(figure)
            ends = figure.end
    return merged


def _in_characters(text: str, flat: str, code: str) -> Iterator[Figure]:
    """Dates and fractions of East Asia, which have digits in them."""
    if text.isascii() or not _HAN_OR_HANGUL.search(flat):
        return
    found = [
        Figure(date.start, date.end, text[date.start : date.end], FigureKind.DATE, (), date.names)
        for date in dates.han(flat)
    ]
    for start, end, decade in han.decades(flat):
        found.append(Figure(start, end, text[start:end], FigureKind.YEAR, (Quantity(decade, "decade"),)))
    for start, end, value, is_percent in han.fractions(flat):
        kind = FigureKind.CARDINAL if is_percent else FigureKind.FRACTION
        quantity = Quantity(value, PERCENT if is_percent else "")
        found.append(Figure(start, end, text[start:end], kind, (quantity,)))
    yield from sorted(found, key=lambda one: one.start)


def _vulgar_fractions(text: str, flat: str, code: str) -> Iterator[Figure]:
    """ "½" alone: after digits it belongs to them."""
    if text.isascii():
        return
    for match in _VULGAR.finditer(flat):
        yield _measured(
            SpelledNumber(match.start(), match.end(), vulgar(match[0]), FigureKind.FRACTION), text, flat, code
        )


def _spelled(text: str, flat: str, code: str) -> Iterator[Figure]:
    numbers = spelled_numbers(flat, code)
    if not text.isascii() and _HAN_OR_HANGUL.search(flat):
        numbers += korean_numbers(flat) if code == "ko" else han.han_numbers(flat)
    for number in numbers:
        figure = _measured(number, text, flat, code)
        yield figure if figure.is_spelled else figure._replace(is_spelled=True)


def _roman(number: RomanNumber, text: str) -> Figure:
    """ "XIXe siècle" is the 19th century; "Louis XIV" may be "Louis the Fourteenth"."""
    quantities = (Quantity(number.value, "century" if number.is_century else ""),)
    written = text[number.start : number.end]
    return Figure(number.start, number.end, written, FigureKind.ORDINAL, quantities, is_bare=False,
                  is_spelled=True)  # fmt: skip


def _measured(number: SpelledNumber, text: str, flat: str, code: str) -> Figure:
    """A number in words with its unit, and its sign where that is a word."""
    if number.kind == FigureKind.ORDINAL and number.value <= 31:
        date = dates.after_ordinal(flat, number.start, number.end, int(number.value), code)
        if date:
            return Figure(date.start, date.end, text[date.start : date.end], FigureKind.DATE, (), date.names)
    found = tail(flat, number.end, number.value, code, is_scaled=number.value >= _MILLION)
    if found.unit == "year" and flat[number.end : number.end + 1] in "年년" and is_year(found.value):
        found = found._replace(unit="")
    start, value = number.start, found.value
    # A word for "minus" in front of Chinese characters is joined to them; few of them end like one.
    before = flat[start - 1 : start]
    if (before < "\u2e7f" or before in "スナ下负하") and (
        minus := _MINUS.search(flat, max(0, start - 10), start)
    ):
        start, value = minus.start(), -value
    return Figure(start, found.end, text[start : found.end], number.kind, (Quantity(value, found.unit),),
                  is_bare=found.is_bare, is_spelled=True)  # fmt: skip


def _summed(found: list[Figure], text: str) -> list[Figure]:
    """1億2000万 and 3만 5천 are one number each."""
    if text.isascii() or len(found) < 2:
        return found
    summed = found[:1]
    for figure in found[1:]:
        one, gap = summed[-1], text[summed[-1].end : figure.start]
        if (
            one.written[-1:] in _LARGE
            and gap in ("", " ")
            and _is_smaller(figure, one)
            and (not gap or one.written[-1] in "만억조천")
        ):
            value = one.quantities[0].value + figure.quantities[0].value
            written = text[one.start : figure.end]
            summed[-1] = figure._replace(
                start=one.start, written=written, quantities=(Quantity(value, figure.unit),)
            )
        else:
            summed.append(figure)
    return summed


def _is_smaller(figure: Figure, than: Figure) -> bool:
    both = figure.kind == than.kind == FigureKind.CARDINAL and len(than.quantities) == 1 == len(
        figure.quantities
    )
    return both and not than.unit and 0 < figure.values[0] < than.values[0]


def _linked(found: list[Figure], text: str, flat: str) -> list[Figure]:
    """Ranges in words, units that several figures share, and signs in words."""
    for index, one in enumerate(found):
        if one.kind != FigureKind.CARDINAL and one.kind != FigureKind.YEAR:
            continue
        before = flat[max(0, one.start - 10) : one.start]
        if _may_end_sign(before) and not one.is_spelled and (minus := _MINUS.search(before)):
            begin = one.start - len(before) + minus.start()
            negative = tuple(Quantity(-value, unit) for value, unit in one.quantities)
            one = found[index] = one._replace(start=begin, written=text[begin : one.end], quantities=negative)
        elif _is_decade(one, before):
            found[index] = _decade(one)
        elif before[-2:] in (" '", "'") and len(one.written) == 2:
            # "The class of '85"
            found[index] = one._replace(quantities=tuple(Quantity(c + one.values[0]) for c in CENTURIES[:2]))
    in_list = False
    for index in range(len(found) - 1, 0, -1):
        one, other = found[index - 1], found[index]
        if other.start - one.end <= _LONGEST_GAP:
            in_list = _link(found, index, flat, in_list)
        else:
            in_list = False
    return found


def _is_decade(one: Figure, before: str) -> bool:
    if one.unit == "decade":
        return 0 < one.values[0] < 100
    is_round = len(one.written) in (2, 4) and one.written.endswith("0")
    return is_round and _DECADE_BEFORE.search(before) is not None


def _decade(one: Figure) -> Figure:
    """ "Dans les années 80": also those of the century that is not named."""
    values = one.values
    if one.kind == FigureKind.CARDINAL and values[0] < 100:
        values = tuple(century + one.values[0] for century in CENTURIES)
    return one._replace(quantities=(*one.quantities, *(Quantity(value, "decade") for value in values)))


def _may_end_sign(before: str) -> bool:
    """Whether a word for "minus" may end here: 零下5度 has no blank."""
    return before[-1:].isspace() or before[-1:] > "\u2e7f"


def _below_zero(found: list[Figure], flat: str) -> list[Figure]:
    """ "3 degrees below zero" is −3 degrees, and no zero."""
    remaining: list[Figure] = []
    end = 0
    for one in found:
        if one.start < end:
            continue
        if one.unit in TEMPERATURES and (below := _BELOW_ZERO.match(flat, one.end)):
            end = below.end()
            one = one._replace(
                quantities=tuple(Quantity(-abs(value), unit) for value, unit in one.quantities)
            )
        remaining.append(one)
    return remaining


def _link(found: list[Figure], index: int, flat: str, in_list: bool) -> bool:
    """Whether both are members of one list, as in "5, 10 and 15 percent"."""
    one, other = found[index - 1], found[index]
    if other.kind == FigureKind.DATE and one.quantities and _RANGE.fullmatch(flat[one.end : other.start]):
        found[index - 1] = _same_month(one, other)
        return False
    if not one.quantities or not other.quantities or one.kind == FigureKind.BOUND:
        return False
    if (one.kind == FigureKind.YEAR) != (other.kind == FigureKind.YEAR) or not _may_share(one, other):
        return False
    gap = flat[one.end : other.start]
    is_and = _AND.fullmatch(gap) is not None
    if _RANGE.fullmatch(gap) or (is_and and _BETWEEN.search(flat, max(0, one.start - 10), one.start)):
        if other.kind != FigureKind.BOUND:
            found[index - 1], found[index] = bounds(one, other)
        return False
    is_member = _LIST.fullmatch(gap) is not None and (in_list or gap.strip(" ") not in (",", "、"))
    if is_member and not one.unit and one.written[-1:].isdigit():
        found[index - 1] = sharing(one, other)
    return is_member


def _may_share(one: Figure, other: Figure) -> bool:
    """ "By 25 percent to $1.5 billion" is no range."""
    return not (one.unit and other.unit) or are_compatible(one.unit, other.unit)


def _same_month(one: Figure, date: Figure) -> Figure:
    """ "From 3 to 5 March": the first is a day of March, too."""
    day = one.values[0]
    if one.unit or day != int(day) or not 1 <= day <= 31:
        return one
    whole = [name for name in date.names if dates.has_day(name)]
    return one._replace(names=tuple(f"{name[:-2]}{int(day):02d}" for name in whole))


def has_words_for_numbers(code: str) -> bool:
    """Whether numbers in words are read in this language, too."""
    return number_words(primary_language(code)) is not None or primary_language(code) in ("zh", "ja", "ko")
