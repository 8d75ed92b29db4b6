"""Walks a page and gives its blocks in order: one block element is one block, however it was wrapped."""

from __future__ import annotations

from dataclasses import dataclass, field

from lxml import etree

from tasks.pipeline.reading.html import inline
from tasks.pipeline.reading.html.formulas import formula
from tasks.pipeline.reading.html.grid import table_tag
from tasks.pipeline.reading.html.kinds import heading_level, is_block, kind_of
from tasks.pipeline.reading.html.notes import (
    FootnoteMarks,
    is_notes_heading,
    is_numbered_note,
    only_links_into_the_page,
)
from tasks.pipeline.reading.html.placed import Container, PlacedBlock
from tasks.pipeline.reading.html.superscripts import fraction_of_parts, is_fraction, read_script
from tasks.pipeline.reading.html.tables import is_layout, is_line_numbers, nesting_tables, rows_of
from tasks.pipeline.reading.html.tree import BLOCK_TAGS, EMPTIED, Element, classes_of, text_within
from tasks.pipeline.reading.raised import JOIN
from tasks.pipeline.reading.types import Block
from tasks.pipeline.types import BlockKind

MAX_NESTED_CELLS = 8
MAX_TERM = 100
"""A longer term of a definition list stands by itself."""

_LASTING = frozenset(
    (BlockKind.CODE, BlockKind.CONTENTS, BlockKind.FOOTNOTE, BlockKind.CAPTION, BlockKind.QUOTATION)
)
"""Kinds that hold for paragraphs and list items inside."""
_LISTS = frozenset(("ul", "ol", "dl"))
_SILENT = frozenset(("rt", "rp", "rtc", "img", "area", "map", "head", "title", EMPTIED))


@dataclass
class _Context:
    element: Element
    kind: BlockKind
    level: int = 0
    index: int = 0


@dataclass
class _Definitions:
    """The terms of a definition list that wait for their definition."""

    waiting: list[str] = field(default_factory=list)
    last: list[str] = field(default_factory=list)


class PageWalker:
    """Reads any part of one page."""

    def __init__(self, page: Element, *, language: str = "") -> None:
        self.language = language
        self.marks = FootnoteMarks(page)
        self.outer_tables = nesting_tables(page)
        self._depth = 0

    def walk(self, root: Element) -> tuple[list[PlacedBlock], list[Container]]:
        """The blocks of a part of the page, and the block elements they stand in, parents first."""
        walk = _Walk(self, root)
        walk.run()
        return walk.found, walk.containers

    def cell_text(self, cell: Element) -> str:
        """A cell on one line; items of a list are separated by commas."""
        if self._depth >= MAX_NESTED_CELLS:
            return inline.joined(text_within(cell, 5_000))
        self._depth += 1
        blocks = [placed.block for placed in self.walk(cell)[0]]
        self._depth -= 1
        text = blocks[0].text if blocks else ""
        for block in blocks[1:]:
            is_item = block.kind == BlockKind.LIST_ITEM or not text.endswith(
                (".", "!", "?", ":", ",", ";", "。")
            )
            text += f"{', ' if is_item and not text.endswith((':', ',', ';')) else ' '}{block.text}"
        return text


