"""The blocks of an RTF document, as its text comes in."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tasks.pipeline.reading.exponents import Placement
from tasks.pipeline.reading.plain_tables import row_text, rows_text
from tasks.pipeline.reading.raised import lowered, raised, without_joins
from tasks.pipeline.reading.types import Block
from tasks.pipeline.types import BlockKind

NO_OUTLINE = 9
_HEADING_STYLE = re.compile(
    r"\s*(?:heading|überschrift|titre|rubrik|título|titolo|kop|заголовок) (\d)", re.IGNORECASE
)
_BULLET = re.compile(r"[•◦▪·‣–-]\s{1,9}|\d{1,3}[.)]\s{2,9}")


@dataclass(frozen=True)
class TextRun:
    text: str
    raised: str = ""
    """"super", "sub", or "" for text on the line."""
    is_bold: bool = False


class RtfDocument:
    def __init__(self) -> None:
        self.collected: dict[str, str] = {}
        self.created = ""
        self.size = 0
        self.pictures = 0
        self.hidden_characters = 0
        self.style = -1
        self.outline_level = NO_OUTLINE
        self.is_list_item = False
        self.in_table = False
        self.has_heading_row = False
        self._blocks: list[Block] = []
        self._notes: list[Block] = []
        self._runs: list[TextRun] = []
        self._outer: list[list[TextRun]] = []
        self._styles: dict[int, str] = {}
        self._cells: list[str] = []
        self._cell_paragraphs: list[str] = []
        self._rows: list[list[str]] = []
        self._is_contents = False

    def add(self, run: TextRun, *, is_contents: bool) -> None:
        self.size += len(run.text)
        self._is_contents = self._is_contents or (is_contents and bool(run.text.strip()))
        last = self._runs[-1] if self._runs else None
        if last and (last.raised, last.is_bold) == (run.raised, run.is_bold):
            self._runs[-1] = TextRun(last.text + run.text, run.raised, run.is_bold)
        else:
            self._runs.append(run)

    def collect(self, name: str, text: str) -> None:
        self.collected[name] = (self.collected.get(name, "") + text)[:2000]

    def add_style_name(self, number: int, text: str) -> None:
        if number >= 0:
            self._styles[number] = (self._styles.get(number, "") + text)[:200]

    def set_created(self, date: dict[str, int]) -> None:
        year, month, day = date.get("yr", 0), date.get("mo", 0), date.get("dy", 0)
        if 1900 < year < 2200 and 1 <= month <= 12 and 1 <= day <= 31:
            self.created = f"{year}-{month:02}-{day:02}"

    def start_paragraph(self) -> None:
        self.style, self.outline_level = -1, NO_OUTLINE
        self.is_list_item = self.in_table = False

    def end_paragraph(self) -> None:
        text, is_bold = self._take_text()
        if self._outer:
            if text:
                self._notes.append(Block(kind=BlockKind.FOOTNOTE, text=text))
        elif self.in_table:
            self._cell_paragraphs.append(text)
        else:
            self._end_table()
            if text:
                self._blocks.append(self._block(text, is_bold))
        self._is_contents = False

    def end_cell(self) -> None:
        text, _ = self._take_text()
        self._cells.append(" ".join(filter(None, [*self._cell_paragraphs, text])))
        self._cell_paragraphs = []

    def end_row(self) -> None:
        if self._cells:
            self._rows.append(self._cells)
        self._cells = []

    def start_footnote(self) -> None:
        self._outer.append(self._runs)
        self._runs = []

    def end_footnote(self) -> None:
        self.end_paragraph()
        if self._outer:
            self._runs = self._outer.pop()

    def all_blocks(self) -> list[Block]:
        self.end_row()
        self._end_table()
        return [*self._blocks, *self._notes]

    def warnings(self) -> list[str]:
        found = []
        if self.pictures:
            found.append("The pictures and embedded objects of the document were not read.")
        if self.hidden_characters > 20:
            found.append("Text that the document hides or marks as deleted was not read.")
        return found

    def _take_text(self) -> tuple[str, bool]:
        runs, self._runs = self._runs, []
        text = ""
        for place, run in enumerate(runs):
            if run.raised == "super":
                after = "".join(one.text for one in runs[place + 1 : place + 4])[:40]
                text += raised(run.text, Placement(text, after))
            else:
                text += lowered(run.text, text) if run.raised == "sub" else run.text
        filled = [run for run in runs if run.text.strip()]
        return without_joins(" ".join(text.split())), bool(filled) and all(run.is_bold for run in filled)

    def _block(self, text: str, is_bold: bool) -> Block:
        level = self._heading_level(text, is_bold)
        if self._is_contents:
            return Block(kind=BlockKind.CONTENTS, text=text)
        if level:
            return Block(kind=BlockKind.HEADING, text=text, level=level)
        bullet = _BULLET.match(text)
        if self.is_list_item or bullet:
            return Block(kind=BlockKind.LIST_ITEM, text=text[bullet.end() :] if bullet else text)
        return Block(kind=BlockKind.PARAGRAPH, text=text)

    def _heading_level(self, text: str, is_bold: bool) -> int:
        name = self._styles.get(self.style, "")
        if match := _HEADING_STYLE.match(name):
            return min(max(int(match[1]), 1), 6)
        if name.strip().rstrip(";").lower() in ("title", "titel", "titre", "título", "titolo"):
            return 1
        if self.outline_level < NO_OUTLINE:
            return min(self.outline_level + 1, 6)
        looks_like_one = (
            is_bold and len(text) <= 120 and not text.endswith((".", "!", "?", ":", ";", ",", "。"))
        )
        return 2 if looks_like_one and not self.is_list_item else 0

    def _end_table(self) -> None:
        rows, self._rows = self._rows, []
        if rows and self.has_heading_row:
            texts = [row_text(rows[0], row) for row in rows[1:]]
        else:
            texts = rows_text(rows)
        self.has_heading_row = False
        self._blocks += [Block(kind=BlockKind.TABLE_ROW, text=text) for text in texts if text]
