"""The text of one slide: titles, bullets, tables and graphics, in the order in which they are read aloud."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from lxml import etree

from tasks.pipeline.reading.office.formulas import MATH, UnwritableFormula, office_formula
from tasks.pipeline.reading.office.graphics import CHART, DIAGRAM, DRAWING, chart_blocks, diagram_blocks
from tasks.pipeline.reading.office.inline import InlineText
from tasks.pipeline.reading.office.tables import MAX_COLUMNS, TableCell, TableGrid, table_blocks
from tasks.pipeline.reading.office.word_runs import LeftOut, chosen
from tasks.pipeline.reading.types import Block
from tasks.pipeline.types import BlockKind

P = "{http://schemas.openxmlformats.org/presentationml/2006/main}"
RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_ALTERNATIVES = "{http://schemas.openxmlformats.org/markup-compatibility/2006}AlternateContent"
_FURNITURE = frozenset(("sldNum", "dt", "ftr", "hdr"))
"""Placeholders for the number of the slide, the date, footer and header."""
_TITLES = frozenset(("title", "ctrTitle"))
_BULLETED = frozenset(("body", "obj", "", "tbl", "chart", "dgm"))
_MAX_DEPTH = 12
_HEADING_CHARACTERS = 250


@dataclass(frozen=True)
class SlideSize:
    width: int = 0
    height: int = 0


@dataclass(frozen=True)
class ShapeText:
    """What the paragraphs of a shape are, where they do not say it themselves."""

    kind: BlockKind = BlockKind.PARAGRAPH
    level: int = 0
    has_bullets: bool = False


class SlideReader:
    def __init__(self, left_out: LeftOut, size: SlideSize) -> None:
        self.left_out = left_out
        self.languages: Counter[str] = Counter()
        self.hidden: list[str] = []
        self._size = size
        self._related: Callable[[str], etree._Element | None] = lambda relation: None
        self._is_bold = True

    def blocks(
        self, slide: etree._Element, related: Callable[[str], etree._Element | None], *, is_first: bool
    ) -> list[Block]:
        """`related` gives the XML of another part by a relation's id. The title comes first."""
        self._related = related
        titles, others = list[Block](), list[Block]()
        for tree in slide.iterfind(f"{P}cSld/{P}spTree"):
            for shape in tree:
                is_title = _placeholder(shape) in _TITLES
                (titles if is_title else others).extend(self._shape(shape, 0, is_first=is_first))
        return titles + others

    def _shape(self, shape: etree._Element, depth: int, *, is_first: bool = False) -> Iterator[Block]:
        name = shape.tag.rpartition("}")[2]
        if name == "AlternateContent":
            for each in chosen(shape):
                for inner in each:
                    yield from self._shape(inner, depth, is_first=is_first)
        elif depth > _MAX_DEPTH or name not in ("sp", "grpSp", "graphicFrame", "pic", "contentPart", "cxnSp"):
            return
        elif _is_invisible(shape) or _placeholder(shape) in _FURNITURE or self._is_off_slide(shape, depth):
            self._hide(shape)
        elif name == "grpSp":
            for inner in shape:
                yield from self._shape(inner, depth + 1)
        elif name == "graphicFrame":
            yield from self._frame(shape)
        elif name in ("pic", "contentPart"):
            self.left_out.pictures += 1
        else:
            for body in shape.iterfind(f"{P}txBody"):
                yield from self._paragraphs(body, _text_of_placeholder(shape, is_first=is_first))

    def _is_off_slide(self, shape: etree._Element, depth: int) -> bool:
        """Whether it lies next to the slide, where no audience sees it. Groups have measures of their own."""
        place = shape.find(f"{P}spPr/{DRAWING}xfrm")
        place = shape.find(f"{P}xfrm") if place is None else place
        if place is None or depth or not self._size.width:
            return False
        offset, extent = place.find(f"{DRAWING}off"), place.find(f"{DRAWING}ext")
        if offset is None or extent is None:
            return False
        left, top = _length(offset, "x"), _length(offset, "y")
        right, bottom = left + _length(extent, "cx"), top + _length(extent, "cy")
        return right < 0 or bottom < 0 or left > self._size.width or top > self._size.height

    def _hide(self, shape: etree._Element) -> None:
        self.hidden += [each.text or "" for each in shape.iter(f"{DRAWING}t")]

    # --- Text ---------------------------------------------------------------------------------------------

    def _paragraphs(self, body: etree._Element, shape: ShapeText) -> Iterator[Block]:
        if shape.kind == BlockKind.HEADING:
            # A title's lines are one title.
            text = InlineText()
            for paragraph in body.iterfind(f"{DRAWING}p"):
                text.add(" ")
                self._runs(paragraph, text)
            yield from self._block(text, shape, None)
            return
        for paragraph in body.iterfind(f"{DRAWING}p"):
            text = InlineText()
            self._runs(paragraph, text)
            yield from self._block(text, shape, paragraph.find(f"{DRAWING}pPr"))

    def _block(
        self, text: InlineText, shape: ShapeText, properties: etree._Element | None
    ) -> Iterator[Block]:
        written = text.text()
        if not written:
            return
        self._is_bold = self._is_bold and text.is_bold
        if shape.kind == BlockKind.HEADING and len(written) > _HEADING_CHARACTERS:
            shape = ShapeText()
        kind = shape.kind
        if kind == BlockKind.PARAGRAPH and _has_bullet(properties, default=shape.has_bullets):
            kind = BlockKind.LIST_ITEM
        yield Block(kind=kind, text=written, level=shape.level if kind == BlockKind.HEADING else 0)

    def _runs(self, paragraph: etree._Element, text: InlineText) -> None:
        for run in paragraph:
            name = run.tag.rpartition("}")[2]
            if name == "br":
                text.add(" ")
            elif name == "AlternateContent":
                for each in chosen(run):
                    self._runs(each, text)
            elif name == "m" or run.tag in (f"{MATH}oMath", f"{MATH}oMathPara"):
                try:
                    text.add(office_formula(run))
                except UnwritableFormula:
                    self.left_out.formulas += 1
            elif name == "r" or (name == "fld" and not _is_furniture_field(run)):
                self._run(run, text)

    def _run(self, run: etree._Element, text: InlineText) -> None:
        value = (run.findtext(f"{DRAWING}t") or "").replace("\v", " ")
        properties = run.find(f"{DRAWING}rPr")
        if properties is None:
            text.add(value)
            return
        if properties.get("strike", "noStrike") != "noStrike":
            self.hidden.append(value)
            return
        if any(character.isalpha() for character in value):
            self.languages[properties.get("lang", "")] += len(value)
        baseline = properties.get("baseline", "0").rstrip("%")
        level = 0 if baseline.strip("0.") in ("", "-") else -1 if baseline.startswith("-") else 1
        text.add(value, level, bold=properties.get("b") in ("1", "true"))

    # --- Tables and graphics ------------------------------------------------------------------------------

    def _frame(self, frame: etree._Element) -> Iterator[Block]:
        for data in frame.iterfind(f"{DRAWING}graphic/{DRAWING}graphicData"):
            for content in data:
                if content.tag == f"{DRAWING}tbl":
                    yield from self._table(content)
                elif content.tag in (f"{CHART}chart", f"{DIAGRAM}relIds"):
                    is_chart = content.tag == f"{CHART}chart"
                    root = self._related(content.get(f"{RELATION}{'id' if is_chart else 'dm'}", ""))
                    found = [] if root is None else chart_blocks(root) if is_chart else diagram_blocks(root)
                    self.left_out.objects += not found
                    yield from found
                else:
                    self.left_out.objects += 1

    def _table(self, table: etree._Element) -> Iterator[Block]:
        properties = table.find(f"{DRAWING}tblPr")
        has_header = properties is not None and properties.get("firstRow") in ("1", "true")
        grid = TableGrid()
        for row in table.iterfind(f"{DRAWING}tr"):
            grid.add_row(is_header=has_header and not grid.rows)
            for element in row.iterfind(f"{DRAWING}tc"):
                column = len(grid.rows[-1])
                cell: TableCell | None = None
                if element.get("vMerge") in ("1", "true"):
                    cell = grid.above(column)
                elif element.get("hMerge") in ("1", "true") and column:
                    cell = grid.rows[-1][column - 1]
                if cell is None:
                    self._is_bold = True
                    bodies = element.iterfind(f"{DRAWING}txBody")
                    cell = TableCell(
                        [block for body in bodies for block in self._paragraphs(body, ShapeText())]
                    )
                    cell.is_bold = self._is_bold
                grid.place(cell, column=column, columns=_unwritten_columns(element))
        yield from table_blocks(grid)


