"""Gutters: vertical strips that many rows of a page leave blank, with text on both sides."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from tasks.pipeline.reading.pdf.types import PlacedRow, PlacedWord

MAX_EDGES = 40
TOLERANCE = 1.5
"""Points by which the left edges of a column's lines may differ."""

MARKER = re.compile(
    r"(?:[•◦▪▫●○■□–—*·‣⁃➢➤✓✔\uf0b7\uf0a7-]|\(?(?:\d{1,3}|[A-Za-z]|[ivxlIVXL]{1,5})[.):]|\[\d{1,3}\]|"
    r"\(\d{1,3}\)|\d{1,2})"
)
"""What an item of a list begins with."""


@dataclass
class Gutter:
    edge: float
    """Where the text at its right begins."""
    first: int
    last: int
    """Of the rows between which it reaches."""
    support: int
    """The number of rows with text at its left or at its right, whichever is smaller."""
    width: float


def best_gutter(rows: list[PlacedRow], known: Sequence[float] = ()) -> Gutter | None:
    """The gutter that most rows support; `known`: where columns begin elsewhere in the document."""
    best: Gutter | None = None
    edges = [*((edge, True) for edge in known), *((edge, False) for edge in _edges(rows))]
    edges += [(edge, False) for edge in _edges_of_gaps(rows)]
    for edge, is_known in edges:
        for gutter in _gutters_at(rows, edge, is_known):
            if best is None or (gutter.support, gutter.width) > (best.support, best.width):
                best = gutter
    return best


def _edges(rows: list[PlacedRow]) -> list[float]:
    """Where text begins in several rows, be it the row's first or after a gap."""
    starts = list[float]()
    for row in rows:
        end: float | None = None
        for word in row.words:
            if end is None or word.x0 - end > 0.42 * word.style.size:
                starts.append(word.x0)
            end = word.x1
    starts.sort()
    edges, group = list[tuple[int, float]](), list[float]()
    for start in [*starts, float("inf")]:
        if group and start - group[0] > TOLERANCE:
            if len(group) >= 2:
                edges.append((len(group), group[0]))
            group = []
        group.append(start)
    return [edge for _, edge in sorted(edges, reverse=True)[:MAX_EDGES]]


def _edges_of_gaps(rows: list[PlacedRow]) -> list[float]:
    """The right ends of gaps that consecutive rows share, whatever their text is aligned to."""
    edges, shared, count = set[float](), list[tuple[float, float]](), 0
    for row in [*rows, None]:
        gaps = _gaps(row) if row is not None else []
        both = [
            (max(a0, b0), min(a1, b1))
            for a0, a1 in shared
            for b0, b1 in gaps
            if min(a1, b1) - max(a0, b0) >= 0.8 * (row.size if row is not None else 0.0)
        ]
        if both and count:
            shared, count = both[:MAX_EDGES], count + 1
            continue
        if count >= 2:
            edges.update(end for _, end in shared)
        shared, count = gaps, 1
    return sorted(edges)[:MAX_EDGES]


def _gaps(row: PlacedRow) -> list[tuple[float, float]]:
    return [
        (before.x1, after.x0)
        for before, after in pairwise(row.words)
        if after.x0 - before.x1 >= 0.9 * after.style.size
    ]


def _gutters_at(rows: list[PlacedRow], edge: float, is_known: bool) -> list[Gutter]:
    """The runs of rows without a word across this edge."""
    gutters = list[Gutter]()
    crosses = [*_crossings(rows, edge, is_known), True]
    first = 0
    for place, is_crossing in enumerate(crosses):
        if not is_crossing:
            is_strip = (
                place > first and rows[place - 1].baseline - rows[place].baseline >= 1.8 * rows[place].size
            )
            if not is_strip or not _begin_elsewhere(rows[place : crosses.index(True, place)], edge):
                continue
        if place - first >= (1 if is_known else 2):
            gutter = _gutter_in(rows, edge, first, place - 1, is_known)
            if gutter is not None:
                gutters.append(gutter)
        first = place + 1 if is_crossing else place
    return gutters