class _Walk:
    def __init__(self, page: PageWalker, root: Element) -> None:
        self.page = page
        self.root = root
        self.found: list[PlacedBlock] = []
        self.containers = [Container(root, -1)]
        self.pieces: list[str] = []
        self.links: list[Element] = []
        self.linked = 0
        self.contexts = [_Context(root, kind_of(root) or BlockKind.PARAGRAPH)]
        self.definitions = _Definitions()
        self.outer_definitions: list[_Definitions] = []
        self.quotations: list[tuple[Element, str]] = []
        self.marks_here = 0
        self.starts_with_mark = False
        self.notes_level = 0
        self.done: set[Element] = set()
        """Elements whose text was taken together with one before them."""

    def run(self) -> None:
        walk = etree.iterwalk(self.root, events=("start", "end", "comment", "pi"))
        for event, element in walk:
            if event == "start":
                if element is self.root or self._enter(element):
                    self._add(element.text)
                else:
                    walk.skip_subtree()
                continue
            if event == "end":
                if element is self.root:
                    break
                self._leave(element)
            if element is not self.root and element not in self.done:
                self._add(element.tail)
        self._flush()
        self._emit_terms()

    def _add(self, text: str | None) -> None:
        if text:
            self.pieces.append(text)
            if self.links:
                self.linked += len(text.strip())

    # --- Elements -----------------------------------------------------------------------------------------

    def _enter(self, element: Element) -> bool:
        """Whether what is inside is to be read as well."""
        tag = element.tag
        if tag in _SILENT or element in self.done:
            return False
        if (tag in BLOCK_TAGS or element.keys()) and is_block(element):
            return self._enter_block(element)
        return self._enter_inline(element, tag)

    def _enter_inline(self, element: Element, tag: str) -> bool:
        if tag == "br":
            self.pieces.append(inline.BREAK)
        elif tag == "math":
            self.pieces.append(formula(element))
            return False
        elif tag == "q":
            self._open_quotation(element)
        elif inline.is_struck_out(element) or _is_duplicate_formula(element) or inline.is_backlink(element):
            return False
        elif inline.is_mark_without_raising(element):
            self._note_mark(text_within(element, 20))
            return False
        elif inline.is_permalink(element, is_in_heading=self._is_in_heading()):
            return False
        elif is_fraction(element):
            return not self._took_fraction(element)
        else:
            where = inline.raised_or_lowered(element)
            if where:
                return not self._took_raised(element, where)
            if tag == "a" and not (self._is_in_heading() and (element.get("href") or "").startswith("#")):
                self.links.append(element)
        return True

    def _enter_block(self, element: Element) -> bool:
        self._flush()
        if inline.is_struck_out(element) or element.tag == "hr":
            return False
        tag = table_tag(element)
        if tag == "table" and self._took_table(element):
            return False
        if tag in ("td", "th") and is_line_numbers(element):
            return False
        if element.tag == "dl":
            self._emit_terms()
            self.outer_definitions.append(self.definitions)
            self.definitions = _Definitions()
        parent = self.contexts[-1].kind
        kind, level = kind_of(element), heading_level(element)
        is_outer_list = tag in _LISTS and not any(each.element.tag in _LISTS for each in self.contexts[-8:])
        if kind is None and is_outer_list:
            kind = BlockKind.CONTENTS if only_links_into_the_page(element) else None
        if parent in (BlockKind.CODE, BlockKind.CONTENTS):
            kind = parent
        elif level:
            kind = BlockKind.HEADING
        elif parent in _LASTING and kind in (None, BlockKind.LIST_ITEM, BlockKind.QUOTATION):
            kind = parent
        if kind is None:
            kind = parent if parent != BlockKind.HEADING else BlockKind.PARAGRAPH
        if element.tag == "dt" and self.contexts[-1].element.tag != "dt":
            self.definitions.last = []
        elif element.tag == "dd" and not self.definitions.waiting:
            self.definitions.waiting = list(self.definitions.last)
        self.contexts.append(_Context(element, kind, level, len(self.containers)))
        self.containers.append(Container(element, self.contexts[-2].index))
        return True

    def _leave(self, element: Element) -> None:
        if self.quotations and self.quotations[-1][0] is element:
            self.pieces.append(self.quotations.pop()[1])
        if self.links and self.links[-1] is element:
            self.links.pop()
        if element.tag == "cite" and inline.names_author_above(element):
            self.pieces += (inline.BREAK, inline.BREAK)
        if self.contexts[-1].element is element and element is not self.root:
            self._flush()
            self.contexts.pop()
            if element.tag == "dl":
                self._emit_terms()
                self.definitions = self.outer_definitions.pop()
        elif element.tag in BLOCK_TAGS and element not in self.done:
            self._flush()

    def _is_in_heading(self) -> bool:
        return self.contexts[-1].level > 0 or self.contexts[-1].element.tag in ("dt", "summary")

    def _open_quotation(self, element: Element) -> None:
        if inline.has_own_marks(element):
            return
        parent = element.getparent()
        language = next(
            (each.get("lang") for each in (parent, *parent.iterancestors()) if each.get("lang")), ""
        )
        opening, closing = inline.quotation_marks(language or self.page.language, len(self.quotations))
        self.pieces.append(opening)
        self.quotations.append((element, closing))

    # --- Raised, lowered and stacked figures ----------------------------------------------------------------

    def _before(self) -> str:
        end = "".join(self.pieces[-12:])[-160:]
        return end.replace(inline.BREAK, " ").replace(JOIN, "").replace(inline.MARK, "")

    def _took_raised(self, element: Element, where: str) -> bool:
        script = read_script(element, where, self._before(), self.page.marks, self.page.language)
        if script is None:
            return False
        if script.is_mark:
            self._note_mark(text_within(element, 20))
        self.pieces.append(script.text)
        self.done.update(script.done)
        return True

    def _took_fraction(self, element: Element) -> bool:
        text = fraction_of_parts(element, self._before())
        self.pieces.append(text)
        return bool(text)

    def _note_mark(self, text: str) -> None:
        if not self.marks_here and len(self.pieces) < 6 and not "".join(self.pieces).strip():
            self.starts_with_mark = True
        self.pieces.append(inline.MARK)
        self.marks_here += 1
        self.page.marks.passed(text)

    # --- Blocks ---------------------------------------------------------------------------------------------

    def _flush(self) -> None:
        if not self.pieces:
            return
        text, self.pieces = "".join(self.pieces), []
        linked, self.linked = self.linked, 0
        is_note = self.starts_with_mark and self.marks_here == 1
        self.marks_here, self.starts_with_mark = 0, False
        if not text or text.isspace():
            return
        context = self.contexts[-1]
        is_whole = context.kind in (BlockKind.HEADING, BlockKind.CODE, BlockKind.CAPTION)
        for part in [inline.joined(text)] if is_whole else inline.paragraphs_of(text):
            if part:
                kind = BlockKind.FOOTNOTE if is_note and context.kind == BlockKind.PARAGRAPH else context.kind
                self._place(part, kind, context, min(linked, len(part)))

    def _place(self, text: str, kind: BlockKind, context: _Context, linked: int) -> None:
        element = context.element.tag
        if any(each.element.tag == "dt" for each in self.contexts[-3:]) and kind != BlockKind.CODE:
            if len(text) <= MAX_TERM:
                self.definitions.waiting.append(text)
                return
        elif self.definitions.waiting:
            is_definition = any(each.element.tag == "dd" for each in self.contexts[-4:])
            if is_definition and kind in (BlockKind.PARAGRAPH, BlockKind.LIST_ITEM, BlockKind.FOOTNOTE):
                text = _defined(", ".join(self.definitions.waiting), text)
                self.definitions.last, self.definitions.waiting = self.definitions.waiting, []
            else:
                self._emit_terms()
        if element == "dt":
            kind = BlockKind.LIST_ITEM if kind == BlockKind.PARAGRAPH else kind
        self._emit(text, kind, context.level if kind == BlockKind.HEADING else 0, linked)

    def _emit_terms(self) -> None:
        terms, self.definitions.waiting = self.definitions.waiting, []
        for term in terms:
            if not self.definitions.last:
                self._emit(term, BlockKind.LIST_ITEM, 0)

    def _emit(self, text: str, kind: BlockKind, level: int, linked: int = 0) -> None:
        if kind == BlockKind.HEADING:
            if is_notes_heading(text):
                self.notes_level = level or 7
            elif self.notes_level and level <= self.notes_level:
                self.notes_level = 0
        elif self.notes_level and (
            kind == BlockKind.LIST_ITEM or (kind == BlockKind.PARAGRAPH and is_numbered_note(text))
        ):
            kind = BlockKind.FOOTNOTE
        block = Block(kind=kind, text=text, level=min(level, 6))
        self.found.append(PlacedBlock(block, self.contexts[-1].index, linked))

    def _took_table(self, table: Element) -> bool:
        """Rows of a table of data; False for one that is layout."""
        if table in self.page.outer_tables or is_layout(table):
            return False
        for child in table:
            if child.tag == "caption":
                text = self.page.cell_text(child)
                if text:
                    self._emit(text, BlockKind.CAPTION, 0)
        kind = self.contexts[-1].kind
        if kind not in (BlockKind.FOOTNOTE, BlockKind.CONTENTS):
            kind = BlockKind.TABLE_ROW
        for row in rows_of(table, self.page.cell_text):
            self._emit(row, kind, 0)
        return True


def _is_duplicate_formula(element: Element) -> bool:
    """What a script drew from a formula that stands next to it as MathML."""
    if "katex-html" not in classes_of(element):
        return False
    previous = element.getprevious()
    return previous is not None and next(previous.iter("math"), None) is not None


def _defined(term: str, text: str) -> str:
    if term.endswith(("?", "!", "？", ".", "…")):
        return f"{term} {text}"
    return f"{term.rstrip(' :：')}: {text}"
