"""Everything of a draft that readers see, as one text in which each find knows where it stands.

Title, summary and the texts for search engines come first, then the body, passage by passage. Blocks of code
are left out: what is in them is content, whatever it looks like.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from tasks.pipeline.text.titles import shortened
from tasks.pipeline.types import Article

CODE = "\ue002"
"""Stands for each character of inline code."""
GAP = "\n\n"
CONTEXT = 40

_FENCE = re.compile(
    r"^(?:[ \t]{0,12}>){0,5}[ \t]{0,24}(?:(?:[-*+]|\d{1,9}[.)])[ \t]{1,4})?"
    r"(?P<mark>`{3,20}|~{3,20})(?P<info>[^\n]*)$"
)
_CODE_SPAN = re.compile(r"(?<!`)(`{1,9})(?!`)(.{1,1000}?)(?<!`)\1(?!`)", re.DOTALL)
_HEADING = re.compile(r"^ {0,3}#{1,6}(?:[ \t]+(.*?))?[ \t]*#*[ \t]*$")
_ITEM = re.compile(r"^\s{0,12}(?:[-*+•]|\d{1,9}[.)])[ \t]+\S")
_INDENTED = re.compile(r"^(?: {4}|\t)")
_RULE = re.compile(r"^ {0,3}(?:(?:\*[ \t]*){3,}|(?:-[ \t]*){3,}|(?:_[ \t]*){3,})$")


class PassageKind(StrEnum):
    FIELD = "field"
    HEADING = "heading"
    PARAGRAPH = "paragraph"
    LIST = "list"
    TABLE = "table"
    QUOTATION = "quotation"


@dataclass(frozen=True)
class TextPassage:
    kind: PassageKind
    where: str
    """As in "paragraph 3 (“Bees”)"."""
    text: str
    """Markdown as it was written."""
    is_before_code: bool = False
    """A block of code follows it."""


@dataclass(frozen=True)
class Find:
    words: str
    where: str
    context: str
    """The words with a few around them, as evidence."""
    start: int
    end: int

    def __str__(self) -> str:
        return f"“{shortened(self.words, 60)}” in {self.where}"


class ReaderText:
    def __init__(self, article: Article, body: str) -> None:
        fields = (
            ("the title", article.title),
            ("the summary", article.summary),
            ("the SEO title", article.seo_title),
            ("the SEO description", article.seo_description),
        )
        self.passages = [
            *(TextPassage(PassageKind.FIELD, where, text) for where, text in fields if text.strip()),
            *_passages(body),
        ]

    @cached_property
    def whole(self) -> str:
        """All passages, with what is in inline code."""
        return GAP.join(passage.text for passage in self.passages)

    @cached_property
    def prose(self) -> str:
        """The same, character by character, with CODE in place of inline code."""
        if "`" not in self.whole:
            return self.whole
        return GAP.join(
            _CODE_SPAN.sub(lambda match: CODE * len(match[0]), passage.text) for passage in self.passages
        )

    @cached_property
    def in_small_letters(self) -> str:
        return self.prose.lower()

    def finds(self, pattern: re.Pattern[str], *, in_code: bool = False) -> Iterator[Find]:
        """What a pattern matches, in the order of the text; `in_code` looks into inline code as well."""
        for match in pattern.finditer(self.whole if in_code else self.prose):
            if match.end() > match.start():
                yield self.find_at(match.start(), match.end())

    def find_at(self, start: int, end: int) -> Find:
        """Blanks at its ends are no part of what was found."""
        place = max(bisect_right(self._starts, start) - 1, 0)
        passage, offset = self.passages[place], self._starts[place]
        words = self.whole[start:end]
        start, end = start + len(words) - len(words.lstrip()), end - len(words) + len(words.rstrip())
        left = max(offset, start - CONTEXT)
        right = min(offset + len(passage.text), max(end, start) + CONTEXT)
        if left > offset:
            left = min(start, self.whole.find(" ", left, start) + 1 or start)
        if right < offset + len(passage.text):
            right = max(end, self.whole.rfind(" ", end, right))
        context = " ".join(self.whole[left:right].split())
        return Find(" ".join(self.whole[start:end].split()), passage.where, context, start, end)

    @cached_property
    def _starts(self) -> list[int]:
        starts, place = list[int](), 0
        for passage in self.passages:
            starts.append(place)
            place += len(passage.text) + len(GAP)
        return starts


def _passages(body: str) -> Iterator[TextPassage]:
    section, number, lines = "", 0, list[str]()
    fence, in_list, after_blank = "", False, True
    for line in [*body.split("\n"), ""]:
        opened = _FENCE.match(line)
        if fence:
            if opened and opened["mark"].startswith(fence) and not opened["info"].strip():
                fence = ""
            continue
        is_fence = opened is not None and "`" not in opened["info"]
        heading = None if is_fence else _HEADING.match(line)
        is_break = not line.strip() or heading is not None or is_fence or _RULE.match(line) is not None
        if is_break and lines:
            passage = _passage(lines, section, number + 1, is_before_code=is_fence)
            number += passage.kind == PassageKind.PARAGRAPH
            in_list = passage.kind == PassageKind.LIST or (in_list and lines[0][:1].isspace())
            yield passage
            lines = []
        if is_fence and opened:
            fence = opened["mark"]
        elif heading:
            section, in_list = (heading[1] or "").strip(), False
            if section:
                where = f"the heading “{shortened(section, 60)}”"
                yield TextPassage(PassageKind.HEADING, where, section)
        elif not is_break and (lines or in_list or not (after_blank and _INDENTED.match(line))):
            lines.append(line)
        after_blank = is_break


def _passage(lines: list[str], section: str, number: int, *, is_before_code: bool) -> TextPassage:
    kind = _kind(lines)
    names = {
        PassageKind.LIST: "a list",
        PassageKind.TABLE: "a table",
        PassageKind.QUOTATION: "a block quotation",
    }
    where = names.get(kind, f"paragraph {number}")
    if section:
        where += f" (“{shortened(section, 60)}”)"
    return TextPassage(kind, where, "\n".join(lines), is_before_code)


def _kind(lines: list[str]) -> PassageKind:
    if lines[0].lstrip().startswith(">"):
        return PassageKind.QUOTATION
    if _ITEM.match(lines[0]) or (len(lines) > 1 and any(_ITEM.match(line) for line in lines[1:])):
        return PassageKind.LIST
    if len(lines) > 1 and "|" in lines[0] and re.fullmatch(r"[\s|:-]+", lines[1]) and "-" in lines[1]:
        return PassageKind.TABLE
    return PassageKind.PARAGRAPH


def open_fence(body: str) -> str:
    """The line that opens a block of code which nothing closes, if there is one."""
    fence = opening = ""
    for line in body.split("\n"):
        found = _FENCE.match(line)
        if not found:
            continue
        if not fence and "`" not in found["info"]:
            fence, opening = found["mark"], line
        elif fence and found["mark"].startswith(fence) and not found["info"].strip():
            fence = ""
    return opening if fence else ""