def _crossings(rows: list[PlacedRow], edge: float, is_known: bool) -> list[bool]:
    """Which rows are one text across this edge; a doubtful one is as the row next to it."""
    crosses = [_crosses(row, edge) for row in rows]
    for order in (range(1, len(rows)), range(len(rows) - 2, -1, -1)):
        for place in order:
            other = place - order.step
            distance = abs(rows[place].baseline - rows[other].baseline)
            if crosses[place] is None and crosses[other] and distance <= 1.6 * rows[place].size:
                crosses[place] = True
    if is_known:
        return [each or _is_even(row, edge) for row, each in zip(rows, crosses, strict=True)]
    # The first row below other text and the last above it may be that text, when they stand apart.
    for place in range(1, len(rows)):
        is_far = rows[place - 1].baseline - rows[place].baseline > 1.5 * rows[place].size
        if crosses[place] is None and is_far and (place + 1 == len(rows) or crosses[place + 1]):
            crosses[place] = True
        if crosses[place - 1] is None and is_far and (place == 1 or crosses[place - 2]):
            crosses[place - 1] = True
    # Few rows that happen to have a word there are no rows of columns.
    doubtful = sum(each is None for each in crosses)
    certain = sum(
        each is False and any(abs(word.x0 - edge) <= TOLERANCE for word in row.words)
        for row, each in zip(rows, crosses, strict=True)
    )
    return [each is True or (each is None and certain < 4 * doubtful) for each in crosses]


def _begin_elsewhere(rows: list[PlacedRow], edge: float) -> bool:
    """Whether, below a blank strip, the text at the right is not that of a column at this edge."""
    starts = [next((word.x0 for word in row.words if word.x0 >= edge - TOLERANCE), None) for row in rows]
    found = [(start, row.size) for start, row in zip(starts, rows, strict=True) if start is not None]
    if not found or found[0][0] <= edge + 2.5 * found[0][1]:
        return False
    return sum(start <= edge + 2.5 * size for start, size in found) <= 0.2 * len(found)


def _crosses(row: PlacedRow, edge: float) -> bool | None:
    """None: a word begins at the edge, but no further from the one before it than usual."""
    before: PlacedWord | None = None
    for word in row.words:
        if word.x0 >= edge - TOLERANCE:
            if before is None or word.x0 - before.x1 > 0.5 * word.style.size:
                return None if len(row.words) > 5 and _is_even(row, edge) else False
            # A line that fills its column to the brim leaves any gap, a row of one text that of its blanks.
            if word.x0 > edge + TOLERANCE:
                return True
            return None if _is_usual_gap(row, word.x0 - before.x1) else False
        if word.x1 > edge - TOLERANCE:
            return True
        before = word
    return False


