"""Tables: each row as one line that names the column of every cell."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from tasks.pipeline.reading.pdf.lines import text_of
from tasks.pipeline.reading.pdf.types import PlacedRow, PlacedWord, Rectangle

MAX_COLUMNS = 40
MAX_HEADING_ROWS = 3

_FIGURE = re.compile(r"[^\w]{0,4}[\d.,\s'’%‰€$£¥/:()+−–-]{1,30}[^\W\d]{0,4}[^\w]{0,3}")


@dataclass
class _Cells:
    baseline: float
    size: float
    is_bold: bool
    texts: list[str]


@dataclass
class Table:
    headings: list[str]
    edges: list[float]
    """Where its columns begin."""
    rows: list[str]
    cells: list[list[str]]


def read_table(
    rows: Sequence[PlacedRow], rules: Sequence[Rectangle], previous: Table | None, is_mirrored: bool = False
) -> Table:
    """The rows of a table; one without headings that continues `previous` has those of that one."""
    edges = _column_edges(rows)
    lines = _merged([_cells(row, edges, is_mirrored) for row in rows], rules, edges)
    count = _heading_rows(lines, rules)
    headings = _headings(lines[:count], len(edges))
    if previous is not None and len(previous.edges) == len(edges) and any(previous.headings):
        is_repeated = count and headings == previous.headings
        continues = all(abs(a - b) <= 12 for a, b in zip(previous.edges, edges, strict=True))
        if is_repeated or (not count and continues):
            headings = previous.headings
    body = [line.texts for line in lines[count:]] or [line.texts for line in lines]
    texts = [row_text(headings if lines[count:] else [], cells) for cells in body]
    return Table(headings, edges, [text for text in texts if text], body)


def row_text(headings: Sequence[str], cells: Sequence[str]) -> str:
    """`Port: Bergen; Ships: 412`; cells without a heading stand alone, empty ones are left out."""
    named = list[str]()
    for place, cell in enumerate(cells):
        heading = headings[place].rstrip(" :") if place < len(headings) else ""
        if cell.strip():
            named.append(f"{heading}: {cell}" if heading else cell)
    return "; ".join(named)


def _column_edges(rows: Sequence[PlacedRow]) -> list[float]:
    """The left edges of the columns, from what no row covers."""
    size = sorted(row.size for row in rows)[len(rows) // 2]
    pieces = [_pieces(row, size) for row in rows]
    usual = sorted(map(len, pieces))[len(pieces) // 2]
    # Rows of fewer pieces may be headings over several columns.
    full = sorted(piece for row in pieces if len(row) >= usual for piece in row)
    edges, end = list[float](), float("-inf")
    for x0, x1 in full:
        if x0 - end >= 0.45 * size:
            edges.append(x0)
        end = max(end, x1)
    return edges[:MAX_COLUMNS]


def _pieces(row: PlacedRow, size: float) -> list[tuple[float, float]]:
    """The extents of the row's text between its larger gaps."""
    pieces = list[tuple[float, float]]()
    for word in row.words:
        if pieces and word.x0 - pieces[-1][1] < 0.55 * size:
            pieces[-1] = (pieces[-1][0], max(pieces[-1][1], word.x1))
        else:
            pieces.append((word.x0, word.x1))
    return pieces


def _cells(row: PlacedRow, edges: Sequence[float], is_mirrored: bool) -> _Cells:
    columns: list[list[PlacedWord]] = [[] for _ in edges]
    for word in row.words:
        middle = (word.x0 + word.x1) / 2
        place = max((at for at, edge in enumerate(edges) if edge <= max(middle, edges[0])), default=0)
        columns[place].append(word)
    is_bold = all(word.style.is_bold for word in row.words)
    return _Cells(
        row.baseline, row.size, is_bold, [text_of(words[::-1] if is_mirrored else words) for words in columns]
    )


def _merged(lines: list[_Cells], rules: Sequence[Rectangle], edges: Sequence[float]) -> list[_Cells]:
    """Lines of the same row as one: a cell's text may be wrapped."""
    merged = list[_Cells]()
    levels = _rule_levels(rules, edges)
    is_ruled = len(levels) >= 3 and len(levels) >= 0.5 * len(lines)
    for line in lines:
        previous = merged[-1] if merged else None
        if previous is None:
            merged.append(line)
            continue
        divided = any(line.baseline + 0.3 * line.size < level < previous.baseline for level in levels)
        filled = sum(bool(text) for text in line.texts)
        distance = previous.baseline - line.baseline
        is_rest = filled < len(line.texts) and distance <= 1.45 * line.size and not divided
        if is_rest and (is_ruled or not line.texts[0]) and line.is_bold == previous.is_bold:
            texts = [f"{a} {b}".strip() for a, b in zip(previous.texts, line.texts, strict=True)]
            merged[-1] = _Cells(line.baseline, line.size, line.is_bold, texts)
        else:
            merged.append(line)
    return merged


def _rule_levels(rules: Sequence[Rectangle], edges: Sequence[float]) -> list[float]:
    return sorted(
        {
            round(rule.y0)
            for rule in rules
            if rule.x1 - rule.x0 > 20
            and rule.y1 - rule.y0 < 3
            and rule.x1 > edges[0]
            and rule.x0 < edges[-1] + 60
        }
    )


def _heading_rows(lines: Sequence[_Cells], rules: Sequence[Rectangle]) -> int:
    """How many rows at the head name the columns."""
    bold = 0
    while bold < min(len(lines), MAX_HEADING_ROWS) and lines[bold].is_bold:
        bold += 1
    if 0 < bold < len(lines) and not all(line.is_bold for line in lines):
        # Units may stand below, in plain type.
        has_units = bold + 1 < len(lines) and not lines[bold].texts[0] and not _has_figures(lines[bold])
        return bold + has_units
    count = 0
    while count < min(len(lines) - 1, MAX_HEADING_ROWS) and not _has_figures(lines[count]):
        count += 1
    rest = lines[count:]
    if count and len(rest) >= 1 and sum(_has_figures(line) for line in rest) >= 0.6 * len(rest):
        return count
    if _names_years(lines):
        return 1
    return 0


def _has_figures(line: _Cells) -> bool:
    return any(_FIGURE.fullmatch(text) and any(map(str.isdigit, text)) for text in line.texts[1:])


def _names_years(lines: Sequence[_Cells]) -> bool:
    """Whether the first row holds consecutive years, and the others figures that are none."""
    if len(lines) < 2:
        return False
    years = [text for text in lines[0].texts[1:] if text]
    return len(years) >= 2 and all(re.fullmatch(r"(?:1[5-9]|20)\d\d\*?", text) for text in years)


def _headings(lines: Sequence[_Cells], count: int) -> list[str]:
    """The words above each column; a heading over several columns is repeated for each of them."""
    headings = [""] * count
    for line in lines:
        filled = [place for place, text in enumerate(line.texts) if text and place]
        for place in range(count):
            text = line.texts[place]
            if not text and line is not lines[-1] and place and filled:
                text = line.texts[min(filled, key=lambda other: (abs(other - place), other))]
            headings[place] = f"{headings[place]} {text}".strip()
    return headings
