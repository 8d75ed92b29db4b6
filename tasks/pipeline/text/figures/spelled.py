"""Numbers that are written in words, in the languages of number_words.py."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from functools import cache, lru_cache
from typing import NamedTuple

from tasks.pipeline.text.figures.number_sum import NumberSum
from tasks.pipeline.text.figures.number_words import NumberWords, number_words
from tasks.pipeline.text.figures.scales import power_of
from tasks.pipeline.text.figures.types import FigureKind
from tasks.pipeline.text.figures.units import unit_of

_WORD = re.compile(r"[^\W\d_]{2,90}|[aeyàé](?![^\W_])", re.IGNORECASE)
_BETWEEN = re.compile(r"[ \u00a0\n-]{1,2}")
_LONGEST = 90
_SCALE = re.compile(r"[ \u00a0-]([^\W\d_]{2,20})")
_PART = re.compile(
    r"\b(?:[Aa]n? (?=[tqfse])|(?=[Hh]alf\b))(third|quarter|fifth|sixth|seventh|eighth|tenth|[Hh]alf)"
    r"(?= of\b|(?<=alf) the\b)"
)
_HALF_A_UNIT = re.compile(r"\b([Hh]alf an?) ([^\W\d_]{2,20})")
_HALF = "½"
_HALF_IN_DUTCH = re.compile(r"[eë]nhalve?$|[eë]nhalf$")


class SpelledNumber(NamedTuple):
    start: int
    end: int
    value: Decimal
    kind: FigureKind = FigureKind.CARDINAL
    is_counted_by_scale: bool = False
    """Whether it is "a million" or "a dozen", which may be half of that."""
    """Whether it is no more than "a", "an", "one" or what another language has for both."""


class _Token(NamedTuple):
    start: int
    end: int
    word: str
    parts: tuple[str, ...]
    """The words that a compound is made of."""


def spelled_numbers(text: str, code: str) -> list[SpelledNumber]:
    """Every number in words, in order; "one" too, where it stands alone."""
    words = number_words(code)
    if not words:
        return []
    found: list[SpelledNumber] = []
    for number in _all_numbers(text, code, words):
        if not found or number.start >= found[-1].end:
            found.append(_with_half(number, text, code, words))
    if code == "en":
        found += _english_parts(text, words)
        found.sort(key=lambda number: number.start)
    return found


def _english_parts(text: str, words: NumberWords) -> Iterator[SpelledNumber]:
    """ "half of", "a quarter of": without what follows, these words mean much else."""
    for match in _PART.finditer(text):
        value = Decimal(1) / words.fractions[match[1].lower()]
        yield SpelledNumber(match.start(), match.end(1), value, FigureKind.FRACTION)
    for match in _HALF_A_UNIT.finditer(text):
        if unit_of(match[2]):
            yield SpelledNumber(match.start(), match.end(1), Decimal("0.5"), FigureKind.FRACTION)


def _with_half(number: SpelledNumber, text: str, code: str, words: NumberWords) -> SpelledNumber:
    """ "two and a half million", "half a million"."""
    value, end = number.value, number.end
    following = text[end : end + 40].lower()
    for phrase in words.and_a_half:
        if (
            following.startswith((f" {phrase}", f"-{phrase.replace(' ', '-')}"))
            and number.kind == FigureKind.CARDINAL
        ):
            # "un millón y medio" is half a million more.
            scale = next((scale for scale in (10**9, 10**6, 1000) if value and value % scale == 0), 1)
            value, end = value + Decimal("0.5") * scale, end + 1 + len(phrase)
    if value % 1 and (match := _SCALE.match(text, end)) and (power := power_of(match[1], code)):
        value, end = value.scaleb(power), match.end()
    before = text[max(0, number.start - 8) : number.start].lower()
    if number.is_counted_by_scale and f" {before}".endswith(tuple(f" {word}" for word in words.half_before)):
        value /= 2
    return number._replace(value=value, end=end)


def _all_numbers(text: str, code: str, words: NumberWords) -> Iterator[SpelledNumber]:
    known: dict[str, tuple[str, ...]] = {}
    if not any(_counts(word, code) for word in set(_WORD.findall(text))):
        return
    run: list[_Token] = []
    for match in _WORD.finditer(text):
        written = match[0]
        parts = known.get(written)
        if parts is None:
            parts = known[written] = _parts(written.lower(), code)
        if run and (not parts or not _BETWEEN.fullmatch(text, run[-1].end, match.start())):
            yield from _numbers(run, code, words, _is_one_of_two(text, run[0].start))
            run = []
        if parts:
            run.append(_Token(match.start(), match.end(), written.lower(), parts))
    if run:
        yield from _numbers(run, code, words, _is_one_of_two(text, run[0].start))


@lru_cache(maxsize=8192)
def _counts(written: str, code: str) -> bool:
    """Whether a word is part of a number by itself, as "a" and "and" are not."""
    words, parts = number_words(code), _parts(written.lower(), code)
    assert words is not None
    if len(parts) != 1:
        return bool(parts)
    joins = parts[0] in words.article or parts[0] in words.connectors
    counts = parts[0] in words.values or parts[0] in words.ordinals or parts[0] in words.halves
    return counts or not joins


def _is_one_of_two(text: str, start: int) -> bool:
    """Whether "and" parts two numbers, as in "between one hundred and two thousand"."""
    return text[max(0, start - 8) : start].lower() == "between "


@lru_cache(maxsize=8192)
def _parts(word: str, code: str) -> tuple[str, ...]:
    """The number words in a word; () where it is none."""
    words = number_words(code)
    assert words is not None
    if _is_known(word, words):
        return (word,)
    if word in ("anderthalb", "anderthalbe", "anderhalf", "anderhalve"):
        return (next(iter(words.article)) if code == "nl" else "eins", _HALF)
    return _compound(word, code) if words.compounds else ()


def _is_known(word: str, words: NumberWords) -> bool:
    return (
        word in words.values
        or word in words.connectors
        or word in words.article
        or word in words.ordinals
        or word in words.fractions
        or word in words.halves
        or word in words.decimal_words
        or word == words.dozen
    )


@cache
def _atoms(code: str) -> tuple[tuple[str, ...], frozenset[str]]:
    words = number_words(code)
    assert words is not None
    atoms = {word for word, value in words.values.items() if value < 10**6}
    atoms |= set(words.compounds) - {""}
    atoms -= {"eine", "einen", "einem", "einer", "una", "dutzend", "dozijn", "dozzina"}
    return tuple(sorted(atoms, key=len, reverse=True)), frozenset(atoms)


@lru_cache(maxsize=8192)
def _compound(word: str, code: str) -> tuple[str, ...]:
    """A word taken apart into number words and what joins them; () where letters are left over."""
    atoms, _ = _atoms(code)
    if len(word) > _LONGEST or not word.startswith(atoms):
        return ()
    reached: dict[int, tuple[str, ...]] = {0: ()}
    for place in range(len(word)):
        if place in reached:
            for atom in atoms:
                if word.startswith(atom, place):
                    reached.setdefault(place + len(atom), (*reached[place], atom))
    found = reached.get(len(word), ())
    if code == "nl" and len(found) < 2 and (before := _HALF_IN_DUTCH.sub("", word)) != word:
        return (*(_compound(before, code) or (before,)), _HALF) if before in _atoms(code)[1] else ()
    if code == "de" and len(found) < 2 and word.endswith("einhalb"):
        before = word.removesuffix("einhalb")
        return (*(_compound(before, code) or (before,)), _HALF) if before.startswith(atoms) else ()
    return found if len(found) > 1 else ()


def _numbers(
    run: list[_Token], code: str, words: NumberWords, is_one_of_two: bool
) -> Iterator[SpelledNumber]:
    """The numbers in neighbouring number words: "three hundred and twelve or four" has two."""
    place = 0
    while place < len(run):
        token = run[place]
        if token.parts[-1] == _HALF:
            total = NumberSum(code)
            if _add_all(total, token._replace(parts=token.parts[:-1], word=token.parts[0]), words, False):
                yield SpelledNumber(token.start, token.end, total.value + Decimal("0.5"))
            place += 1
            continue
        if len(token.parts) == 1 and token.word not in words.values:
            yield from _lone(token, words, run, place)
            if token.word in words.article and place + 1 < len(run) and _is_scale(run[place + 1], words):
                number, place = _number(run, place + 1, code, words, is_one_of_two)
                yield number._replace(start=token.start, is_counted_by_scale=True)
                continue
            place += 1
            continue
        number, following = _number(run, place, code, words, is_one_of_two)
        number, following = _with_fraction(number, run, place, following, words)
        yield _with_decimals(number, run, following, words)
        place = max(following, place + 1)


def _is_scale(token: _Token, words: NumberWords) -> bool:
    value = words.values.get(token.parts[0], 0)
    return value >= 100 or token.word == words.dozen


def _lone(token: _Token, words: NumberWords, run: list[_Token], place: int) -> Iterator[SpelledNumber]:
    if token.word in words.ordinals and token.word not in words.article:
        yield SpelledNumber(token.start, token.end, Decimal(words.ordinals[token.word]), FigureKind.ORDINAL)
    elif token.word in words.halves:
        yield SpelledNumber(token.start, token.end, Decimal("0.5"), FigureKind.FRACTION)


def _number(
    run: list[_Token], place: int, code: str, words: NumberWords, is_one_of_two: bool
) -> tuple[SpelledNumber, int]:
    """The number that begins at a place, and the place after it."""
    total, first, end = NumberSum(code), run[place], run[place].start
    index, pending = place, False
    while index < len(run):
        token = run[index]
        if token.word in words.connectors:
            if is_one_of_two or not total.may_go_on() or not _continues(run, index + 1, total, words):
                break
            pending, index = True, index + 1
            continue
        if not _add_all(total, token, words, pending):
            break
        pending, end, index = False, token.end, index + 1
        if code == "en" and index < len(run) and index == place + 1 and 10 <= total.value < 100:
            year = _spelled_year(total.value, run, index, words)
            if year:
                return SpelledNumber(first.start, year[1], Decimal(year[0])), year[2]
    kind, value = FigureKind.CARDINAL, Decimal(total.value)
    last = run[index] if index < len(run) else None
    # "twenty-first", "two hundred and third"
    is_ordinal = (
        last is not None
        and last.word in words.ordinals
        and (last.word not in words.fractions or total.value >= 20)
    )
    if last and is_ordinal and total.add(words.ordinals[last.word], after_and=pending):
        return SpelledNumber(first.start, last.end, Decimal(total.value), FigureKind.ORDINAL), index + 1
    if last and last.word == words.dozen and (value < 100 or index == place):
        value, end, index = (value or Decimal(1)) * 12, last.end, index + 1
    return SpelledNumber(first.start, end, value, kind, is_counted_by_scale=_is_scale(first, words)), index


def _add_all(total: NumberSum, token: _Token, words: NumberWords, pending: bool) -> bool:
    if len(token.parts) == 1:
        value = words.values.get(token.word)
        return value is not None and total.add(value, after_and=pending)
    inner, after_and = NumberSum(total.code), False
    for part in token.parts:
        if part in words.compounds and part not in words.values:
            after_and = True
        elif not inner.add(words.values[part], after_and=after_and):
            return False
        else:
            after_and = False
    return total.append(inner.value)


def _continues(run: list[_Token], index: int, total: NumberSum, words: NumberWords) -> bool:
    """Whether what follows "and" belongs to the number before it: not so in "a hundred and two hundred"."""
    if index >= len(run):
        return False
    value = words.values.get(run[index].word, words.ordinals.get(run[index].word, 0))
    if len(run[index].parts) > 1:
        inner = NumberSum(total.code)
        value = inner.value if _add_all(inner, run[index], words, False) else 0
    following = words.values.get(run[index + 1].word, 0) if index + 1 < len(run) else 0
    return total.may_be_followed(value, following)


def _spelled_year(
    first: int, run: list[_Token], index: int, words: NumberWords
) -> tuple[int, int, int] | None:
    """ "nineteen ninety-four": the year, where it ends in the text, and the place after it."""
    second, end = words.values.get(run[index].word, 0), run[index].end
    if not (10 <= first <= 21 and 10 <= second < 100):
        return None
    index += 1
    if (
        second >= 20
        and second % 10 == 0
        and index < len(run)
        and 0 < words.values.get(run[index].word, 0) < 10
    ):
        second, end, index = second + words.values[run[index].word], run[index].end, index + 1
    if first >= 20 and first % 10:
        return None
    return first * 100 + second, end, index


def _with_fraction(
    number: SpelledNumber, run: list[_Token], place: int, index: int, words: NumberWords
) -> tuple[SpelledNumber, int]:
    """ "two thirds": the number and its denominator are one figure."""
    if index >= len(run) or run[index].word not in words.fractions or number.kind != FigureKind.CARDINAL:
        return number, index
    denominator, token = words.fractions[run[index].word], run[index]
    is_plural = number.value > 1
    if is_plural and number.value < denominator and (token.word not in words.ordinals or number.value < 20):
        value = number.value / denominator
        return SpelledNumber(number.start, token.end, value, FigureKind.FRACTION), index + 1
    if number.value == 1 and token.word not in ("quarters", "halves"):
        value = Decimal(1) / denominator
        return SpelledNumber(number.start, token.end, value, FigureKind.FRACTION), index + 1
    return number, index


def _with_decimals(number: SpelledNumber, run: list[_Token], index: int, words: NumberWords) -> SpelledNumber:
    """ "two point five"."""
    if index >= len(run) or run[index].word not in words.decimal_words:
        return number
    digits, end = "", number.end
    for token in run[index + 1 :]:
        value = words.values.get(token.word, 10)
        if value > 9:
            break
        digits, end = f"{digits}{value}", token.end
    if not digits or number.kind != FigureKind.CARDINAL:
        return number
    return SpelledNumber(number.start, end, Decimal(f"{number.value}.{digits}"))
