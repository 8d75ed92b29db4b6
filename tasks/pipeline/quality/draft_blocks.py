"""The blocks of a Markdown body as readers see them: paragraphs, list items, table rows; code is none."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from itertools import pairwise

from tasks.pipeline.text.scripts import joins_without_blank

FENCED = re.compile(r"^ {0,3}(```|~~~).*?^ {0,3}\1[ \t]*$", re.M | re.S)
HEADING = re.compile(r"^ {0,3}(#{1,6})\s+(.*?)\s*#*$")
IMAGE = re.compile(r"!\[[^\]]{0,500}\]\([^)]{0,2000}\)")
LINK = re.compile(r"\[([^\]]{0,500})\]\(\s{0,9}<?([^)\s>]{0,2000})(?:[\s>][^)]{0,500})?\)")
REFERENCE = re.compile(
    r"^ {0,3}\[(?!\^)[^\]\n]{1,200}\]:[ \t]{0,9}<?(\S{1,2000}?)>?(?:[ \t]{1,9}[\"'(][^\n]{0,300})?[ \t]*$",
    re.M,
)
MARKER = re.compile(r"\[(\d{1,3}(?:\s*[,;–-]\s*\d{1,3})*)\](?!\()")
OPEN, CLOSE = "\ue000", "\ue001"
# Where inline code was: it is shown, but what is in it is no statement.
CODE_OPEN, CODE_CLOSE = "\ue002", "\ue003"

_START = re.compile(r"^\s*(?:>\s*)*([-*+]\s+(?:\[[ xX]\]\s+)?|\d{1,9}[.)]\s+)?")
_DELIMITER = re.compile(r"^\s*\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*\|?\s*$")
_CELLS = re.compile(r"(?<!\\)\|")
_CODE_SPAN = re.compile(r"(?<!`)(`{1,3})(?!`)([^\n]{1,500}?)(?<!`)\1(?!`)")
_STRUCK = re.compile(r"(?<!~)~~(?=\S)([^~\n]{1,2000}?)(?<=\S)~~(?!~)")
_STARS = re.compile(r"(\*{1,3})(?=\S)(.{1,2000}?)(?<=\S)\1")
_UNDERSCORES = re.compile(r"(?<!\w)(_{1,3})(?=\S)(.{1,2000}?)(?<=\S)\1(?!\w)")
_ESCAPED = re.compile(r"\\([\\`*_{}\[\]()#+.!|>~-])")
_FOOTNOTE = re.compile(r"\[\^[^\]\s]{1,60}\]:?")
_INDENTED = re.compile(r"^(?: {4,}|\t)\s*\S")


@dataclass(frozen=True)
class DraftBlock:
    section: str
    text: str
    """Without Markdown; citation markers stay, and inline code stands between CODE_OPEN and CODE_CLOSE."""
    is_table_row: bool = False


def draft_blocks(body: str) -> Iterator[DraftBlock]:
    """Paragraphs, list items and rows of tables, each with the heading above it."""
    section, lines = "", list[str]()
    rows = _Rows()
    is_after_blank, in_list = True, False
    for line in [*without_code(body).split("\n"), ""]:
        heading, start = HEADING.match(line), _START.match(line)
        is_blank = not line.strip()
        if rows.takes(line, lines):
            yield from rows.read(section, line, lines)
            lines = []
            continue
        if lines and (heading or is_blank or (start and start[1])):
            yield DraftBlock(section, shown_text(_joined(lines)))
            lines = []
        if heading:
            section, in_list = heading[2], False
        elif not is_blank:
            in_list = (
                bool(start and start[1])
                or (in_list and line[:1].isspace())
                or (in_list and not is_after_blank)
            )
            is_code = is_after_blank and not in_list and _INDENTED.match(line)
            if not is_code and not REFERENCE.match(line):
                lines.append(_START.sub("", line, count=1).strip())
        is_after_blank = is_blank or (is_after_blank and not lines)


def without_code(body: str) -> str:
    return FENCED.sub("\n", body)


def shown_text(text: str) -> str:
    """What a reader sees of a passage: struck-out words are left out."""
    spans: list[str] = []

    def put_aside(match: re.Match[str]) -> str:
        spans.append(match[2])
        return f"{CODE_OPEN}{len(spans) - 1}{CODE_CLOSE}"

    text = _CODE_SPAN.sub(put_aside, text)
    text = _FOOTNOTE.sub("", LINK.sub(r"\1", IMAGE.sub("", text)))
    text = _UNDERSCORES.sub(r"\2", _STARS.sub(r"\2", _STRUCK.sub("", text)))
    text = unescape(_ESCAPED.sub(r"\1", text))
    text = re.sub(
        f"{CODE_OPEN}(\\d+){CODE_CLOSE}", lambda m: f"{CODE_OPEN}{spans[int(m[1])]}{CODE_CLOSE}", text
    )
    return " ".join(text.split())


def _joined(lines: list[str]) -> str:
    """One paragraph on one line."""
    parts = lines[:1]
    for before, line in pairwise(lines):
        parts += ["" if joins_without_blank(before, line) else " ", line]
    return "".join(parts)


class _Rows:
    """The rows of the table that is being read, if any."""

    def __init__(self) -> None:
        self._names: list[str] | None = None

    def takes(self, line: str, lines: list[str]) -> bool:
        if self._names is not None:
            if "|" in line:
                return True
            self._names = None
        return bool(lines) and "|" in lines[-1] and "-" in line and _DELIMITER.match(line) is not None

    def read(self, section: str, line: str, lines: list[str]) -> Iterator[DraftBlock]:
        if self._names is None:
            if lines[:-1]:
                yield DraftBlock(section, shown_text(_joined(lines[:-1])))
            self._names = _cells(lines[-1])
            return
        named = [
            f"{name}: {cell}" if name and place else cell
            for place, (name, cell) in enumerate(zip([*self._names, *[""] * 50], _cells(line), strict=False))
            if cell
        ]
        if named:
            yield DraftBlock(section, "; ".join(named), is_table_row=True)


def _cells(line: str) -> list[str]:
    return [shown_text(cell.replace("\\|", "|")) for cell in _CELLS.split(line.strip().strip("|"))]
