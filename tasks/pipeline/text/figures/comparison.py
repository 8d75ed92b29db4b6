"""Whether a text's figures are in its sources."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from decimal import Decimal
from functools import lru_cache

from tasks.pipeline.text.figures.month_names import months_of
from tasks.pipeline.text.figures.scan import figures
from tasks.pipeline.text.figures.types import Figure, FigureKind, Quantity
from tasks.pipeline.text.figures.units import PERCENT, TEMPERATURES, are_compatible
from tasks.pipeline.text.languages import primary_language

# Words for numbers up to this are as often part of a phrase ("one of the", "two sides") as they are a figure.
IDIOMATIC = 2
IDIOMATIC_ORDINAL = 3
# How far around a figure a word is looked for that says which way a change goes.
NEAR = 60
_VERSION = re.compile(r"\d{1,6}\.\d{1,6}\.\d{1,6}")
# An ISBN or a telephone number may be written without its hyphens; a shorter one is another.
LEAST_DIGITS_OF_NUMBER = 7
_DECLINE = re.compile(
    r"\b(?:fell|fall|falls|fallen|drop|dropp|declin|decreas|lost|los[es]|down|shr[aiu]nk|reduc|cut|lower|minus|below|"
    r"less|deficit|contract|slump|sank|ges[ue]nk|sink|fiel|rückgang|verlust|weniger|abnahme|gefallen|baiss|recul|diminu|"
    r"perte|cayó|caíd|descen|baj[óa]|disminu|pérdida|calo|diminui|perdita|daling|gedaald|verlies|queda|caiu|redu[çz]|"
    r"сни[жз]|упал|сокра)|下降|减少|減少|下跌|亏损|감소|하락",
    re.IGNORECASE,
)


class FigureIndex:
    """The figures of one source, found by their values and names."""

    def __init__(self, text: str, code: str) -> None:
        self.code, self._text = primary_language(code), text
        self.figures = figures(text, code)
        self._quantities: dict[Decimal, list[tuple[str, bool]]] = defaultdict(list)
        self._names: set[str] = set()
        self._ranges: set[str] = set()
        self._squeezed: str | None = None
        for figure in self.figures:
            self._add(figure)

    @property
    def values(self) -> frozenset[Decimal | str]:
        return frozenset([*self._quantities, *self._names])

    def has(self, figure: Figure, sentence: str = "") -> bool:
        """Whether the source has a figure of a draft, whose sentence may say "fell by"."""
        if any(name in self._names for name in figure.names) or figure.range_name in self._ranges:
            return True
        quantities = list(figure.quantities)
        if figure.kind == FigureKind.FRACTION and not figure.unit:
            quantities += [Quantity(value * 100, PERCENT) for value in figure.values]
        if any(map(self._has_quantity, quantities)):
            return not self._contradicts_range(figure)
        if self._has_with_other_sign(figure, sentence):
            return True
        if figure.kind == FigureKind.DATE:
            return all(self._has_date_in_parts(name) for name in figure.names)
        if figure.kind == FigureKind.IDENTIFIER and any(map(self._has_name_otherwise, figure.names)):
            return True
        return (
            bool(figure.parts) and figure.kind != FigureKind.IDENTIFIER and all(map(self.has, figure.parts))
        )

    def nearest(self, figure: Figure, known: Iterable[Figure] = ()) -> Figure | None:
        """The figure of the source that is most like one of a draft, other than those the draft has."""
        return most_alike(figure, self.figures, known)

    def passage(self, figure: Figure) -> str:
        """Some words around a figure of the source."""
        before = self._text[max(0, figure.start - NEAR) : figure.start].split("\n\n")[-1]
        return " ".join((before + self._text[figure.start : figure.end + NEAR].split("\n\n")[0]).split())

    def _add(self, figure: Figure) -> None:
        for value, unit in figure.quantities:
            self._quantities[value].append((unit, figure.is_bare))
            if figure.kind == FigureKind.FRACTION and not unit:
                self._quantities[value * 100].append((PERCENT, False))
        self._names.update(figure.names)
        self._ranges.update(name for name in figure.names if ".." in name)
        for name in figure.names:
            if _VERSION.fullmatch(name):
                # Of 3.11.7 one may speak as 3.11.
                self._quantities[Decimal(name.rpartition(".")[0])].append(("", False))
                self._names.add(name.rpartition(".")[0])
        if figure.range_name:
            self._ranges.add(figure.range_name)
            self._names.add(figure.range_name)
        for part in figure.parts:
            self._add(part)
        if figure.kind == FigureKind.DATE:
            for name in figure.names:
                self._add_date(name)

    def _add_date(self, name: str) -> None:
        year, month, day = _date_parts(name)
        if year:
            self._quantities[Decimal(year)].append(("", False))
            self._names.add(f"{year:04d}-{month:02d}")
        self._names.add(f"--{month:02d}")
        if day:
            self._names.add(f"--{month:02d}-{day:02d}")
            self._quantities[Decimal(day)].append(("day of a month", False))

    def _has_quantity(self, wanted: Quantity) -> bool:
        held = self._quantities.get(wanted.value)
        if held is None:
            return False
        if not wanted.unit:
            return True
        return any(are_compatible(unit, wanted.unit) if unit else is_bare for unit, is_bare in held)

    def _contradicts_range(self, figure: Figure) -> bool:
        """Whether the source has a range with one end of the draft's, and another one at the other end."""
        if not figure.range_name or figure.range_name in self._ranges:
            return False
        lower, _, upper = figure.range_name.partition("..")
        own = f"{figure.quantities[0].value.normalize():f}"
        ends = [tuple(name.split("..")) for name in self._ranges]
        return any(end != own and start == lower for start, end in ends if own == upper) or any(
            start != own and end == upper for start, end in ends if own == lower
        )

    def _has_with_other_sign(self, figure: Figure, sentence: str) -> bool:
        """ "Fell by 3 percent" and "−3 percent" are one figure."""
        if not figure.quantities or figure.unit in TEMPERATURES:
            return False
        if not any(-value in self._quantities for value in figure.values):
            return False
        opposite = [Quantity(-value, unit) for value, unit in figure.quantities]
        if not any(map(self._has_quantity, opposite)):
            return False
        if figure.values[0] > 0:
            return _DECLINE.search(sentence) is not None
        near = [one for one in self.figures if -figure.values[0] in one.values]
        return any(_DECLINE.search(self._text, max(0, one.start - NEAR), one.end + NEAR) for one in near)

    def _has_date_in_parts(self, name: str) -> bool:
        """ "On 3 March …" below a heading that has the year."""
        year, month, day = _date_parts(name)
        if year and Decimal(year) not in self._quantities:
            return False
        if day:
            return bool(year) and f"--{month:02d}-{day:02d}" in self._names
        return self._has_month(month)

    def _has_month(self, month: int) -> bool:
        if f"--{month:02d}" in self._names:
            return True
        words = [
            re.escape(word)
            for word, number in months_of(self.code).items()
            if number == month and len(word) > 2
        ]
        return re.search(rf"(?<!\w)(?:{'|'.join(words)})(?!\w)", self._text, re.IGNORECASE) is not None

    def _has_name_otherwise(self, name: str) -> bool:
        """PM2.5 and "PM 2.5", 14:30 and 14.30, 3:1 and "3 to 1", a number with its hyphens and without."""
        if ":" in name:
            one, _, other = name.partition(":")
            is_clock = len(other) == 2 and other.isdigit() and ("", False) in self._in_points(one, other)
            return is_clock or f"{one}..{other}" in self._ranges
        digits = name.replace("-", "")
        if len(digits) >= LEAST_DIGITS_OF_NUMBER and digits.isdigit():
            name = digits
        elif not any(character.isalpha() for character in name):
            return False
        if self._squeezed is None:
            self._squeezed = re.sub(r"[^\w.]", "", self._text.casefold())
        return re.search(rf"{re.escape(name)}(?!\d)", self._squeezed) is not None

    def _in_points(self, hours: str, minutes: str) -> list[tuple[str, bool]]:
        """What a source has as 14.30 without a unit, whatever follows."""
        held = self._quantities.get(Decimal(f"{hours}.{minutes}"), []) if hours.isdigit() else []
        return [("", False) for unit, _ in held if not unit]


