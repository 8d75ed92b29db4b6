"""Plain text: paragraphs, lists, tables and headings, told by how the lines stand."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import PurePosixPath

from tasks.pipeline.reading.charsets import decode
from tasks.pipeline.reading.hyphens import words_of
from tasks.pipeline.reading.line_breaks import is_broken_on_purpose, is_stamped
from tasks.pipeline.reading.lines import joined
from tasks.pipeline.reading.page_heads import without_page_heads
from tasks.pipeline.reading.plain_dialects import without_marks
from tasks.pipeline.reading.plain_tables import columnar_rows, delimited_rows, ruled_rows
from tasks.pipeline.reading.types import MAX_CHARACTERS, Block, Declared, Reading
from tasks.pipeline.text.scripts import is_chinese_or_japanese
from tasks.pipeline.types import BlockKind

READER = "plain 2"

LONGEST_LINE = 300
"""Longer lines are neither entries of a table of contents nor code."""

_ITEM = re.compile(r"(?:[-*•‣▪◦·–+o]|\(?(?:\d{1,3}|[a-z]|[ivx]{1,5})[.)])[ \t]+(?=\S)")
_BULLET = re.compile(r"[-*•‣▪◦·–+]\s|\(?[a-z]\)\s|o\s{2,}")
_ENUMERATED = re.compile(r"\(?(\d{1,3})[.)][ \t]+")
_UNDERLINE = re.compile(r"([=\-~^\"'#*+.`_])\1{2,}\s{0,9}$")
_RULE = re.compile(r"\s{0,40}([-=*_~#+.·—–]\s{0,3}){3,}$")
_NUMBERED_HEADING = re.compile(
    r"(?:\d{1,2}\.){0,4}\d{1,2}\.?\s+\S|(?:chapter|part|section|kapitel|chapitre)\s+[\dIVXLC]+\b",
    re.IGNORECASE,
)
_MARKED_HEADING = re.compile(r"(={1,6}) (?=\S)(.{1,200})$")
_LEADERS = re.compile(
    r"\S.{0,200}?(?:\.{3,}|(?:\. ){3,}|…{2,}|_{4,}|·{3,})\s{0,9}(?:\d{1,4}|[ivxlc]{1,6})$", re.IGNORECASE
)
_QUOTED = re.compile(r"(?:>\s?){1,9}")
_NAMED_VALUE = re.compile(r"[^\W\d_][\w /().-]{0,30}[:：]\s+\S")
_NOTE = re.compile(r"\.\. \[[^\]\n]{1,40}\] |\[Footnote [\w*]{1,6}: ")
_DIRECTIVE = re.compile(r"\.\. |:[\w -]{1,30}:(?:\s|$)|#\+\w{1,30}|\[(?:source|cols|NOTE|options)\b")
_CODE_LINE = re.compile(
    r"[{};]\s*$|^\s*(?:def |class |import |from \w+ import |return\b|#include|function |var |let |const "
    r"|public |private |if \(|for \(|while \(|\$ |>>> |</?\w+[^>]{0,200}>\s*$|//|/\*)"
    r"|\w\(.{0,80}\)\s*[;{:]?\s*$|^\s*[\w.]+ ?(?:=|:=|\+=) ?\S"
)
_SENTENCE_END = (
    ".", "!", "?", ":", ";", ",", "…", "。", "！", "？", "：", "；", "，", "、", "”", "»", '."', "؟", "।",
)  # fmt: skip
_CLOSING = re.compile(r"[.!?…。！？؟।][\"”’»)\]』」]{0,3}$")
DELIMITED = {".csv": ",", ".tsv": "\t", ".tab": "\t"}
DELIMITED_TYPES = {"text/csv": ",", "text/tab-separated-values": "\t"}


def read(data: bytes, declared: Declared) -> Reading:
    """Raises UnreadableText when the bytes are no text."""
    decoded = decode(data, declared.charset)
    suffix = PurePosixPath(declared.name.lower()).suffix
    delimiter = DELIMITED.get(suffix, "") or DELIMITED_TYPES.get(declared.media_type, "")
    rows = delimited_rows(decoded.text, delimiter) if delimiter else []
    blocks = [Block(kind=BlockKind.TABLE_ROW, text=row) for row in rows] or blocks_of(
        without_marks(decoded.text[: 2 * MAX_CHARACTERS], suffix)
    )
    return Reading(
        blocks=tuple(blocks),
        media_type={",": "text/csv", "\t": "text/tab-separated-values"}[delimiter] if rows else "text/plain",
        reader=READER,
        title="" if rows else _title(blocks),
        charset=decoded.charset,
        charset_from=decoded.found_by,
        warnings=decoded.warnings,
    )


def blocks_of(text: str) -> list[Block]:
    """The blocks of a plain text, also of a mail's."""
    text = without_page_heads(text[: 2 * MAX_CHARACTERS])
    lines = [line.expandtabs(8).rstrip() for line in text.split("\n")]
    words, blocks = words_of(lines), list[Block]()
    width = _width([line for line in lines if line])
    for group in _groups(lines):
        blocks += _blocks_of_group(group, words, width)
    return _with_lists_of_numbers(blocks)


