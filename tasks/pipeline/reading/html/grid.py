"""The rows and columns of a table, with cells that span several of them in each of their places."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from tasks.pipeline.reading.html.inline import joined
from tasks.pipeline.reading.html.tree import Element, classes_of, style_of

MAX_COLUMNS = 200
MAX_SPANNED_CELLS = 50_000

_ROLES = {
    "row": "tr",
    "cell": "td",
    "gridcell": "td",
    "columnheader": "th",
    "rowheader": "th",
    "rowgroup": "tbody",
}


@dataclass
class Cell:
    element: Element
    text: str
    is_header: bool
    is_of_row: bool = False
    """A heading of its row by `scope`, whatever stands in the column."""
    is_bold: bool = False
    columns: int = 1


@dataclass
class Row:
    cells: list[Cell | None] = field(default_factory=list)
    """One for each column; a cell that spans several is repeated."""
    is_in_head: bool = False

    def distinct(self) -> list[tuple[int, Cell]]:
        """Each cell with text once, with the first column that it stands in."""
        found, last = [], None
        for column, cell in enumerate(self.cells):
            if cell is not None and cell is not last and cell.text:
                found.append((column, cell))
            last = cell
        return found


def table_tag(element: Element) -> str:
    """The tag, or what a role stands for: "table", "tr", "td" and so on."""
    role = element.get("role")
    if role in ("table", "grid", "treegrid") and element.tag != "table":
        return "table"
    return _ROLES.get(role or "", str(element.tag))


def grid_of(table: Element, text_of: Callable[[Element], str]) -> list[Row]:
    """The rows with each cell in its columns, also where it spans rows."""
    rows: list[Row] = []
    below: dict[int, tuple[Cell, int]] = {}
    budget = MAX_SPANNED_CELLS
    for element in table_rows(table):
        row = Row(is_in_head=_is_in_head(element))
        column = 0
        spanning, below = below, {}
        for cell_element in row_cells(element):
            column = _spanned(row, spanning, below, column)
            cell = _cell(cell_element, text_of)
            columns, height = _span(cell_element, "colspan"), _span(cell_element, "rowspan")
            columns = min(columns, MAX_COLUMNS - column, max(1, budget))
            cell.columns = columns
            for _ in range(columns):
                row.cells.append(cell)
                if height > 1:
                    below[column] = (cell, height - 1)
                column += 1
            budget -= columns
            if column >= MAX_COLUMNS:
                break
        _spanned(row, spanning, below, column, to_the_end=True)
        rows.append(row)
    return rows


def _spanned(
    row: Row, spanning: dict[int, tuple[Cell, int]], below: dict[int, tuple[Cell, int]], column: int,
    to_the_end: bool = False,
) -> int:  # fmt: skip
    """Fill in cells of rows above that reach down to this one; the next free column."""
    while column in spanning or (to_the_end and any(other > column for other in spanning)):
        reached = spanning.pop(column, None)
        row.cells.append(reached[0] if reached else None)
        if reached and reached[1] > 1:
            below[column] = (reached[0], reached[1] - 1)
        column += 1
    return column


def _cell(element: Element, text_of: Callable[[Element], str]) -> Cell:
    text = joined(element.text or "") if not len(element) else text_of(element)
    if not len(element) and not element.keys():
        return Cell(element, text, element.tag == "th")
    scope = (element.get("scope") or "").lower()
    children = [child for child in element if isinstance(child.tag, str)]
    is_bold = (
        len(children) == 1
        and not (element.text or "").strip()
        and not (children[0].tail or "").strip()
        and (
            children[0].tag in ("b", "strong")
            or (children[0].tag in ("p", "font", "span") and _is_bold(children[0]))
        )
    ) or "font-weight:bold" in style_of(element)
    return Cell(element, text, table_tag(element) == "th", scope in ("row", "rowgroup"), is_bold)


def _is_bold(element: Element) -> bool:
    children = [child for child in element if isinstance(child.tag, str)]
    return len(children) == 1 and children[0].tag in ("b", "strong") and not (element.text or "").strip()


def _span(element: Element, name: str) -> int:
    if not element.keys():
        return 1
    try:
        value = int(element.get(name) or element.get(f"aria-{name}") or "1")
    except ValueError:
        return 1
    if name == "rowspan" and value == 0:
        return 60_000  # To the last row, by the standard.
    return min(max(value, 1), 1_000 if name == "colspan" else 60_000)


def table_rows(table: Element) -> Iterator[Element]:
    """The rows of a table in the order in which they are shown: its head first, its foot last."""
    groups: dict[str, list[Element]] = {"thead": [], "tbody": [], "tfoot": []}
    for child in table:
        tag = table_tag(child) if isinstance(child.tag, str) else ""
        if tag == "tr":
            groups["tbody"].append(child)
        elif tag in ("thead", "tbody", "tfoot"):
            groups[tag].extend(row for row in child if isinstance(row.tag, str) and table_tag(row) == "tr")
    yield from (*groups["thead"], *groups["tbody"], *groups["tfoot"])


def row_cells(row: Element) -> Iterator[Element]:
    for cell in row:
        is_cell = isinstance(cell.tag, str) and table_tag(cell) in ("td", "th")
        if is_cell and not (cell.get("class") and _names_place_in_sheet(cell)):
            yield cell


def _names_place_in_sheet(cell: Element) -> bool:
    """The letter of a column or the number of a row in a spreadsheet that was published as a page."""
    names = ("row-header", "row-headers-background", "column-headers-background")
    return any(name in names for name in classes_of(cell))


def _is_in_head(row: Element) -> bool:
    parent = row.getparent()
    return parent is not None and parent.tag == "thead"
