"""The order of reading: which rows of a page are read across, and where columns are read down.

A gutter is a vertical strip in which many consecutive rows have no text, with text on both sides of it. What
stands at its sides decides: prose is read column by column, the cells of a table row by row. Rows that cross
the strip end it, so a heading over both columns divides them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import pairwise

from tasks.pipeline.reading.pdf.gutters import MARKER, TOLERANCE, best_gutter
from tasks.pipeline.reading.pdf.types import PlacedRow

MAX_DEPTH = 12
WELL_SUPPORTED = 3
"""Rows on both sides of a gutter, from which its place is one of the document."""
MAX_COLUMNS = 6
MAX_KNOWN = 12


class RegionKind(Enum):
    LINES = "lines"
    TABLE = "table"


@dataclass
class Region:
    """Rows of a page that are read from top to bottom, without those of other columns."""

    kind: RegionKind
    rows: list[PlacedRow]


def regions_of(rows: Sequence[PlacedRow], known: Sequence[float] = ()) -> list[Region]:
    """The regions of a page in the order of reading, for text from left to right.

    `known`: where columns begin in the document, for the pages on which they have few lines.
    """
    return _split(list(rows), 0, known)


def column_edges(pages: Iterable[Sequence[PlacedRow]]) -> list[float]:
    """Where columns of many lines begin, and where others of the same widths would."""
    edges = set[float]()
    for rows in pages:
        _collect_edges(list(rows), 0, edges)
    return _distinct(edges)


def _collect_edges(rows: list[PlacedRow], depth: int, edges: set[float]) -> None:
    gutter = best_gutter(rows) if depth < MAX_DEPTH else None
    if gutter is None:
        return
    band = rows[gutter.first : gutter.last + 1]
    left, right = _sides(band, gutter.edge)
    for part in (rows[: gutter.first], rows[gutter.last + 1 :]):
        _collect_edges(part, depth + 1, edges)
    if _is_table(band, gutter.edge, left, right):
        return
    if gutter.support >= WELL_SUPPORTED and _is_prose(left) and _is_prose(right):
        edges.add(gutter.edge)
        edges.update(_of_same_width(left, gutter.edge, right))
    _collect_edges(left, depth + 1, edges)
    _collect_edges(right, depth + 1, edges)


def _of_same_width(left: Sequence[PlacedRow], edge: float, right: Sequence[PlacedRow]) -> list[float]:
    """Columns are set in a grid: others begin at the same distance, before and after this edge."""
    begin, end = min(row.words[0].x0 for row in left), max(row.words[-1].x1 for row in right)
    gap = edge - max(row.words[-1].x1 for row in left)
    before, after = edge - begin, end - edge
    if before <= 0:
        return []
    if abs(before - 2 * (after + gap)) <= 0.04 * before:
        return [edge - before / 2]
    return [edge + place * before for place in range(1, min(MAX_COLUMNS, int(after / before) + 1))]


def _distinct(edges: Iterable[float]) -> list[float]:
    distinct = list[float]()
    for edge in sorted(edges):
        if not distinct or edge - distinct[-1] > TOLERANCE:
            distinct.append(edge)
    return distinct[:MAX_KNOWN]


def mirrored(rows: Sequence[PlacedRow]) -> list[PlacedRow]:
    """The page as in a mirror: then what is written from right to left has its columns at the left first."""
    return [
        PlacedRow(
            row.baseline,
            row.size,
            [word._replace(x0=-word.x1, x1=-word.x0) for word in reversed(row.words)],
        )
        for row in rows
    ]


def _split(rows: list[PlacedRow], depth: int, known: Sequence[float]) -> list[Region]:
    gutter = best_gutter(rows, known) if depth < MAX_DEPTH else None
    if gutter is None:
        return [Region(RegionKind.LINES, rows)] if rows else []
    above, band, below = rows[: gutter.first], rows[gutter.first : gutter.last + 1], rows[gutter.last + 1 :]
    left, right = _sides(band, gutter.edge)
    if _is_table(band, gutter.edge, left, right, known):
        titles = _titles(band, gutter.edge)
        above, band = above + band[:titles], band[titles:]
        inside = [Region(RegionKind.TABLE, band)]
    else:
        inside = [*_split(left, depth + 1, known), *_split(right, depth + 1, known)]
    return [*_split(above, depth + 1, known), *inside, *_split(below, depth + 1, known)]


def _titles(band: Sequence[PlacedRow], edge: float) -> int:
    """How many rows at the head of a table are a heading above it: larger, and left of the edge."""
    size = sorted(row.size for row in band)[len(band) // 2]
    place = 0
    while place + 2 < len(band) and band[place].size > 1.1 * size and band[place].words[-1].x0 < edge:
        place += 1
    return place


def _sides(rows: Sequence[PlacedRow], edge: float) -> tuple[list[PlacedRow], list[PlacedRow]]:
    left, right = list[PlacedRow](), list[PlacedRow]()
    for row in rows:
        words = [word for word in row.words if word.x0 < edge - TOLERANCE]
        if words:
            left.append(PlacedRow(row.baseline, words[0].style.size, words))
        if len(words) < len(row.words):
            rest = row.words[len(words) :]
            right.append(PlacedRow(row.baseline, rest[0].style.size, rest))
    return left, right


# --- Tables or columns ----------------------------------------------------------------------------------


def _is_table(
    band: Sequence[PlacedRow],
    edge: float,
    left: Sequence[PlacedRow],
    right: Sequence[PlacedRow],
    known: Sequence[float] = (),
) -> bool:
    """Whether the rows of a band belong together: their sides stand on the same lines, and are not prose."""
    lefts = {row.baseline for row in left}
    both = sum(row.baseline in lefts for row in right)
    if both < 0.6 * min(len(left), len(right)) or both < 2:
        return False
    if all(_begins_with_marker(row) for row in left) and all(_begins_with_marker(row) for row in right):
        return False
    if any(not word.text for row in band for word in row.words):
        return False  # a ruled table stands in one of the columns
    if any(abs(edge - other) <= TOLERANCE for other in known) and not _holds_figures(right):
        return False
    is_prose = [_is_prose(left), _is_prose(right)]
    if not any(is_prose):
        return True
    prose, other = (left, right) if is_prose[0] else (right, left)
    levels = {row.baseline for row in other}
    inside = sum(row.words[0].text[:1].islower() for row in prose if row.baseline in levels)
    # In a table, the cells of a row begin together.
    return not all(is_prose) and both >= 3 and inside <= 0.25 * both


def _holds_figures(rows: Sequence[PlacedRow]) -> bool:
    words = [word.text for row in rows for word in row.words]
    return sum(any(map(str.isdigit, word)) for word in words) >= 0.4 * len(words)


def _begins_with_marker(row: PlacedRow) -> bool:
    return len(row.words) > 1 and bool(MARKER.fullmatch(row.words[0].text))


def _is_prose(rows: Sequence[PlacedRow]) -> bool:
    """Whether the lines of this side continue each other."""
    texts = [" ".join(word.text for word in row.words) for row in rows]
    length = sum(map(len, texts)) / len(texts)
    gaps = sum(
        after.x0 - before.x1 > 1.5 * after.style.size for row in rows for before, after in pairwise(row.words)
    )
    if gaps >= 0.5 * len(rows):
        # Itself several columns: those of a table are short.
        length /= 1 + gaps / len(rows)
    cased = [text for text in texts if text[:1].isalpha() and text[:1].lower() != text[:1].upper()]
    continued = sum(text[:1].islower() for text in cased)
    if length >= 14 and continued >= 0.25 * len(texts):
        return True
    letters = sum(character.isalpha() for text in texts for character in text)
    uncased = sum(
        character.isalpha() and character.lower() == character.upper() for text in texts for character in text
    )
    wide = max(row.words[-1].x1 for row in rows) - min(row.words[0].x0 for row in rows)
    filled = sum(row.words[-1].x1 - row.words[0].x0 >= 0.75 * wide for row in rows)
    if uncased > 0.5 * letters:
        return length >= 7 and filled >= 0.6 * len(rows)
    return length >= 26 and filled >= 0.6 * len(rows)