def _title(blocks: list[Block]) -> str:
    if len(blocks) < 2:
        return ""
    first = blocks[0]
    is_title = first.kind == BlockKind.HEADING or (
        first.kind == BlockKind.PARAGRAPH
        and len(first.text) <= 120
        and not first.text.endswith(_SENTENCE_END)
    )
    return first.text if is_title else ""


def _width(lines: list[str]) -> int:
    """How long the lines are that were wrapped; 0 where each line is a paragraph of its own."""
    lengths = sorted(map(len, lines))
    if not lengths:
        return 0
    longest = lengths[int(0.95 * (len(lengths) - 1))]
    return longest if longest <= 140 else 0


def _groups(lines: list[str]) -> list[list[str]]:
    groups, current = list[list[str]](), list[str]()
    for line in lines:
        if line.strip():
            current.append(line)
        elif current:
            groups.append(current)
            current = []
    return [*groups, current] if current else groups


def _blocks_of_group(lines: list[str], words: Counter[str], width: int) -> list[Block]:
    """What stands between two blank lines: one paragraph or several, a list, a table, a heading."""
    if all(_has_leaders(line) for line in lines) or (
        len(lines) > 2 and sum(_has_leaders(line) for line in lines) > 0.6 * len(lines)
    ):
        return [Block(kind=BlockKind.CONTENTS, text=joined([line], words)) for line in lines]
    if note := _NOTE.match(lines[0]):
        text = joined([lines[0][note.end() :], *lines[1:]], words).removesuffix("]")
        return [Block(kind=BlockKind.FOOTNOTE, text=text)] if text else []
    rows = ruled_rows(lines) or columnar_rows(lines) or _named_values(lines)
    if rows:
        return [Block(kind=BlockKind.TABLE_ROW, text=row) for row in rows]
    heading = _heading(lines)
    if heading:
        rest = lines[heading[1] :]
        return [heading[0], *(_blocks_of_group(rest, words, width) if rest else [])]
    lines = [line for line in lines if not _RULE.fullmatch(line) and not _DIRECTIVE.match(line.strip())]
    if not lines:
        return []
    if _is_code(lines):
        return [Block(kind=BlockKind.CODE, text=" ".join(" ".join(lines).split()))]
    return [block for kind, part in _parts(lines, width) if (block := _block(kind, part, words))]


def _named_values(lines: list[str]) -> list[str]:
    """`Name: Bergen` and `Country: Norway`, line by line; not what people say in turn."""
    is_form = len(lines) > 1 and all(
        len(line) <= 80 and _NAMED_VALUE.match(line.strip()) and not _CLOSING.search(line) for line in lines
    )
    return [" ".join(line.split()) for line in lines] if is_form else []


def _has_leaders(line: str) -> bool:
    return len(line) <= LONGEST_LINE and _LEADERS.search(line) is not None