@lru_cache(maxsize=64)
def figure_index(text: str, code: str) -> FigureIndex:
    """The index of a text, made once."""
    return FigureIndex(text, code)


def same(draft: Figure, source: Figure) -> bool:
    """Whether two figures mean the same: conversions of units and roundings are not assumed."""
    if set(draft.names) & set(source.names) or (draft.range_name and draft.range_name in source.names):
        return True
    return any(
        one.value == other.value
        and (not one.unit or (are_compatible(one.unit, other.unit) if other.unit else source.is_bare))
        for one in draft.quantities
        for other in source.quantities
    )


def is_claimed(figure: Figure) -> bool:
    """Whether a draft must have this figure from a source: "one of the" and "the first" need none."""
    if not figure.is_spelled or figure.unit not in ("", "year", "second"):
        return True
    if figure.kind == FigureKind.ORDINAL:
        return figure.values[0] > IDIOMATIC_ORDINAL
    if figure.kind == FigureKind.FRACTION:
        return True
    return abs(figure.values[0]) > IDIOMATIC or figure.values[0] % 1 != 0


def missing_figures(
    draft: str, draft_code: str, sources: str | Iterable[str], source_code: str
) -> list[Figure]:
    """The figures of a draft that none of the texts has."""
    texts = [sources] if isinstance(sources, str) else list(sources)
    return missing_in([figure_index(text, source_code) for text in texts], draft, draft_code)


