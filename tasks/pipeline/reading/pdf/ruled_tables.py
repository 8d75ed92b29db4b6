"""Tables that show themselves by their rules: three or more lines of the same extent, with cells between."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from tasks.pipeline.reading.pdf.types import PlacedRow, PlacedWord, Rectangle

MAX_RULES = 1_500
SAME = 4.0
"""Points by which the ends of a table's rules may differ."""
MAX_ROW_HEIGHT = 200.0
LEAST_WIDTH = 60.0


def tables_taken_out(
    rows: Sequence[PlacedRow], rules: Sequence[Rectangle]
) -> tuple[list[PlacedRow], dict[float, list[PlacedRow]]]:
    """The rows with one row in place of each ruled table, and the rows of the tables by its baseline.

    That row holds a single word as wide as the table, so that the order of reading is found with it.
    """
    left, tables = list(rows), dict[float, list[PlacedRow]]()
    for area in _areas(rules, rows):
        inside, outside = list[PlacedRow](), list[PlacedRow]()
        for row in left:
            if not area.y0 < row.baseline + 0.3 * row.size < area.y1:
                outside.append(row)
                continue
            words = [
                word for word in row.words if area.x0 - SAME <= (word.x0 + word.x1) / 2 <= area.x1 + SAME
            ]
            rest = [word for word in row.words if word not in words]
            if words:
                inside.append(PlacedRow(row.baseline, row.size, words, row.begins_raised))
            if rest:
                outside.append(PlacedRow(row.baseline, row.size, rest, row.begins_raised))
        if len(inside) < 2 or sum(_has_cells(row) for row in inside) < 0.5 * len(inside):
            continue
        _add_headings(inside, outside, area)
        first = inside[0]
        stand_in = PlacedWord(area.x0, area.x1, first.baseline, "", first.words[0].style)
        left = sorted(
            [*outside, PlacedRow(first.baseline, first.size, [stand_in])], key=lambda row: -row.baseline
        )
        tables[first.baseline] = inside
    return left, tables


def _add_headings(inside: list[PlacedRow], outside: list[PlacedRow], area: Rectangle) -> None:
    """Take over a row of cells directly above the first rule."""
    above = [
        row
        for row in outside
        if 0 <= row.baseline - area.y1 <= 1.2 * row.size
        and row.words[0].x0 >= area.x0 - SAME
        and row.words[-1].x1 <= area.x1 + SAME
        and _has_cells(row)
    ]
    for row in above[-1:]:
        outside.remove(row)
        inside.insert(0, row)


def is_stand_in(row: PlacedRow) -> bool:
    return len(row.words) == 1 and not row.words[0].text


def _has_cells(row: PlacedRow) -> bool:
    return any(after.x0 - before.x1 > 0.7 * after.style.size for before, after in pairwise(row.words))


def _areas(rules: Sequence[Rectangle], rows: Sequence[PlacedRow]) -> list[Rectangle]:
    """Where horizontal rules of one extent follow each other, with nothing but cells between."""
    groups = list[list[Rectangle]]()
    for span in _spans(rules):
        for group in groups:
            last = group[-1]
            is_same = abs(last.x0 - span.x0) <= SAME and abs(last.x1 - span.x1) <= SAME
            if is_same and last.y0 - span.y0 <= MAX_ROW_HEIGHT and not _is_crossed(last, span, rows):
                group.append(span)
                break
        else:
            groups.append([span])
    return [
        Rectangle(group[0].x0, group[-1].y0, group[0].x1, group[0].y0) for group in groups if len(group) >= 3
    ]


def _is_crossed(upper: Rectangle, lower: Rectangle, rows: Sequence[PlacedRow]) -> bool:
    """Whether a line of text between two rules goes on beyond their ends."""
    for row in rows:
        if not lower.y0 < row.baseline + 0.3 * row.size < upper.y0:
            continue
        for before, after in pairwise(row.words):
            is_one_text = after.x0 - before.x1 <= 0.6 * row.size
            if is_one_text and any(
                before.x0 < end - SAME < end + SAME < after.x1 for end in (upper.x0, upper.x1)
            ):
                return True
        if any(word.x0 < end - SAME and word.x1 > end + SAME for word in row.words for end in upper[::2]):
            return True
    return False


def _spans(rules: Sequence[Rectangle]) -> list[Rectangle]:
    """Horizontal rules from top to bottom; those of neighbouring cells as one."""
    level = sorted(
        (rule for rule in rules[:MAX_RULES] if rule.x1 - rule.x0 > 4 and rule.y1 - rule.y0 <= 3),
        key=lambda rule: (-round(rule.y0), rule.x0),
    )
    spans = list[Rectangle]()
    for rule in level:
        if spans and abs(spans[-1].y0 - rule.y0) <= 1.5 and rule.x0 - spans[-1].x1 <= 3:
            spans[-1] = spans[-1]._replace(x0=min(spans[-1].x0, rule.x0), x1=max(spans[-1].x1, rule.x1))
        else:
            spans.append(rule)
    return [span for span in spans if span.x1 - span.x0 >= LEAST_WIDTH]
