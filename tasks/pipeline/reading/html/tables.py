"""Tables of data, row by row: each cell with the heading of its column.

A table may also be mere layout: columns of a page, or a frame around it. What it holds is then read like the
rest.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import islice

from tasks.pipeline.reading.html.grid import Cell, Row, grid_of, row_cells, table_rows
from tasks.pipeline.reading.html.tree import Element, classes_of

LONG_CELL_WORDS = 70
MOST_ROWS_OF_LAYOUT = 300
"""What a table is shows in its first rows."""

_STRUCTURE = frozenset(
    ("h1", "h2", "h3", "h4", "form", "article", "main", "section", "blockquote", "pre", "nav", "hr")
)
_HAS_DIGIT = re.compile(r"\d")
_YEAR = re.compile(r"^\D{0,3}(1[5-9]|20)\d\d\D{0,3}\d{0,4}$")
_MOSTLY_FIGURES = re.compile(r"^[\W_]*[\d٠-٩०-९][\d\W_]*[^\W\d_]{0,5}[\W_]*$")


def nesting_tables(page: Element) -> frozenset[Element]:
    """Every table that has another inside: all of them are layout."""
    outer = set()
    for table in page.iter("table"):
        parent = table.getparent()
        while parent is not None:
            if parent.tag == "table":
                outer.add(parent)
                break
            parent = parent.getparent()
    return frozenset(outer)


def is_layout(table: Element) -> bool:
    """Whether a table without others inside arranges parts of a page."""
    if table.get("role") in ("presentation", "none"):
        return True
    has_headers = next(table.iter("th"), None) is not None or table.get("role") in (
        "table",
        "grid",
        "treegrid",
    )
    cells = rows = widest = structured = longest = 0
    for row in islice(table_rows(table), MOST_ROWS_OF_LAYOUT):
        in_row = 0
        for cell in row_cells(row):
            in_row += 1
            words, is_structured = _size(cell)
            longest = max(longest, words)
            structured += is_structured
        rows += bool(in_row)
        cells += in_row
        widest = max(widest, in_row)
    if has_headers and widest > 1:
        return longest > 400 or structured > rows
    if widest <= 1:
        return not (has_headers and rows > 1)
    if rows == 1 and not _is_label_and_figure(table):
        return True
    return structured > 0 or longest > LONG_CELL_WORDS


def rows_of(table: Element, text_of: Callable[[Element], str]) -> Iterator[str]:
    """Each row of a data table as `Port: Bergen; Ships: 412`."""
    rows = grid_of(table, text_of)
    width = max((len(row.cells) for row in rows), default=0)
    headings, start = list[str](), _header_rows(rows, width)
    group = waiting = ""  # The last heading of rows, and whether no row has named it yet.
    if start:
        headings = _headings(rows[:start], width)
    for number, row in enumerate(rows):
        cells = row.distinct()
        if number < start and len(cells) == 1 and start > 1 and cells[0][1].columns >= width > 1:
            yield cells[0][1].text
        if number < start or not cells:
            continue
        if number and _is_header_row(row) and len(cells) > 1:
            is_second = number > start and _is_header_row(rows[number - 1])
            headings = _headings([rows[number - 1], row] if is_second else [row], width)
            continue
        if len(cells) == 1 and width > 1 and _spans_all(row, cells[0][1], width):
            cell = cells[0][1]
            if (cell.is_header or cell.is_bold) and (number or start):
                if waiting:
                    yield waiting
                group = waiting = cell.text
            else:
                yield cell.text
            continue
        waiting = ""
        yield _shown_row(row, cells, headings, group)
    if waiting:
        yield waiting


def _shown_row(row: Row, cells: list[tuple[int, Cell]], headings: list[str], group: str) -> str:
    if headings:
        parts = [group] if group else []
        for column, cell in cells:
            names = dict.fromkeys(
                heading for heading in headings[column : column + _extent(row, column)] if heading
            )
            parts.append(_labelled(", ".join(names), cell.text))
        return "; ".join(parts)
    label, *others = [cell for _, cell in cells]
    if not others:
        return label.text
    is_label = label.is_header or (len(others) == 1 and not _MOSTLY_FIGURES.match(label.text))
    start = f"{group} {label.text}" if group else label.text
    rest = "; ".join(cell.text for cell in others)
    return _labelled(start, rest) if is_label else f"{start}; {rest}"


def _labelled(label: str, text: str) -> str:
    label = label.rstrip(" :：")
    if not label or label == text or text.startswith((f"{label}:", f"{label} :")):
        return text  # Pages repeat the heading in each cell for narrow screens.
    return f"{label} {text}" if label.endswith(("?", "!", "？")) else f"{label}: {text}"


def _extent(row: Row, column: int) -> int:
    """How many columns the cell at `column` spans."""
    end = column
    while end < len(row.cells) and row.cells[end] is row.cells[column]:
        end += 1
    return end - column


def _spans_all(row: Row, cell: Cell, width: int) -> bool:
    others = [each for each in row.cells if each is not cell]
    return cell.columns >= width or (cell.is_header and not any(each and each.text for each in others))


def _header_rows(rows: list[Row], width: int) -> int:
    """How many rows at the top hold headings of columns; a title across the whole table is none of them."""
    in_head = 0
    while in_head < len(rows) and (rows[in_head].is_in_head or _is_header_row(rows[in_head])):
        if in_head >= 5 or (in_head and not rows[in_head].is_in_head and len(rows[in_head].distinct()) == 1):
            break
        in_head += 1
    if in_head and in_head == len(rows) and not rows[-1].is_in_head:
        in_head = 1 if len(rows) > 1 else 0
    if in_head and all(len(row.distinct()) <= 1 for row in rows[:in_head]) and width > 1:
        return 0
    return in_head or int(_looks_like_headings(rows, width))


def _is_header_row(row: Row) -> bool:
    cells = [cell for _, cell in row.distinct()]
    if not cells or any(cell.is_of_row for cell in cells[1:]):
        return False
    # The corner above the headings of the rows is often a plain cell.
    return all(cell.is_header for cell in cells) and (len(cells) > 1 or cells[0].columns > 1)


def _looks_like_headings(rows: list[Row], width: int) -> bool:
    """Whether the first row of a table without header cells names its columns."""
    if len(rows) < 2 or width < 2 or any(cell.is_header for row in rows for _, cell in row.distinct()):
        return False
    first = [cell for _, cell in rows[0].distinct()]
    if len(first) < max(2, width - 1) or any(len(cell.text) > 60 for cell in first):
        return False
    below = [[cell for _, cell in row.distinct()] for row in rows[1:]]
    if all(cell.is_bold for cell in first):
        return not all(cell.is_bold for row in below for cell in row)
    if any(_HAS_DIGIT.search(cell.text) and not _YEAR.match(cell.text) for cell in first):
        return False
    if all(_YEAR.match(cell.text) for cell in first[-(width - 1) :]):
        labels = [row.cells[0] for row in rows[1:] if row.cells]
        is_labelled = all(label and label.text and not _MOSTLY_FIGURES.match(label.text) for label in labels)
        corner = rows[0].cells[0]
        return is_labelled and corner is not None and not _YEAR.match(corner.text)
    if all(_MOSTLY_FIGURES.match(cell.text) for row in below for cell in row) and all(below):
        return True
    # Words above, figures below in some column.
    for column in range(1, width):
        head = rows[0].cells[column] if column < len(rows[0].cells) else None
        values = [row.cells[column] for row in rows[1:] if column < len(row.cells)]
        figures = sum(1 for cell in values if cell is not None and _MOSTLY_FIGURES.match(cell.text))
        is_named = (
            head is not None
            and head.text
            and (not _MOSTLY_FIGURES.match(head.text) or bool(_YEAR.match(head.text)))
        )
        if is_named and values and figures * 2 > len(values) and (width > 2 or len(rows) > 2):
            return True
    return False


def _headings(rows: list[Row], width: int) -> list[str]:
    """Of each column, from the top down: a heading above several columns stands before theirs."""
    headings = []
    for column in range(width):
        names: dict[str, None] = {}
        for row in rows:
            cell = row.cells[column] if column < len(row.cells) else None
            is_title = cell is not None and len(rows) > 1 and cell.columns >= width > 1
            if cell is not None and cell.text and not is_title:
                names[cell.text] = None
        headings.append(" ".join(names))
    return headings


def _size(cell: Element) -> tuple[int, bool]:
    """Its words, and whether it has parts of a page inside: headings, or several paragraphs."""
    words, paragraphs, is_structured = len((cell.text or "").split()), 0, False
    for element in cell.iterdescendants():
        words += len((element.tail or "").split())
        if isinstance(element.tag, str):
            words += len((element.text or "").split())
            paragraphs += element.tag == "p"
            is_structured = is_structured or element.tag in _STRUCTURE
    return words, is_structured or (paragraphs > 1 and words > 25)


def _is_label_and_figure(table: Element) -> bool:
    texts = [
        " ".join("".join(cell.itertext()).split()) for row in table_rows(table) for cell in row_cells(row)
    ]
    short = [text for text in texts if text and len(text) <= 60]
    return (
        len(short) == len(texts) and len(short) > 1 and any(_MOSTLY_FIGURES.match(text) for text in short[1:])
    )


def is_line_numbers(cell: Element) -> bool:
    """The column of line numbers next to a listing."""
    return any(
        name in ("linenos", "gutter", "line-numbers", "lineno", "blob-num") for name in classes_of(cell)
    )
