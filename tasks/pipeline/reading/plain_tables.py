"""Tables in plain text: delimited files, and columns that blanks or lines of signs set apart."""

from __future__ import annotations

import csv
import io
import re
from itertools import pairwise

MAX_ROWS = 20_000
MAX_CELL = 20_000

_RULE_LINE = re.compile(r"[\s|+\-=:─│┼├┤┌┐└┘┬┴━═║╔╗╚╝╠╣╦╩╬]{3,}$")
_BARS = re.compile(r"[|│║┃]")
_GAP = re.compile(r"\S+(?: \S+)*")
_NUMBER = re.compile(
    r"[-+−(]?[$€£¥]?\d[\d.,  ' ]*\)?\s?(?:%|‰|[a-zA-Z°µ²³/]{1,6})?$|[-–—.]+$|n/?a$", re.IGNORECASE
)


def row_text(headings: list[str], cells: list[str]) -> str:
    """`Port: Bergen; Ships: 412`, as `Block` has it."""
    named = [
        f"{heading}: {cell}" if heading and cell else cell
        for heading, cell in zip([*headings, *[""] * len(cells)], cells, strict=False)
    ]
    return "; ".join(cell for cell in named if cell)


def rows_text(rows: list[list[str]]) -> list[str]:
    """The rows of a table with the headings of its first row, if that has some."""
    rows = [[" ".join(cell.split()) for cell in row] for row in rows]
    rows = [row for row in rows if any(row)]
    if not rows:
        return []
    if len(rows) > 2 and _is_title(rows[0]) and not all(map(_is_title, rows)):
        return ["".join(rows[0]), *rows_text(rows[1:])]
    # Headings are words; a first row with figures next to its first cell is a row like the others.
    if all(len(row) == 2 and row[0].endswith((":", "：")) for row in rows):
        return [" ".join(row).strip() for row in rows]
    first, others = rows[0], rows[1:]
    has_headings = (
        bool(others)
        and not any(_is_figure(cell) for cell in first[1:])
        and (len([cell for cell in first if cell]) > 1)
    )
    headings = first if has_headings else []
    return [row_text(headings, row) for row in (others if has_headings else rows)]


def _is_title(row: list[str]) -> bool:
    return sum(map(bool, row)) == 1


def _is_figure(cell: str) -> bool:
    """Years head columns more often than they stand in a first row."""
    return bool(cell and _NUMBER.match(cell) and not re.fullmatch(r"(?:1[5-9]|20)\d\d", cell))


def delimited_rows(text: str, delimiter: str) -> list[str]:
    """The rows of a CSV or TSV file; the delimiter is looked for, as many have semicolons."""
    if named := re.match(r"sep=([,;|\t])\s{0,9}\n", text):
        text, delimiter = text[named.end() :], named[1]
    lines = [line for line in text.split("\n")[:20] if line.strip()]
    if delimiter == "," and not named:
        delimiter = max(",;\t|", key=lambda sign: _regularity(lines, sign))
    csv.field_size_limit(MAX_CELL * 10)
    rows = list[list[str]]()
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, skipinitialspace=True):
            rows.append([cell[:MAX_CELL] for cell in row])
            if len(rows) > MAX_ROWS:
                break
    except csv.Error:
        return []
    return rows_text(rows)


def _regularity(lines: list[str], sign: str) -> tuple[int, int]:
    counts = [line.count(sign) for line in lines]
    common = max(set(counts), key=counts.count) if counts else 0
    return (counts.count(common) if common else 0), common


def ruled_rows(lines: list[str]) -> list[str]:
    """A table whose cells stand between bars, as `| Port | Ships |` or with drawn lines."""
    content = [line for line in lines if not _RULE_LINE.fullmatch(line)]
    barred = [line for line in content if len(_BARS.findall(line)) >= 1]
    if (
        len(content) < 2
        or len(barred) < len(content)
        or len({len(_BARS.findall(line)) for line in content}) > 2
    ):
        return []
    if len(lines) == len(content) and not all(line.strip()[0] in "|│║┃" for line in content):
        return []
    return rows_text([[cell.strip() for cell in _BARS.split(line.strip().strip("|│║┃"))] for line in content])


def columnar_rows(lines: list[str]) -> list[str]:
    """A table whose columns are set apart by two blanks or more that run through all its rows."""
    content = [line for line in lines if not _RULE_LINE.fullmatch(line)]
    if len(content) < 2:
        return []
    gaps = _common_gaps(content)
    if not gaps:
        return []
    rows = [_cut(line, gaps) for line in content]
    filled = sum(sum(map(bool, row)) > 1 for row in rows)
    if filled < 0.7 * len(rows) or (len(rows) < 3 and len(lines) == len(content) and not _has_figures(rows)):
        return []
    # Two columns of running text are a page's layout, not a table.
    cells = [cell for row in rows for cell in row if cell]
    if sum(len(cell) > 40 for cell in cells) > 0.3 * len(cells):
        return []
    return rows_text(rows)


def _has_figures(rows: list[list[str]]) -> bool:
    return any(_NUMBER.match(cell) for row in rows[1:] for cell in row[1:] if cell)


def _common_gaps(lines: list[str]) -> list[tuple[int, int]]:
    """The places where all lines have blanks, two or more, between columns that most lines fill."""
    width = min(max(map(len, lines)), 500)
    start = min(len(line) - len(line.lstrip()) for line in lines)
    empty = [all(place >= len(line) or line[place] == " " for line in lines) for place in range(width)]
    gaps, place = list[tuple[int, int]](), start
    while place < width:
        if empty[place]:
            end = place
            while end < width and empty[end]:
                end += 1
            if end - place >= 2 and end < width:
                gaps.append((place, end))
            place = end
        place += 1
    return gaps


def _cut(line: str, gaps: list[tuple[int, int]]) -> list[str]:
    places = [0, *(end for _, end in gaps), len(line) + 1]
    return [line[start:end].strip() for start, end in pairwise(places)]
