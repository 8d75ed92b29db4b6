"""Tables as rows that name the column of each cell: `Port: Bergen; Ships: 412`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from tasks.pipeline.reading.types import Block
from tasks.pipeline.types import BlockKind

MAX_COLUMNS = 200
MAX_CELLS = 100_000

_LABEL_CHARACTERS = 80
_LAYOUT_CHARACTERS = 300
_FIGURE = re.compile(r"[(~≈<>≤≥±]?\s?[$€£¥₹+\-−–]?\s?\d")
_YEAR = re.compile(r"(1[5-9]|20|21)\d\d(\s?[/–-]\s?\d{2,4})?")


@dataclass(eq=False)
class TableCell:
    """One that is merged stands at all its places in the grid."""

    blocks: list[Block] = field(default_factory=list)
    is_bold: bool = False

    @property
    def text(self) -> str:
        """Its paragraphs on one line; rows of a table inside it are not among them."""
        text = ""
        for block in self.blocks:
            if block.kind != BlockKind.TABLE_ROW:
                joint = (
                    "" if not text else " " if text.endswith((".", "!", "?", ":", ";", ",", "。")) else ", "
                )
                text += joint + block.text
        return text

    @property
    def inner_rows(self) -> list[Block]:
        return [block for block in self.blocks if block.kind == BlockKind.TABLE_ROW]


class TableGrid:
    """Places cells row by row."""

    def __init__(self) -> None:
        self.rows: list[list[TableCell | None]] = []
        self.header_rows = 0
        """Leading rows that the document itself calls headings."""
        self._cells = 0

    def add_row(self, *, is_header: bool = False) -> None:
        if is_header and self.header_rows == len(self.rows):
            self.header_rows += 1
        self.rows.append([])

    def place(self, cell: TableCell | None, *, columns: int = 1, column: int | None = None) -> int:
        """Put a cell into the last row, at its next free place or at a column; return the column."""
        row = self.rows[-1]
        column = len(row) if column is None else column
        columns = max(1, min(columns, MAX_COLUMNS - column))
        self._cells += columns
        if self._cells > MAX_CELLS or column >= MAX_COLUMNS:
            return column
        row.extend([None] * (column + columns - len(row)))
        row[column : column + columns] = [cell] * columns
        return column

    def above(self, column: int) -> TableCell | None:
        """What stands over a column of the last row."""
        above = self.rows[-2] if len(self.rows) > 1 else []
        return above[column] if column < len(above) else None


def table_blocks(grid: TableGrid) -> list[Block]:
    """The rows of a table, or its paragraphs one after the other where it only arranges a page."""
    rows = [row for row in grid.rows if any(cell and cell.blocks for cell in row)]
    header_rows = min(grid.header_rows, len(rows))
    width = max((len(row) for row in rows), default=0)
    blocks = list[Block]()
    if not header_rows:
        if _only_arranges(rows, width):
            return [
                block for cell in _distinct(cell for row in rows for cell in row) for block in cell.blocks
            ]
        while len(rows) > 1 and width > 1 and _is_one_cell(rows[0], width):
            # A row across the whole table, above its headings, is what the table is called.
            blocks += [Block(kind=BlockKind.CAPTION, text=cell.text) for cell in _distinct(rows.pop(0))]
        header_rows = _guessed_header_rows(rows, width)
    headings = [_heading(rows[:header_rows], column) for column in range(width)]
    if header_rows == len(rows):
        headings, header_rows = [""] * width, 0
    below = rows[header_rows:]
    filled = {column for row in below for column, cell in enumerate(row) if cell and cell.text}
    if any(heading and column not in filled for column, heading in enumerate(headings)):
        # The heading of an empty column would stand nowhere.
        blocks.append(Block(kind=BlockKind.TABLE_ROW, text="; ".join(filter(None, dict.fromkeys(headings)))))
    previous: list[TableCell | None] = []
    for row in below:
        if row != previous:
            blocks += _row_blocks(row, headings, width, has_header=bool(header_rows))
        previous = row
    return blocks


def _row_blocks(
    row: list[TableCell | None], headings: list[str], width: int, *, has_header: bool
) -> Iterator[Block]:
    cells = _distinct(row)
    if width == 2 and not has_header and len(cells) == 2:
        label, value = cells[0].text.rstrip(" :："), cells[1].text
        joint = (
            ": " if label and value and len(label) <= _LABEL_CHARACTERS else "; " if label and value else ""
        )
        text = f"{label}{joint}{value}"
    elif len(cells) == 1 and _is_one_cell(row, width):
        text = cells[0].text
    else:
        parts = []
        for cell in cells:
            places = [index for index, each in enumerate(row) if each is cell]
            names = list(dict.fromkeys(headings[index] for index in places if headings[index]))
            if cell.text:
                parts.append(f"{', '.join(names)}: {cell.text}" if names else cell.text)
        text = "; ".join(parts)
    if text:
        yield Block(kind=BlockKind.TABLE_ROW, text=text)
    for cell in cells:
        yield from cell.inner_rows


def _heading(rows: Sequence[list[TableCell | None]], column: int) -> str:
    cells = _distinct(row[column] for row in rows if column < len(row))
    return " ".join(text for cell in cells if (text := cell.text.rstrip(" :：")))


def _guessed_header_rows(rows: list[list[TableCell | None]], width: int) -> int:
    """0, or the rows that look like headings in a table that does not tell."""
    if len(rows) < 2 or not _first_row_is_header(rows, width):
        return 0
    count = 1
    while (
        count < min(4, len(rows) - 1) and any(cell and cell in rows[count] for cell in rows[count - 1])
    ) or (count == 1 and len(rows) > 2 and _groups_columns(rows[0]) and not _has_figures(rows[1])):
        count += 1
    return count


def _first_row_is_header(rows: list[list[TableCell | None]], width: int) -> bool:
    first = _distinct(rows[0])
    texts = [cell.text for cell in first]
    if any(len(text) > _LABEL_CHARACTERS for text in texts) or sum(map(bool, texts)) < max(1, len(texts) - 1):
        return False
    if all(cell.is_bold for cell in first if cell.text) and not all(
        cell.is_bold for cell in _distinct(rows[1]) if cell.text
    ):
        return True
    if not texts[0] and len(rows[0]) == width:
        return True
    if any(_FIGURE.match(text) and (width == 2 or not _YEAR.fullmatch(text)) for text in texts[1:]):
        return False
    # Words over figures. Words over words may be a row like all others.
    for column in range(1, width):
        below = [cell.text for row in rows[1:] if column < len(row) and (cell := row[column]) and cell.text]
        figures = sum(bool(_FIGURE.match(text)) for text in below)
        if figures and figures * 2 > len(below):
            return len(first) > 1
    return False


def _only_arranges(rows: list[list[TableCell | None]], width: int) -> bool:
    if width <= 1:
        return True
    cells = _distinct(cell for row in rows for cell in row)
    if len(rows) == 1:
        return any(len(cell.text) > _LABEL_CHARACTERS or len(cell.blocks) > 1 for cell in cells)
    return any(len(cell.blocks) > 2 and len(cell.text) > _LAYOUT_CHARACTERS for cell in cells)


def _groups_columns(row: list[TableCell | None]) -> bool:
    return any(left is not None and left is right for left, right in pairwise(row))


def _has_figures(row: list[TableCell | None]) -> bool:
    return any(_FIGURE.match(cell.text) and not _YEAR.fullmatch(cell.text) for cell in _distinct(row))


def _is_one_cell(row: list[TableCell | None], width: int) -> bool:
    return len(row) == width and len(set(map(id, row))) == 1


def _distinct(cells: Iterator[TableCell | None] | Sequence[TableCell | None]) -> list[TableCell]:
    return list(dict.fromkeys(cell for cell in cells if cell is not None))
