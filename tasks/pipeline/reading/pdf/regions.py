"""The regions of all pages in the order of reading: lines of text, and rows of tables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from tasks.pipeline.reading.pdf import columns
from tasks.pipeline.reading.pdf.bidi import has_right_to_left, runs_right_to_left
from tasks.pipeline.reading.pdf.columns import RegionKind, column_edges, mirrored, regions_of
from tasks.pipeline.reading.pdf.gutters import MARKER
from tasks.pipeline.reading.pdf.lines import text_of
from tasks.pipeline.reading.pdf.ruled_tables import is_stand_in, tables_taken_out
from tasks.pipeline.reading.pdf.tables import Table, read_table
from tasks.pipeline.reading.pdf.types import (
    PageContent,
    PlacedRow,
    PlacedWord,
    Rectangle,
    Style,
    TableRows,
    TextLine,
)

Region = list[TextLine] | TableRows


class _PageLayout(NamedTuple):
    """A page, before the order of reading is known."""

    is_mirrored: bool
    rows: list[PlacedRow]
    tables: dict[float, list[PlacedRow]]
    """Ruled ones, by the baseline of the row that stands for them."""
    rules: list[Rectangle]


def regions_in_order(pages: Sequence[Sequence[PlacedRow]], contents: Sequence[PageContent]) -> list[Region]:
    regions = list[Region]()
    table: Table | None = None
    layouts = [_page_layout(rows, content) for rows, content in zip(pages, contents, strict=True)]
    known = {
        way: column_edges(page.rows for page in layouts if page.is_mirrored is way) for way in (True, False)
    }
    for layout, content in zip(layouts, contents, strict=True):
        is_mirrored = layout.is_mirrored
        for is_table, found in _parts(regions_of(layout.rows, known[is_mirrored]), layout.tables):
            number = len(regions)
            if is_table:
                table = read_table(found, layout.rules, table, is_mirrored)
                regions.append(TableRows(content.number, number, table.rows))
            else:
                regions.append(_lines(found, content.number, number, is_mirrored))
    return regions


def _page_layout(rows: Sequence[PlacedRow], content: PageContent) -> _PageLayout:
    is_mirrored = runs_right_to_left(" ".join(word.text for row in rows for word in row.words))
    rules = content.rules
    if is_mirrored:
        rows = mirrored(rows)
        rules = [Rectangle(-rule.x1, rule.y0, -rule.x0, rule.y1) for rule in rules]
    plain, tables = tables_taken_out(rows, rules)
    return _PageLayout(is_mirrored, plain, tables, rules)


def _parts(
    regions: Sequence[columns.Region], ruled: dict[float, list[PlacedRow]]
) -> Iterator[tuple[bool, list[PlacedRow]]]:
    """Rows that are read together, and whether they are a table; ruled tables at their places again."""
    for region in regions:
        rows = list[PlacedRow]()
        for row in region.rows:
            if not is_stand_in(row):
                rows.append(row)
                continue
            if rows:
                yield region.kind is RegionKind.TABLE, rows
            rows = []
            yield True, ruled[row.baseline]
        if rows:
            yield region.kind is RegionKind.TABLE, rows


def _lines(rows: Sequence[PlacedRow], page: int, region: int, is_mirrored: bool) -> list[TextLine]:
    rows = _with_markers(rows)
    left, right = _sides(rows)
    lines, turned = list[TextLine](), is_mirrored
    for row in rows:
        words = row.words[::-1] if is_mirrored else row.words
        plain = " ".join(word.text for word in words)
        # A line of Latin words in the middle of a Hebrew paragraph runs as its neighbours do.
        turned = has_right_to_left(plain) and (turned or runs_right_to_left(plain))
        x0, x1 = row.words[0].x0, row.words[-1].x1
        is_other_way = turned and not is_mirrored
        first = row.words[-1 if is_other_way else 0]
        lines.append(
            TextLine(
                page=page,
                region=region,
                x0=left + right - x1 if is_other_way else x0,
                x1=left + right - x0 if is_other_way else x1,
                baseline=row.baseline,
                text=text_of(words, turned),
                style=_style(row),
                left=left,
                right=right,
                first_word_width=first.x1 - first.x0,
                begins_raised=row.begins_raised,
            )
        )
    return lines


def _with_markers(rows: Sequence[PlacedRow]) -> list[PlacedRow]:
    """Put bullets and numbers that stand a little higher or lower than their lines at their beginning."""
    result, waiting = list[PlacedRow](), list[PlacedRow]()
    for row in rows:
        if len(row.words) == 1 and MARKER.fullmatch(row.words[0].text):
            if result and _is_marked_by(result[-1], row.words[0]):
                _mark(result[-1], row.words[0])
            else:
                waiting.append(row)
            continue
        result += waiting[:-1]
        if waiting and _is_marked_by(row, waiting[-1].words[0]):
            row = PlacedRow(row.baseline, row.size, list(row.words))
            _mark(row, waiting[-1].words[0])
        else:
            result += waiting[-1:]
        waiting = []
        result.append(PlacedRow(row.baseline, row.size, list(row.words), row.begins_raised))
    return result + waiting


def _is_marked_by(row: PlacedRow, marker: PlacedWord) -> bool:
    first = row.words[0]
    return (
        abs(row.baseline - marker.baseline) <= 0.8 * row.size
        and -0.5 <= first.x0 - marker.x1 <= 4 * row.size
        and not MARKER.fullmatch(first.text)
    )


def _mark(row: PlacedRow, marker: PlacedWord) -> None:
    text = f"{marker.text}." if marker.text.isdigit() else marker.text
    row.words.insert(0, marker._replace(text=text))


def _sides(rows: Sequence[PlacedRow]) -> tuple[float, float]:
    """The edges of a column: some lines may be longer than the others."""
    lefts = sorted(row.words[0].x0 for row in rows)
    rights = sorted(row.words[-1].x1 for row in rows)
    return lefts[len(lefts) // 20], rights[min(len(rights) - 1, len(rights) * 19 // 20)]


def _style(row: PlacedRow) -> Style:
    counts = Counter[Style]()
    for word in row.words:
        counts[word.style] += len(word.text)
    return counts.most_common(1)[0][0]
