"""Digits that belong together, with what joins them: 1.500, 5–10, 737-800, 14:30, 2024-03-03."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from tasks.pipeline.text.figures import dates
from tasks.pipeline.text.figures.digit_numbers import DigitNumbers, is_year
from tasks.pipeline.text.figures.notation import BLANKS
from tasks.pipeline.text.figures.ranges import bounds, range_name, squeezed
from tasks.pipeline.text.figures.scales import GLUED
from tasks.pipeline.text.figures.tail import currency_before, tail
from tasks.pipeline.text.figures.types import Figure, FigureKind, Quantity
from tasks.pipeline.text.figures.units import unit_of

CHAIN = re.compile(rf"(?<!\d)\d{{1,40}}(?:(?:[.,:/'–{BLANKS}]|--?)\d{{1,40}}){{0,12}}")
_GROUPS_APART = re.compile(r"(?: \d{3}){1,4}(?![\d.,]*\d)(?:[.,]\d{1,6})?")
_GLUED_BEFORE = re.compile(r"[A-Za-zÀ-ɏͰ-ϿЀ-ԯ][A-Za-zÀ-ɏͰ-ϿЀ-ԯ0-9]{0,24}-?$")
_GLUED_AFTER = re.compile(r"[A-Za-zÀ-ɏͰ-ϿЀ-ԯ]{1,24}")
_REST_OF_NAME = re.compile(r"(?:[.-]?[A-Za-z0-9]{1,12}){1,4}")
_ORDINAL = frozenset(
    [
        "st",
        "nd",
        "rd",
        "th",
        "er",
        "ère",
        "re",
        "e",
        "ème",
        "eme",
        "de",
        "ste",
        "te",
        "a",
        "o",
        "ª",
        "º",
        "η",
        "ος",
        "й",
        "я",
        "е",
        "го",
        "му",
        "ый",
        "ая",
        "ой",
    ]
)
_DECADE = frozenset(("s", "er", "ern", "-tal", "talet", "erne"))
_NOT_A_NAME = frozenset(
    [
        "mid",
        "pre",
        "post",
        "non",
        "sub",
        "under",
        "over",
        "early",
        "late",
        "anti",
        "inter",
        "multi",
        "über",
        "unter",
        "mitte",
        "anfang",
        "ende",
        "ab",
        "bis",
        "vor",
        "nach",
        "quasi",
        "semi",
        "top",
        "all",
        "ca",
    ]
)
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
_NAME_WITH_NUMBER = re.compile(r"[A-Za-z_][\w.-]{0,38}\(\d\)$")
_CLOCK = re.compile(r"[ \u00a0]?(Uhr|Std|a\.m|p\.m|am|pm|AM|PM|hrs|h)\b\.?")


class Chains(DigitNumbers):
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
        if ":" in written or "/" in written:
            return [self._identifier_or_fraction(start, end)]
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
                return [grouped._replace(parts=tuple(one for one in apart if one))]
        after = flat[end : end + 1]
        if after.isalpha() and after < "\u0e00":
            special = self._with_suffix(start, end)
            if special:
                return [special]
        figure = self._number(start, end)
        return [figure] if figure else []

    # --- Letters that are joined to digits ----------------------------------------------------------------

    def _with_prefix(self, start: int, end: int) -> Figure | None:
        """COVID-19, A320-200; None where the letters are a currency, or no part of a name."""
        flat = self._flat
        match = _GLUED_BEFORE.search(flat, max(0, start - 26), start)
        if not match or currency_before(flat, start)[0]:
            return None
        letters = match[0].rstrip("-")
        is_joined = not match[0].endswith("-")
        if not is_joined and (letters.islower() or letters.lower() in _NOT_A_NAME):
            return None
        if is_joined and len(letters) > 1 and letters.lower() in ("v", "nr", "no", "pp"):
            return None
        rest = _REST_OF_NAME.match(flat, end)
        stop = rest.end() if rest else end
        parts = () if is_joined or letters.isupper() else (self._number(start, end, signed=False),)
        name = squeezed(flat[match.start() : stop])
        return self._named(match.start(), stop, (name,), tuple(one for one in parts if one))

    def _manual_page(self, start: int, end: int) -> Figure | None:
        """Crypt(3) names a page, and so does any name with a number in brackets."""
        match = _NAME_WITH_NUMBER.search(self._flat, max(0, start - 40), end + 1)
        if not match:
            return None
        number = self._number(start, end, signed=False)
        return self._named(match.start(), end + 1, (squeezed(match[0]),), (number,) if number else ())

    def _with_suffix(self, start: int, end: int) -> Figure | None:
        """21st, 1990s, 737MAX; None where the letters are a unit or multiply the number."""
        flat = self._flat
        match = _GLUED_AFTER.match(flat, end)
        assert match is not None
        letters = match[0]
        value = Decimal(flat[start:end])
        if letters in _DECADE and value % 10 == 0 and end - start in (2, 4):
            values = [value] if value > 99 else [1900 + value, 2000 + value, 1800 + value]
            quantities = tuple(Quantity(one, "decade") for one in values)
            begin = start - (start > 0 and flat[start - 1] == "'")
            return Figure(begin, match.end(), self._text[begin : match.end()], FigureKind.YEAR, quantities)
        if letters.lower() in _ORDINAL and not flat[match.end() : match.end() + 1].isdigit():
            found = tail(flat, match.end(), value, self._code)
            return Figure(start, found.end, self._text[start : found.end], FigureKind.ORDINAL,
                          (Quantity(value, found.unit),), is_bare=found.is_bare)  # fmt: skip
        if letters == "h" and (minutes := re.compile(r"h(\d\d)(?!\d)").match(flat, end)):
            return self._named(start, minutes.end(), (f"{int(value)}:{minutes[1]}",))
        if letters in GLUED or unit_of(letters) or re.match(r"[eExX]\d", flat[end : end + 2]):
            return None
        rest = _REST_OF_NAME.match(flat, match.end())
        stop = rest.end() if rest else match.end()
        plain = self._number(start, end)
        return self._named(start, stop, (squeezed(flat[start:stop]),), (plain,) if plain else ())

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

    def _identifier_or_fraction(self, start: int, end: int) -> Figure:
        written = self._flat[start:end]
        pieces = re.split("[:/]", written)
        clock = _CLOCK.match(self._flat, end) if ":" in written else None
        stop = clock.end() if clock else end
        name = (
            ":".join([str(int(pieces[0])), *pieces[1:]])
            if ":" in written and pieces[0].isdigit()
            else written
        )
        quantities: tuple[Quantity, ...] = ()
        parts: tuple[Figure, ...] = ()
        if (
            "/" in written
            and len(pieces) == 2
            and all(piece.isdigit() and len(piece) <= 4 for piece in pieces)
        ):
            part, whole = map(Decimal, pieces)
            if 0 < part < whole <= 100:
                value = part / whole
                quantities = (Quantity(value, tail(self._flat, end, value, self._code).unit),)
                return Figure(start, end, self._text[start:end], FigureKind.FRACTION, quantities, (name,))
            one, other = (
                self._number(start, start + len(pieces[0])),
                self._number(end - len(pieces[1]), end, signed=False),
            )
            parts = tuple(figure for figure in (one, other) if figure)
        suffix = clock[1].lower().strip(".")[:1] if clock and clock[1][:1] in "aApP" else ""
        return self._named(start, stop, (name + suffix,), parts)

    def _number_or_list(self, start: int, end: int) -> list[Figure]:
        """1.500, 3.11.7, or "1,2,3"."""
        flat, written = self._flat, self._flat[start:end]
        if _VERSION_BEFORE.search(flat, max(0, start - 12), start) and "," not in written:
            number = self._number(start, end)
            return [self._named(start, end, (written,), (number,) if number else ())]
        clock = _CLOCK.match(flat, end)
        if clock and re.fullmatch(r"\d{1,2}\.\d\d", written) and clock[1] != "h":
            suffix = clock[1].lower()[:1] if clock[1][:1] in "aApP" else ""
            return [self._named(start, clock.end(), (written.replace(".", ":") + suffix,))]
        number = self._number(start, end)
        if number:
            if (
                re.fullmatch(r"\d{1,4},\d{1,4}", written)
                and self._code in ("en", "zh", "ja", "ko", "th", "")
                and len(written) != 5
            ):
                apart = self._apart(start, end)
                return (
                    [number._replace(parts=apart)]
                    if len(apart) == 2 and len(written.split(",")[1]) != 3
                    else [number]
                )
            return [number]
        if "," in written:
            return list(self._apart(start, end)) or [self._named(start, end, (written,))]
        return [self._named(start, end, (written,))]

    def _apart(self, start: int, end: int) -> tuple[Figure, ...]:
        pieces = re.compile(rf"[^,{BLANKS}]+").finditer(self._flat, start, end)
        return tuple(figure for piece in pieces if (figure := self._number(*piece.span(), signed=False)))

    # --- What they all make -------------------------------------------------------------------------------

    def _named(self, start: int, end: int, names: tuple[str, ...], parts: tuple[Figure, ...] = ()) -> Figure:
        return Figure(start, end, self._text[start:end], FigureKind.IDENTIFIER, (), names, parts=parts)

    def _date(self, start: int, end: int, names: tuple[str, ...]) -> Figure:
        return Figure(start, end, self._text[start:end], FigureKind.DATE, (), names)
