"""The blocks of a Word document: paragraphs, tables, frames and notes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from lxml import etree

from tasks.pipeline.reading.office.graphics import CHART, DIAGRAM, chart_blocks, diagram_blocks
from tasks.pipeline.reading.office.inline import InlineText
from tasks.pipeline.reading.office.tables import TableCell, TableGrid, table_blocks
from tasks.pipeline.reading.office.word_runs import LeftOut, RunReader, chosen, is_placeholder
from tasks.pipeline.reading.office.word_styles import (
    OFF,
    VALUE,
    W,
    WordStyle,
    WordStyles,
    is_shaded,
    outline_level,
)
from tasks.pipeline.reading.types import MAX_CHARACTERS, Block
from tasks.pipeline.types import BlockKind

MAX_DEPTH = 12
"""Of tables and frames in each other."""
_HEADING_CHARACTERS = 250
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_ALTERNATIVES = "{http://schemas.openxmlformats.org/markup-compatibility/2006}AlternateContent"
_CONTENTS_GALLERIES = ("Table of Contents", "Table of Figures")
_IGNORED = frozenset(f"{W}{name}" for name in ("del", "moveFrom", "sectPr", "tcPr", "tblPr", "tblGrid"))


class BodyReader:
    """Reads the main text, and each note to which it refers."""

    def __init__(
        self,
        styles: WordStyles,
        related: Callable[[str], etree._Element | None],
        imported: Callable[[str], list[Block]],
        *,
        has_background: bool = False,
    ) -> None:
        """`related` gives the XML of a part, `imported` the text of a document inside, by a relation's id."""
        self.left_out = LeftOut()
        self.title = ""
        self.notes: dict[tuple[str, str], None] = {}
        self.runs = RunReader(
            styles, self.left_out, self._note, lambda drawing: self._drawings.append(drawing)
        )
        self._styles, self._related, self._imported = styles, related, imported
        self._has_background = has_background
        self._drawings: list[etree._Element] = []
        self._continued: InlineText | None = None
        self._is_bold = True
        self._characters = 0

    def blocks(
        self, container: Iterable[etree._Element], *, depth: int = 0, is_contents: bool = False
    ) -> Iterator[Block]:
        for child in container:
            if self._characters > MAX_CHARACTERS:
                return
            if child.tag == f"{W}p":
                yield from self._paragraph(child, depth, is_contents)
            elif child.tag == f"{W}tbl":
                yield from self._flushed()
                yield from self._table(child, depth)
            elif child.tag == f"{W}altChunk":
                yield from self._imported(child.get(f"{_RELATION}id", ""))
            elif child.tag == f"{W}sdt":
                if is_placeholder(child):
                    self.runs.hide(child)
                else:
                    gallery = child.find(f"{W}sdtPr/{W}docPartObj/{W}docPartGallery")
                    is_list = gallery is not None and gallery.get(VALUE) in _CONTENTS_GALLERIES
                    for content in child.findall(f"{W}sdtContent"):
                        yield from self.blocks(content, depth=depth, is_contents=is_contents or is_list)
            elif child.tag == _ALTERNATIVES:
                for each in chosen(child):
                    yield from self.blocks(each, depth=depth, is_contents=is_contents)
            elif child.tag not in _IGNORED:
                yield from self.blocks(child, depth=depth, is_contents=is_contents)
        yield from self._flushed()

    def note_blocks(self, notes: dict[str, etree._Element], kind: str) -> Iterator[Block]:
        """The notes of a kind in the order of their marks; those without a mark are separators."""
        for found, number in list(self.notes):
            if found == kind and number in notes:
                for block in self.blocks(notes[number], depth=1):
                    is_row = block.kind in (BlockKind.TABLE_ROW, BlockKind.CODE)
                    yield block if is_row else Block(kind=BlockKind.FOOTNOTE, text=block.text)

    def _note(self, kind: str, number: str) -> None:
        self.notes[kind, number] = None

    def _paragraph(self, paragraph: etree._Element, depth: int, is_contents: bool) -> Iterator[Block]:
        properties = paragraph.find(f"{W}pPr")
        style = self._style(properties, depth)
        text, self._continued = self._continued or InlineText(), None
        before = self.runs.contents_characters
        self.runs.add(paragraph, style, text)
        if _is_initial(properties) or _has_no_end(properties):
            if not _is_initial(properties):
                text.separate()
            self._continued = text
            return
        written = text.text()
        in_contents = self.runs.contents_characters - before > len(written) / 2
        yield from self._written(
            written, text, self._kind_of(style, properties, written, is_contents or in_contents)
        )
        drawings, self._drawings = self._drawings, []
        for drawing in drawings:
            yield from self._drawing(drawing, depth)

    def _written(self, written: str, text: InlineText, kind: tuple[BlockKind, int]) -> Iterator[Block]:
        if written:
            self._is_bold = self._is_bold and text.is_bold
            self._characters += len(written)
            yield Block(kind=kind[0], text=written, level=kind[1])

    def _flushed(self) -> Iterator[Block]:
        """What was to be continued by a paragraph that does not come."""
        if self._continued:
            text, self._continued = self._continued, None
            yield from self._written(text.text(), text, (BlockKind.PARAGRAPH, 0))

    def _style(self, properties: etree._Element | None, depth: int) -> WordStyle:
        if properties is None:
            style = self._styles.paragraph("")
        else:
            named = properties.find(f"{W}pStyle")
            style = self._styles.paragraph("" if named is None else named.get(VALUE, ""))
        # In tables and frames white text stands on a colour, which may come from a style of theirs.
        if depth or self._has_background or (properties is not None and is_shaded(properties)):
            return replace(style, format=replace(style.format, is_shaded=True))
        return style

    def _kind_of(
        self, style: WordStyle, properties: etree._Element | None, text: str, is_contents: bool
    ) -> tuple[BlockKind, int]:
        if is_contents:
            return BlockKind.CONTENTS, 0
        kind, level = style.kind, style.level
        if properties is not None:
            if direct := outline_level(properties):
                kind, level = BlockKind.HEADING, direct
            number = properties.find(f"{W}numPr/{W}numId")
            is_list = style.is_list if number is None else number.get(VALUE) != "0"
        else:
            is_list = style.is_list
        if style.is_title and not self.title:
            self.title = text
        if kind == BlockKind.HEADING:
            return (kind, level) if len(text) <= _HEADING_CHARACTERS else (BlockKind.PARAGRAPH, 0)
        return (BlockKind.LIST_ITEM if is_list and kind == BlockKind.PARAGRAPH else kind), 0

    # --- Tables -------------------------------------------------------------------------------------------

    def _table(self, table: etree._Element, depth: int) -> Iterator[Block]:
        if depth >= MAX_DEPTH:
            self.left_out.objects += 1
            return
        grid = TableGrid()
        for row in _inside(table, f"{W}tr"):
            properties = row.find(f"{W}trPr")
            if _has(properties, "del") or _has(properties, "hidden"):
                continue
            grid.add_row(is_header=_has(properties, "tblHeader"))
            self._row(row, grid, _number(properties, "gridBefore", 0), depth)
        if not grid.header_rows and grid.rows and self._shows_header(table):
            grid.header_rows = 1
        yield from table_blocks(grid)

    def _row(self, row: etree._Element, grid: TableGrid, column: int, depth: int) -> None:
        for element in _inside(row, f"{W}tc"):
            properties = element.find(f"{W}tcPr")
            if _has(properties, "cellDel"):
                continue
            span = max(1, _number(properties, "gridSpan", 1))
            cell: TableCell | None = None
            if _merge(properties, "vMerge") == "continue":
                cell = grid.above(column)
            elif _merge(properties, "hMerge") == "continue" and column:
                cell = grid.rows[-1][column - 1]
            if cell is None:
                outer, self._is_bold = self._is_bold, True
                cell = TableCell(list(self.blocks(element, depth=depth + 1)))
                cell.is_bold, self._is_bold = self._is_bold, outer
            column = grid.place(cell, columns=span, column=column) + span

    def _shows_header(self, table: etree._Element) -> bool:
        look = table.find(f"{W}tblPr/{W}tblLook")
        style = table.find(f"{W}tblPr/{W}tblStyle")
        if look is None or style is None:
            return False
        try:
            is_on = bool(int(look.get(VALUE, "0"), 16) & 0x20)
        except ValueError:
            is_on = False
        is_on = look.get(f"{W}firstRow") not in (None, *OFF) or (is_on and look.get(f"{W}firstRow") is None)
        return is_on and self._styles.has_header_format(style.get(VALUE, ""))

    # --- Frames and graphics ------------------------------------------------------------------------------

    def _drawing(self, drawing: etree._Element, depth: int) -> Iterator[Block]:
        if depth >= MAX_DEPTH or any(
            each.get("hidden") in ("1", "true") for each in drawing.iterfind(".//{*}docPr")
        ):
            return
        for child in drawing:
            name = child.tag.rpartition("}")[2]
            if name == "txbxContent":
                yield from self.blocks(child, depth=depth + 1)
            elif child.tag == _ALTERNATIVES:
                for each in chosen(child):
                    yield from self._drawing(each, depth)
            elif child.tag in (f"{CHART}chart", f"{DIAGRAM}relIds"):
                yield from self._graphic(child)
            elif name in ("pic", "imagedata"):
                self.left_out.pictures += 1
            elif name == "OLEObject":
                is_formula = child.get("ProgID", "").startswith("Equation")
                self.left_out.formulas += is_formula
                self.left_out.objects += not is_formula
            elif name == "textpath" and child.get("string", "").strip():
                yield Block(kind=BlockKind.PARAGRAPH, text=child.get("string", ""))
            elif "visibility:hidden" not in child.get("style", "").replace(" ", ""):
                yield from self._drawing(child, depth)

    def _graphic(self, element: etree._Element) -> Iterator[Block]:
        is_chart = element.tag == f"{CHART}chart"
        root = self._related(element.get(f"{_RELATION}{'id' if is_chart else 'dm'}", ""))
        blocks = [] if root is None else chart_blocks(root) if is_chart else diagram_blocks(root)
        self.left_out.objects += not blocks
        yield from blocks


