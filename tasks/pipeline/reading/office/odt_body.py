"""The blocks of an OpenDocument text: paragraphs, lists, tables, frames and notes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from lxml import etree

from tasks.pipeline.reading.office.formulas import UnwritableFormula, mathml_formula
from tasks.pipeline.reading.office.inline import InlineText
from tasks.pipeline.reading.office.languages import language_of
from tasks.pipeline.reading.office.odt_styles import (
    DRAW,
    OFFICE,
    TABLE,
    TEXT,
    OdtStyle,
    OdtStyles,
    TextFormat,
)
from tasks.pipeline.reading.office.tables import MAX_COLUMNS, TableCell, TableGrid, table_blocks
from tasks.pipeline.reading.office.word_runs import LeftOut
from tasks.pipeline.reading.types import MAX_CHARACTERS, Block
from tasks.pipeline.types import BlockKind

MAX_DEPTH = 24
"""Of lists, sections, tables and frames in each other."""
_HEADING_CHARACTERS = 250
_MATH = "{http://www.w3.org/1998/Math/MathML}math"
_LINK = "{http://www.w3.org/1999/xlink}href"
_SVG = "{urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0}"

NOT_SHOWN = frozenset(
    (f"{OFFICE}annotation", f"{OFFICE}annotation-end", f"{OFFICE}forms", f"{OFFICE}event-listeners")
    + (f"{_SVG}desc", f"{_SVG}title", f"{DRAW}glue-point", f"{TABLE}shapes")
    + tuple(
        f"{TEXT}{name}"
        for name in (
            "tracked-changes", "change", "change-start", "change-end", "ruby-text", "number", "script",
            "hidden-text", "hidden-paragraph", "placeholder", "note-citation", "sequence-decls",
            "variable-decls", "user-field-decls", "dde-connection-decls", "bookmark",
            "bookmark-start", "bookmark-end",
        )
    )
)  # fmt: skip
_CONTENTS = frozenset(
    f"{TEXT}{name}"
    for name in ("table-of-content", "illustration-index", "table-index", "object-index", "user-index")
    + ("alphabetical-index",)
)
_WORD_ENDS = frozenset(f"{TEXT}{name}" for name in ("p", "h", "s", "tab", "line-break"))
_SOURCES = frozenset(f"{tag}-source" for tag in (*_CONTENTS, f"{TEXT}bibliography"))


@dataclass(frozen=True)
class Place:
    """What a block stands in."""

    depth: int = 0
    is_list: bool = False
    is_contents: bool = False
    is_coloured: bool = False
    """White text may stand on a colour that a table or frame has."""

    def inside(self, **changes: bool) -> Place:
        return replace(self, depth=self.depth + 1, **changes)


class OdtReader:
    """Reads the main text, and the notes after it."""

    def __init__(self, styles: OdtStyles, embedded: Callable[[str], etree._Element | None]) -> None:
        """`embedded` gives the content of an object inside the document by its reference."""
        self.left_out = LeftOut()
        self.title = ""
        self.hidden: list[str] = []
        self.languages: Counter[str] = Counter()
        self._styles, self._embedded = styles, embedded
        self._notes: list[etree._Element] = []
        self._drawings: list[etree._Element] = []
        self._is_bold = True
        self._characters = 0

    def blocks(self, container: Iterable[etree._Element], place: Place) -> Iterator[Block]:
        if place.depth > MAX_DEPTH:
            self.left_out.objects += 1
            return
        for child in container:
            tag = child.tag
            if self._characters > MAX_CHARACTERS or not isinstance(tag, str):
                continue
            if tag in (f"{TEXT}p", f"{TEXT}h"):
                yield from self._paragraph(child, place)
            elif tag == f"{TEXT}list":
                yield from self.blocks(child, place.inside(is_list=True))
            elif tag == f"{TEXT}section":
                if _is_hidden_section(child):
                    self._hide(child)
                else:
                    yield from self.blocks(child, place.inside())
            elif tag in _CONTENTS:
                yield from self.blocks(child, place.inside(is_contents=True))
            elif tag == f"{TABLE}table":
                yield from self._table(child, place)
            elif tag.startswith(DRAW):
                yield from self._drawing(child, place)
            elif tag not in NOT_SHOWN and tag not in _SOURCES:
                yield from self.blocks(child, place.inside())

    def note_blocks(self) -> Iterator[Block]:
        for note in self._notes:
            for block in self.blocks(note.iterchildren(f"{TEXT}note-body"), Place(depth=1)):
                is_row = block.kind in (BlockKind.TABLE_ROW, BlockKind.CODE)
                yield block if is_row else Block(kind=BlockKind.FOOTNOTE, text=block.text)

    # --- Paragraphs ---------------------------------------------------------------------------------------

    def _paragraph(self, element: etree._Element, place: Place) -> Iterator[Block]:
        style = self._styles.paragraph(element.get(f"{TEXT}style-name", ""))
        if any(_is_true(each, "is-hidden") for each in element.iter(f"{TEXT}hidden-paragraph")):
            self._hide(element)
            return
        shown = replace(style.format, is_shaded=style.format.is_shaded or place.is_coloured)
        text = InlineText()
        self._inline(element, shown, text)
        written = text.text()
        if written:
            self._is_bold = self._is_bold and (text.is_bold or style.is_column_heading)
            self._characters += len(written)
            if style.is_title and not self.title:
                self.title = written
            kind, level = _kind_of(element, style, place, written)
            yield Block(kind=kind, text=written, level=level)
        drawings, self._drawings = self._drawings, []
        for drawing in drawings:
            yield from self._drawing(drawing, place)

    def _inline(self, element: etree._Element, shown: TextFormat, text: InlineText) -> None:
        if shown.is_hidden or shown.is_struck or (shown.is_white and not shown.is_shaded):
            self._hide(element)
            if not (shown.is_hidden or shown.is_struck):
                self.left_out.white_words += sum(len(text.split()) for text in plain_paragraphs(element))
            return
        self._add(element.text, shown, text)
        for child in element:
            tag = child.tag
            if child.get(f"{TEXT}display") == "none":
                self._hide(child)
            elif tag == f"{TEXT}span":
                self._inline(child, self._styles.text(child.get(f"{TEXT}style-name", ""), shown), text)
            elif tag in (f"{TEXT}s", f"{TEXT}tab", f"{TEXT}line-break"):
                text.add(" ", shown.level, bold=shown.is_bold)
            elif tag == f"{TEXT}note":
                self._notes.append(child)
            elif tag == f"{DRAW}frame" and (formula := self._formula(child)) is not None:
                text.add(formula)
            elif tag.startswith(DRAW):
                self._drawings.append(child)
            elif tag not in NOT_SHOWN:
                self._inline(child, shown, text)
            self._add(child.tail, shown, text)

    def _add(self, value: str | None, shown: TextFormat, text: InlineText) -> None:
        if value:
            self.languages[language_of(value, shown)] += len(value)
            text.add(value, shown.level, bold=shown.is_bold)

    def _hide(self, element: etree._Element) -> None:
        self.hidden += plain_paragraphs(element)

    # --- Tables -------------------------------------------------------------------------------------------

    def _table(self, table: etree._Element, place: Place) -> Iterator[Block]:
        grid = TableGrid()
        reaching: dict[int, tuple[TableCell, int]] = {}
        for row, is_header in _rows(table, is_header=False):
            if row.get(f"{TABLE}visibility", "visible") != "visible":
                self._hide(row)
                continue
            grid.add_row(is_header=is_header)
            column = 0
            for element in row:
                if element.tag not in (f"{TABLE}table-cell", f"{TABLE}covered-table-cell"):
                    continue
                repeated = min(_number(element, f"{TABLE}number-columns-repeated"), MAX_COLUMNS - column)
                if element.tag == f"{TABLE}covered-table-cell":
                    column = _cover(grid, reaching, column, repeated)
                    continue
                span = min(_number(element, f"{TABLE}number-columns-spanned"), MAX_COLUMNS)
                rows = _number(element, f"{TABLE}number-rows-spanned")
                for _ in range(repeated):
                    cell = self._cell(element, place)
                    # Cells that are covered are written all the same, as empty ones; some programs do not.
                    following = element.getnext()
                    is_written = following is not None and following.tag == f"{TABLE}covered-table-cell"
                    taken = 1 if is_written else span
                    grid.place(cell, column=column, columns=taken)
                    for covered in range(span):
                        reaching[column + covered] = (cell, len(grid.rows) + rows - 1)
                    column += taken
        yield from table_blocks(grid)

    def _cell(self, element: etree._Element, place: Place) -> TableCell:
        outer, self._is_bold = self._is_bold, True
        inside = place.inside(is_coloured=True, is_list=False)
        cell = TableCell(list(self.blocks(element, inside)))
        cell.is_bold, self._is_bold = self._is_bold, outer
        return cell

    # --- Frames -------------------------------------------------------------------------------------------

    def _drawing(self, element: etree._Element, place: Place) -> Iterator[Block]:
        if element.tag != f"{DRAW}frame":
            yield from self.blocks(element, place.inside(is_coloured=True, is_list=False))
            return
        for child in element:
            # All that a frame holds are forms of one thing, the best of them first.
            if child.tag == f"{DRAW}image":
                self.left_out.pictures += 1
            elif child.tag in (f"{DRAW}object", f"{DRAW}object-ole"):
                yield from self._object(child)
            elif child.tag in (f"{DRAW}text-box", f"{TABLE}table"):
                content = child if child.tag == f"{DRAW}text-box" else [child]
                yield from self.blocks(content, place.inside(is_coloured=True, is_list=False))
            elif child.tag in (f"{DRAW}plugin", f"{DRAW}applet", f"{DRAW}floating-frame"):
                self.left_out.objects += 1
            else:
                continue
            return

    def _object(self, element: etree._Element) -> Iterator[Block]:
        root = self._content(element)
        table = None if root is None else root.find(f".//{TABLE}table")
        blocks = [] if table is None else list(self._table(table, Place(depth=1)))
        self.left_out.objects += not blocks
        yield from blocks

    def _formula(self, frame: etree._Element) -> str | None:
        """ "" for one that cannot be written, None when the frame has no formula."""
        element = frame.find(f"{DRAW}object")
        root = None if element is None else self._content(element)
        if root is None or (root.tag != _MATH and (root := root.find(f".//{_MATH}")) is None):
            return None
        try:
            return mathml_formula(root)
        except UnwritableFormula:
            self.left_out.formulas += 1
            return ""

    def _content(self, element: etree._Element) -> etree._Element | None:
        return element[0] if len(element) else self._embedded(element.get(_LINK, ""))


def plain_paragraphs(root: etree._Element) -> list[str]:
    """All text that is neither a comment nor deleted, whatever else its markup means."""
    texts, parts = list[str](), list[str]()
    waiting: list[etree._Element | str] = [root]
    while waiting:
        item = waiting.pop()
        if isinstance(item, str):
            parts.append(item)
            continue
        if item.tag in NOT_SHOWN or not isinstance(item.tag, str):
            continue
        if item.tag.startswith(TEXT) and item.tag in (
            f"{TEXT}p",
            f"{TEXT}h",
            f"{TEXT}s",
            f"{TEXT}tab",
            f"{TEXT}line-break",
        ):
            texts.append("".join(parts))
            parts = []
        for child in reversed(item):
            if child.tail and item.tag.startswith(TEXT):
                waiting.append(child.tail)
            waiting.append(child)
        if item.text and item.tag.startswith(TEXT):
            waiting.append(item.text)
    return [*texts, "".join(parts)]


def _kind_of(element: etree._Element, style: OdtStyle, place: Place, text: str) -> tuple[BlockKind, int]:
    kind, level = style.kind, style.level
    if place.is_contents:
        return BlockKind.CONTENTS, 0
    if element.tag == f"{TEXT}h":
        kind, level = BlockKind.HEADING, min(_number(element, f"{TEXT}outline-level"), 6)
    if kind == BlockKind.HEADING:
        return (kind, level) if len(text) <= _HEADING_CHARACTERS else (BlockKind.PARAGRAPH, 0)
    if kind == BlockKind.PARAGRAPH and place.is_list:
        return BlockKind.LIST_ITEM, 0
    return kind, 0


def _is_hidden_section(section: etree._Element) -> bool:
    return section.get(f"{TEXT}display") == "none" or _is_true(section, "is-hidden")


def _is_true(element: etree._Element, name: str) -> bool:
    return bool(element.get(f"{TEXT}{name}") == "true")


def _rows(table: etree._Element, *, is_header: bool) -> Iterator[tuple[etree._Element, bool]]:
    """A repeated row once: it says nothing more."""
    for child in table:
        if child.tag == f"{TABLE}table-row":
            yield child, is_header
        elif child.tag in (f"{TABLE}table-header-rows", f"{TABLE}table-rows", f"{TABLE}table-row-group"):
            yield from _rows(child, is_header=is_header or child.tag == f"{TABLE}table-header-rows")


def _cover(grid: TableGrid, reaching: dict[int, tuple[TableCell, int]], column: int, repeated: int) -> int:
    """Fill places that a cell on the left or above takes; the next free column."""
    for place in range(column, column + repeated):
        cell, last_row = reaching.get(place, (None, 0))
        grid.place(cell if last_row >= len(grid.rows) else None, column=place)
    return column + repeated


def _number(element: etree._Element, name: str) -> int:
    value = element.get(name, "1")
    return max(1, min(int(value), 10_000)) if value.isdecimal() and len(value) < 8 else 1
