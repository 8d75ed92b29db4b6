"""Digits that belong together, with what joins them: 1.500, 5–10, 737-800, 14:30, 2024-03-03."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from tasks.pipeline.text.figures import dates
from tasks.pipeline.text.figures.designations import Designations
from tasks.pipeline.text.figures.digit_numbers import is_year
from tasks.pipeline.text.figures.notation import BLANKS, groups_by_plain_blank, has_decimal_comma
from tasks.pipeline.text.figures.ranges import bounds, range_name, squeezed
from tasks.pipeline.text.figures.tail import tail
from tasks.pipeline.text.figures.types import Figure, FigureKind, Quantity

CHAIN = re.compile(rf"(?<!\d)\d{{1,40}}(?:(?:[.,:/'–{BLANKS}]|--?)\d{{1,40}}){{0,12}}")
_GROUPS_APART = re.compile(r"(?: \d{3}){1,4}(?![\d.,]*\d)(?:[.,]\d{1,6})?")
_RANGE_BEFORE = re.compile(
    r"(?:from|between|aged|ages?|pp?\.|pages?|seiten?|S\.|von|zwischen|de|du|entre|tra|da|van|tussen|years|jahre|"
    r"chapters?|kapitel)[ \u00a0]$",
    re.IGNORECASE,
)
_VERSION_BEFORE = re.compile(
    r"(?:\bversions?|\bv\.?|\bversión|\bversione|\brelease|\bsections?|\bchapter|§|\bkapitel|\babschnitt|\bpython|"
    r"\babs\.|\bart\.|版本|バージョン)[ \u00a0]?$",
    re.IGNORECASE,
)
# Two numbers, or one with a decimal comma in a text that has decimal points.
_MAYBE_LIST = re.compile(r"\d{1,4},(?:\d{1,2}|\d{4})")
_DIGITS = re.compile(r"\d+")
_FRENCH_CLOCK = re.compile(r"[ \u00a0\u202f]?h[ \u00a0\u202f]?(\d\d)(?!\d)")
_EAST_ASIAN_CLOCK = re.compile(r"[点點時시]\s?(\d{1,2})\s?[分분]")
_CLOCK = re.compile(r"[ \u00a0]?(Uhr|uur|Std|a\.m|p\.m|am|pm|AM|PM|hrs|h)\b\.?")


class Chains(Designations):
    """Reads the figures of one text that are written in digits."""

    def figures(self, taken: list[tuple[int, int]]) -> Iterator[Figure]:
        """All but those in the passages that are taken already, in order."""
        flat, consumed = self._flat, 0
        passages = iter([*taken, (len(flat) + 1, 0)])
        passage = next(passages)
        for match in CHAIN.finditer(flat):
            start, end = match.span()
            while passage[1] and passage[1] <= start:
                passage = next(passages)
            if start < consumed or (passage[0] < end and passage[1] > start):
                continue
            for figure in self._read(start, end):
                consumed = max(consumed, figure.end)
                yield figure

    def _read(self, start: int, end: int) -> list[Figure]:
        flat = self._flat
        before = flat[start - 1] if start else " "
        if before != " " and (before.isalpha() or before == "-"):
            named = self._with_prefix(start, end)
            if named:
                return [named]
        if before == "(" and end - start == 1 and (page := self._manual_page(start, end)):
            return [page]
        date = dates.with_month(flat, start, end, self._code)
        if date:
            return [self._date(date.start, date.end, date.names)]
        written = flat[start:end]
        if written.isdigit():
            return self._plain(start, end)
        names = dates.numeric(written)
        if names:
            return [self._date(start, end, names)]
        if "–" in written or "-" in written:
            return self._joined(start, end)
        if "/" in written:
            return [self._with_slash(start, end)]
        if ":" in written:
            return [self._with_colon(start, end)]
        return self._number_or_list(start, end)

    # --- One number ---------------------------------------------------------------------------------------

    def _plain(self, start: int, end: int) -> list[Figure]:
        flat = self._flat
        if end - start <= 3 and flat[end : end + 1] == " " and (groups := _GROUPS_APART.match(flat, end)):
            grouped = self._number(start, groups.end())
            if grouped:
                apart = [
                    self._number(*one.span())
                    for one in re.compile(r"\d+(?:[.,]\d+)?").finditer(flat, start, groups.end())
                ]
                is_one = groups_by_plain_blank(self._code)
                return [grouped if is_one else grouped._replace(parts=tuple(one for one in apart if one))]
        if end - start <= 2 and (minutes := _FRENCH_CLOCK.match(flat, end)):
            name = f"{int(flat[start:end])}:{minutes[1]}"
            return [self._named(start, minutes.end(), (name,))]
        if end - start <= 2 and (minutes := _EAST_ASIAN_CLOCK.match(flat, end)):
            name = f"{int(flat[start:end])}:{minutes[1]:>02}"
            return [self._named(start, minutes.end(), (name,))]
        after = flat[end : end + 1]
        if after.isalpha() and after < "\u0e00":
            special = self._with_suffix(start, end)
            if special:
                return [special]
        figure = self._number(start, end)
        return [figure] if figure else []

    # --- Several numbers ----------------------------------------------------------------------------------

    def _joined(self, start: int, end: int) -> list[Figure]:
        """A range, or an identifier with hyphens."""
        written = self._flat[start:end]
        mark = "–" if "–" in written else "-"
        pieces = re.split("–|--?", written)
        if len(pieces) != 2:
            return [self._named(start, end, (squeezed(written),))]
        middle = start + len(pieces[0])
        second = end - len(pieces[1])
        one, other = self._number(start, middle), self._number(second, end, signed=False)
        if one is None or other is None:
            return [self._named(start, end, (written.replace("–", "-"),))]
        dates_found = self._days(one, other, second, end)
        if dates_found:
            return dates_found
        years = (
            is_year(one.values[0]) and middle - start == 4 and (is_year(other.values[0]) or end - second == 2)
        )
        is_range = (
            mark == "–" or years or bool(one.unit or other.unit) or other.values[0] >= 1000
            or "." in written or "," in written or "--" in written
            or _RANGE_BEFORE.search(self._flat, max(0, start - 14), start) is not None
        )  # fmt: skip
        if is_range:
            return list(bounds(one, other, is_short_year=years and end - second == 2))
        name = range_name(one.quantities[0], other.quantities[0])
        return [self._named(start, end, (written, name), (one, other))]

    def _days(self, one: Figure, other: Figure, second: int, end: int) -> list[Figure]:
        """ "3–5 March 2024", "March 3–5, 2024"."""
        first_end = one.start + len(self._flat[one.start : second].rstrip("–-"))
        date = dates.with_month(self._flat, second, end, self._code)
        if date and other.values[0] <= 31 and one.values[0] < other.values[0]:
            day = int(one.values[0])
            names = tuple(f"{name[:-2]}{day:02d}" for name in date.names)
            return [self._date(one.start, first_end, names), self._date(second, date.end, date.names)]
        first = dates.with_month(self._flat, one.start, first_end, self._code)
        if first and first.start < one.start and other.values[0] <= 31:
            year = re.compile(r",?[ \u00a0](\d{4})(?!\d)").match(self._flat, end)
            named = dates.name(int(year[1]) if year else 0, int(first.names[0][-5:-3]), int(one.values[0]))
            stop = year.end() if year else end
            last = f"{named[:-2]}{int(other.values[0]):02d}"
            return [self._date(first.start, first_end, (named,)), self._date(second, stop, (last,))]
        return []

    def _with_slash(self, start: int, end: int) -> Figure:
        """3/4, 2023/24, 120/80."""
        written = self._flat[start:end]
        pieces = written.split("/")
        if len(pieces) != 2 or not all(piece.isdigit() and len(piece) <= 4 for piece in pieces):
            return self._named(start, end, (written,))
        part, whole = map(Decimal, pieces)
        if 0 < part < whole <= 100:
            value = part / whole
            quantities = (Quantity(value, tail(self._flat, end, value, self._code).unit),)
            return Figure(start, end, self._text[start:end], FigureKind.FRACTION, quantities, (written,))
        names = [written]
        if is_year(part) and (is_year(whole) or len(pieces[1]) == 2):
            last = whole if whole > 99 else part // 100 * 100 + whole
            names.append(range_name(Quantity(part), Quantity(last)))
        return self._named(start, end, tuple(names), self._numbers_in(start, end))

    def _with_colon(self, start: int, end: int) -> Figure:
        """14:30, 3:2, 9001:2015."""
        first, *rest = self._flat[start:end].split(":")
        clock = _CLOCK.match(self._flat, end)
        name = ":".join([first.lstrip("0") or "0", *rest]) + _half_of_day(clock)
        parts = self._numbers_in(start, end) if len(first) >= 3 else ()
        return self._named(start, clock.end() if clock else end, (name,), parts)

    def _numbers_in(self, start: int, end: int) -> tuple[Figure, ...]:
        found = (self._number(*one.span(), signed=False) for one in _DIGITS.finditer(self._flat, start, end))
        return tuple(figure for figure in found if figure)

    def _number_or_list(self, start: int, end: int) -> list[Figure]:
        """1.500, 3.11.7, or "1,2,3"."""
        flat, written = self._flat, self._flat[start:end]
        if _VERSION_BEFORE.search(flat, max(0, start - 12), start) and "," not in written:
            number = self._number(start, end)
            return [self._named(start, end, (written,), (number,) if number else ())]
        clock = _CLOCK.match(flat, end)
        if clock and re.fullmatch(r"\d{1,2}\.\d\d", written) and clock[1] != "h":
            return [self._named(start, clock.end(), (written.replace(".", ":") + _half_of_day(clock),))]
        number = self._number(start, end)
        if not number:
            return list(self._apart(start, end)) if "," in written else [self._named(start, end, (written,))]
        if flat[end : end + 1] == "." and has_decimal_comma(self._code):
            # "am 3.3." may be a date.
            names = tuple(name.replace("2024", "-") for name in dates.numeric(f"{written}.2024"))
            return [number._replace(names=names)]
        if not has_decimal_comma(self._code) and _MAYBE_LIST.fullmatch(written):
            return [number._replace(parts=self._apart(start, end))]
        return [number]

    def _apart(self, start: int, end: int) -> tuple[Figure, ...]:
        pieces = re.compile(rf"[^,{BLANKS}]+").finditer(self._flat, start, end)
        return tuple(figure for piece in pieces if (figure := self._number(*piece.span(), signed=False)))


def _half_of_day(clock: re.Match[str] | None) -> str:
    """ "a" or "p", where the text says which."""
    return clock[1][:1].lower() if clock and clock[1][:1] in "aApP" else ""