def _is_initial(properties: etree._Element | None) -> bool:
    """Whether it is the large first letter of the next paragraph."""
    frame = None if properties is None else properties.find(f"{W}framePr")
    return frame is not None and frame.get(f"{W}dropCap") in ("drop", "margin")


def _has_no_end(properties: etree._Element | None) -> bool:
    """Whether the end of the paragraph was deleted or moved, so that the next one goes on in it."""
    mark = None if properties is None else properties.find(f"{W}rPr")
    return mark is not None and any(mark.find(f"{W}{name}") is not None for name in ("del", "moveFrom"))


def _inside(element: etree._Element, tag: str) -> Iterator[etree._Element]:
    """Rows of a table, or cells of a row, also where controls and revisions wrap them."""
    for child in element:
        if child.tag == tag:
            yield child
        elif child.tag not in (f"{W}tbl", f"{W}tr", f"{W}tc", *_IGNORED):
            yield from _inside(child, tag)


def _has(properties: etree._Element | None, name: str) -> bool:
    found = None if properties is None else properties.find(f"{W}{name}")
    return found is not None and found.get(VALUE) not in OFF


def _number(properties: etree._Element | None, name: str, default: int) -> int:
    found = None if properties is None else properties.find(f"{W}{name}")
    value = "" if found is None else found.get(VALUE, "")
    return min(int(value), 1000) if value.isdecimal() and len(value) < 6 else default


def _merge(properties: etree._Element | None, name: str) -> str:
    found = None if properties is None else properties.find(f"{W}{name}")
    return "" if found is None else str(found.get(VALUE, "continue"))