def missing_in(indexes: Sequence[FigureIndex], draft: str, draft_code: str) -> list[Figure]:
    """The figures of a draft that none of the sources has."""
    claimed = [figure for figure in figures(draft, draft_code) if is_claimed(figure)]
    return [figure for figure in claimed if not any(index.has(figure, draft) for index in indexes)]


def values(text: str, code: str) -> frozenset[Decimal | str]:
    """The values of all figures of a text, and the names of its dates and identifiers."""
    return FigureIndex(text, code).values


def has_figure(text: str, code: str, *, in_words: bool = True) -> bool:
    """Whether a text states a figure that is more than a year or an idiom.

    四百一十二 is in no words: that is how figures are written in Chinese.
    """
    return any(
        is_claimed(figure)
        and figure.kind != FigureKind.YEAR
        and (
            in_words
            or not figure.is_spelled
            or (not figure.written[:1].isascii() and code in ("zh", "ja", "ko"))
        )
        for figure in figures(text, code)
    )


def most_alike(figure: Figure, others: Iterable[Figure], known: Iterable[Figure]) -> Figure | None:
    """Of other figures the one that is most like this one, but for those that are known."""
    held = {value for one in known for value in (*one.values, *one.names)}
    candidates = [
        one
        for one in others
        if (one.kind == figure.kind or (one.quantities and figure.quantities))
        and held.isdisjoint((*one.values, *one.names))
    ]
    return max(candidates, key=lambda one: _likeness(figure, one), default=None)


def _likeness(one: Figure, other: Figure) -> tuple[bool, bool, float]:
    same_unit = bool(one.quantities and other.quantities) and are_compatible(one.unit, other.unit)
    if not (one.quantities and other.quantities):
        return same_unit, one.kind == other.kind, 0.0
    larger = max(abs(one.values[0]), abs(other.values[0]), Decimal(1))
    return same_unit, one.kind == other.kind, -float(abs(one.values[0] - other.values[0]) / larger)


def _date_parts(name: str) -> tuple[int, int, int]:
    """Year, month and day; 0 for what is not said."""
    match = re.fullmatch(r"(\d{4}|-)-(\d\d)(?:-(\d\d))?", name)
    if not match:
        return 0, 0, 0
    return (0 if match[1] == "-" else int(match[1])), int(match[2]), int(match[3] or 0)