def _heading(lines: list[str]) -> tuple[Block, int] | None:
    """A heading at the start of the group, and how many lines it takes."""
    first = lines[0].strip()
    if len(first) > 120 or not any(character.isalpha() for line in lines[:3] for character in line):
        return None
    if _RULE.fullmatch(first) and not _UNDERLINE.fullmatch(first):
        return None
    if len(lines) >= 3 and _UNDERLINE.fullmatch(lines[0].strip()) and _UNDERLINE.fullmatch(lines[2].strip()):
        return _heading_block(lines[1].strip(), 1), 3
    if (
        len(lines) >= 2
        and (line := _UNDERLINE.fullmatch(lines[1].strip()))
        and not _UNDERLINE.fullmatch(first)
        and len(lines[1].strip()) >= 0.6 * len(first)
    ):
        return _heading_block(first, 1 if line[1] == "=" else 2), 2
    if (marked := _MARKED_HEADING.match(lines[0])) and (marked[1][0] == "=" or len(lines) == 1):
        return _heading_block(marked[2].strip("= "), len(marked[1])), 1
    if len(lines) == 1 and _is_heading(first, lines[0]):
        return _heading_block(first, 2), 1
    if len(lines) > 1 and _NUMBERED_HEADING.match(first) and _stands_above(first, lines):
        return _heading_block(first, 2), 1
    # A manual's section: capitals at the margin, its text indented below.
    if len(lines) > 1 and _is_capitals(first) and lines[0] == first and lines[1][:2].isspace():
        return _heading_block(first, 2), 1
    return None


def _stands_above(first: str, lines: list[str]) -> bool:
    """Whether a short line was ended long before its next word was too long, above a paragraph."""
    below = lines[1].strip()
    has_room = 2 * (len(first) + 1 + len(below.split(" ", 1)[0])) < max(map(len, lines[1:]))
    return has_room and below[0].isupper() and not _ITEM.match(below) and not _CLOSING.search(first)


def _heading_block(text: str, level: int) -> Block:
    return Block(kind=BlockKind.HEADING, text=text, level=min(level, 6))


def _is_heading(text: str, line: str) -> bool:
    text = re.sub(r"\s?(?:\[[\w*]{1,4}\]|\(\d{1,3}\)){1,9}$", "", text)
    if (
        text.endswith(_SENTENCE_END)
        or _CLOSING.search(text)
        or len(text.split()) > 14
        or not re.search(r"[^\W\d_]", text)
    ):
        return False
    if (
        _DIRECTIVE.match(text)
        or _QUOTED.match(text)
        or _BULLET.match(text)
        or re.search(r"https?://|\S@\S", text)
    ):
        return False
    if _is_capitals(text) or _NUMBERED_HEADING.match(text):
        return True
    limit = 30 if any(map(is_chinese_or_japanese, text)) else 70
    return len(text) <= limit and not text[0].islower()


def _is_capitals(text: str) -> bool:
    letters = [character for character in text if character.isalpha()]
    return len(letters) >= 3 and len(text) <= 100 and all(letter.isupper() for letter in letters)


def _is_code(lines: list[str]) -> bool:
    indented = all(line[:4].isspace() or line.startswith("$ ") for line in lines)
    marks = sum(bool(_CODE_LINE.search(line[:LONGEST_LINE])) for line in lines)
    prose = sum(bool(re.search(r"(?:[^\W\d_]{2,}[,.]? ){5}", line)) for line in lines)
    return (
        marks > (0.4 if indented else 0.7) * len(lines)
        and prose <= len(lines) // 4
        and (indented or len(lines) > 1)
    )