def plain_paragraphs(slide: etree._Element) -> list[str]:
    """All text of a slide, whatever its markup means."""
    fallback = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
    return [
        "".join(
            " " if each.tag == f"{DRAWING}br" else each.text or ""
            for each in paragraph.iter(f"{DRAWING}t", f"{DRAWING}br")
        )
        for paragraph in slide.iter(f"{DRAWING}p")
        if not any(above.tag == fallback for above in paragraph.iterancestors())
    ]


def _placeholder(shape: etree._Element) -> str | None:
    """The kind of placeholder that a shape fills, "" for content of any kind, None for none."""
    found = shape.find(f"./*/{P}nvPr/{P}ph")
    return None if found is None else str(found.get("type", ""))


def _text_of_placeholder(shape: etree._Element, *, is_first: bool) -> ShapeText:
    kind = _placeholder(shape)
    if kind in _TITLES:
        return ShapeText(BlockKind.HEADING, 1 if is_first else 2)
    return ShapeText(has_bullets=kind in _BULLETED)


def _is_invisible(shape: etree._Element) -> bool:
    properties = shape.find(f"./*/{P}cNvPr")
    return properties is not None and properties.get("hidden") in ("1", "true")


def _unwritten_columns(cell: etree._Element) -> int:
    """How many columns a cell takes, but 1 where those that it covers are written too."""
    following = cell.getnext()
    is_written = following is not None and following.get("hMerge") in ("1", "true")
    return 1 if is_written else max(1, min(_length(cell, "gridSpan"), MAX_COLUMNS))


def _has_bullet(properties: etree._Element | None, *, default: bool) -> bool:
    for child in () if properties is None else properties:
        name = child.tag.rpartition("}")[2]
        if name in ("buChar", "buAutoNum", "buBlip"):
            return True
        if name == "buNone":
            return False
    return default


def _is_furniture_field(field: etree._Element) -> bool:
    return str(field.get("type", "")).startswith(("slidenum", "datetime"))


def _length(element: etree._Element, name: str) -> int:
    try:
        return int(element.get(name, "0"))
    except ValueError:
        return 0