def _is_usual_gap(row: PlacedRow, gap: float) -> bool:
    gaps = sorted(after.x0 - before.x1 for before, after in pairwise(row.words))
    return abs(gap - gaps[len(gaps) // 2]) <= 0.04 * row.size


def _gutter_in(rows: list[PlacedRow], edge: float, first: int, last: int, is_known: bool) -> Gutter | None:
    left_ends, right_places, sizes = list[float](), list[int](), list[float]()
    left_texts, right_texts, aligned = list[str](), list[str](), 0
    for place in range(first, last + 1):
        row = rows[place]
        left = [word for word in row.words if word.x0 < edge - TOLERANCE]
        if left:
            left_ends.append(left[-1].x1)
            left_texts.append("".join(word.text for word in left))
        if len(left) < len(row.words):
            right_places.append(place)
            aligned += row.words[len(left)].x0 <= edge + TOLERANCE
            right_texts.append(row.words[-1].text)
        sizes.append(row.size)
    if not left_ends or not right_places:
        return None
    if all(MARKER.fullmatch(text) for text in left_texts):
        return None
    size = Counter(sizes).most_common(1)[0][0]
    left_ends.sort()
    end = left_ends[int((len(left_ends) - 1) * 0.9)]
    support, width = min(len(left_ends), len(right_places)), edge - end
    is_long = support >= 6 or last - first >= 8
    least = 0.6 if is_long else 1.0 if support >= 3 or _is_clear(rows[first : last + 1], edge) else 2.0
    if support >= 8 and aligned >= 0.7 * len(right_places):
        least = 0.4
    if is_known:
        if width < 0.4 * size or aligned < 0.6 * len(right_places):
            return None
        return _gutter_over(rows, edge, first, last, right_places, support, width)
    if support < 2 or width < least * size:
        return None
    if support < 6 and _is_justified(rows[first : last + 1], edge):
        return None
    is_short = max(map(len, left_texts)) < 25
    if support < 3 and is_short and not any(map(str.isdigit, "".join(left_texts + right_texts))):
        return None
    return _gutter_over(rows, edge, first, last, right_places, support, width)


def _gutter_over(
    rows: list[PlacedRow],
    edge: float,
    first: int,
    last: int,
    right_places: list[int],
    support: int,
    width: float,
) -> Gutter:
    begin = _begin_of(rows, edge, first, right_places[0], last)
    return Gutter(edge, begin, _end_of(rows, edge, right_places[-1], last), support, width)


def _is_clear(rows: list[PlacedRow], edge: float) -> bool:
    """Whether, in each row of words on both sides, the gap is much wider than all others."""
    clear = 0
    for row in rows:
        if not row.words[0].x0 < edge - TOLERANCE <= row.words[-1].x0:
            continue
        gaps = sorted((after.x0 - before.x1, after.x0) for before, after in pairwise(row.words))
        if len(gaps) < 4 or abs(gaps[-1][1] - edge) > TOLERANCE or gaps[-1][0] < 2 * gaps[-2][0]:
            return False
        clear += 1
    return clear >= 2


def _is_justified(rows: list[PlacedRow], edge: float) -> bool:
    """Whether the gap at the edge is as wide as the others of its rows: blanks of a justified text."""
    even = uneven = 0
    for row in rows:
        if row.words[0].x0 < edge - TOLERANCE <= row.words[-1].x0 and len(row.words) >= 3:
            is_even = _is_even(row, edge)
            even, uneven = even + is_even, uneven + (not is_even)
    return even > uneven


def _is_even(row: PlacedRow, edge: float) -> bool:
    """Whether a row with words on both sides of the edge is one text, by its gaps of the same width."""
    if not row.words[0].x0 < edge - TOLERANCE <= row.words[-1].x0:
        return False
    gaps = [after.x0 - before.x1 for before, after in pairwise(row.words)]
    if len(gaps) < 2:
        return gaps[0] <= 0.4 * row.size
    return max(gaps) - min(gaps) <= 0.12 * row.size


def _begin_of(rows: list[PlacedRow], edge: float, first: int, first_right: int, last: int) -> int:
    """The first row of the columns: the left one may begin higher; a line centred above all is no part."""
    begin = first_right
    while begin > first:
        row, above = rows[begin], rows[begin - 1]
        if above.baseline - row.baseline > 1.6 * max(row.size, above.size):
            break
        begin -= 1
    while begin + 2 < last:
        row, below = rows[begin], rows[begin + 1]
        has_both = row.words[0].x0 < edge - TOLERANCE <= row.words[-1].x0
        if has_both or row.baseline - below.baseline <= 1.5 * below.size:
            break
        left = min(row.words[0].x0 for row in rows)
        right = max(row.words[-1].x1 for row in rows)
        off_centre = abs(row.words[0].x0 - left - (right - row.words[-1].x1))
        if row.words[0].x0 - left < 2 * row.size or off_centre > 0.03 * (right - left):
            break
        begin += 1
    return begin


def _end_of(rows: list[PlacedRow], edge: float, last_right: int, last: int) -> int:
    """The last row of the columns: the left one may be longer, or something else may begin below both."""
    for place in range(last_right + 1, last + 1):
        drop = rows[place - 1].baseline - rows[place].baseline
        if place == last_right + 1 and last + 1 < len(rows) and drop > 1.7 * rows[place].size:
            return place - 1
    return last