def _parts(lines: list[str], width: int) -> list[tuple[BlockKind, list[str]]]:
    """The lines of a group, cut where a list's item, a quotation or an indented paragraph starts."""
    parts: list[tuple[BlockKind, list[str]]] = []
    indents = [len(line) - len(line.lstrip()) for line in lines]
    margin = min(indents)
    is_list = sum(bool(_ITEM.match(line.lstrip())) for line in lines) > 1
    short_lines = is_broken_on_purpose(lines, width)
    is_log = sum(is_stamped(line) for line in lines) > len(lines) // 2
    for place, line in enumerate(lines):
        text = line.strip()
        if quoted := _QUOTED.match(text):
            inner = text[quoted.end() :].strip()
            if parts and parts[-1][0] == BlockKind.QUOTATION and inner and parts[-1][1][-1]:
                parts[-1][1].append(inner)
            else:
                parts.append((BlockKind.QUOTATION, [inner]))
            continue
        item = _ITEM.match(text)
        in_list = bool(parts) and parts[-1][0] == BlockKind.LIST_ITEM
        starts_item = (
            item
            and (_BULLET.match(text) or is_list)
            and (in_list or _starts_item(lines[place - 1] if place else "", width))
        )
        starts_paragraph = (
            not parts
            or parts[-1][0] == BlockKind.QUOTATION
            or (is_log and is_stamped(text))
            or (line.startswith("\u3000") and _CLOSING.search(parts[-1][1][-1]))
            or (short_lines and not in_list)
            or (not (in_list or is_log) and _is_first_of_indented(indents, place, margin))
            or (
                in_list
                and indents[place] == margin
                and _is_after_list(parts[-1][1], indents, place, lines, width)
            )
            or (not in_list and _ends_early(parts[-1][1][-1], text, width, lines))
        )
        if starts_item and item:
            parts.append((BlockKind.LIST_ITEM, [text[item.end() :]]))
        elif starts_paragraph:
            parts.append((BlockKind.PARAGRAPH, [text]))
        else:
            parts[-1][1].append(text)
    return parts


def _starts_item(before: str, width: int) -> bool:
    """Not a wrapped line that begins with a year or a dash: `… in the spring of` / `12. April …`."""
    if not before or _CLOSING.search(before) or before.rstrip().endswith((":", ";", ",")):
        return True
    return bool(_ITEM.match(before.lstrip())) or len(before) < 0.7 * width


def _is_first_of_indented(indents: list[int], place: int, margin: int) -> bool:
    """Paragraphs by an indented first line, as in typescripts."""
    deeper = sum(indent > margin for indent in indents)
    return (
        1 <= indents[place] - margin <= 8
        and deeper <= max(1, len(indents) // 2)
        and indents[place - 1] == margin
    )


def _is_after_list(item: list[str], indents: list[int], place: int, lines: list[str], width: int) -> bool:
    return indents[place - 1] > indents[place] and bool(_CLOSING.search(item[-1]))


def _ends_early(last: str, following: str, width: int, lines: list[str]) -> bool:
    """Whether a line was ended on purpose: a sentence ends, and the next word would have fitted."""
    if not _CLOSING.search(last):
        return not width and len(last) > 140
    if not width or max(map(len, lines)) > 140:
        return True
    return len(last) + len(following.split(" ", 1)[0]) + 1 < 0.75 * width


def _block(kind: BlockKind, lines: list[str], words: Counter[str]) -> Block | None:
    text = joined(lines, words)
    return Block(kind=kind, text=text) if text else None


def _with_lists_of_numbers(blocks: list[Block]) -> list[Block]:
    """Numbered paragraphs that follow each other are items: `1. Load the ships.` and `2. Count them.`"""
    numbers = [int(match[1]) if (match := _ENUMERATED.match(block.text)) else 0 for block in blocks]
    result = list[Block]()
    for place, block in enumerate(blocks):
        before, after = (
            numbers[place - 1] if place else 0,
            numbers[place + 1] if place + 1 < len(numbers) else 0,
        )
        number = numbers[place]
        follows = number and (after == number + 1 or (before and before == number - 1))
        bullet = _BULLET.match(block.text) if block.kind == BlockKind.PARAGRAPH else None
        if block.kind == BlockKind.PARAGRAPH and (
            follows or (bullet and not block.text.startswith(("–", "-")))
        ):
            text = _ITEM.sub("", block.text, count=1)
            block = Block(kind=BlockKind.LIST_ITEM, text=text)
        result.append(block)
    return result
