"""The text of one element of Markdown: what its marks and its HTML stand for."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING

from tasks.pipeline.reading.exponents import Placement
from tasks.pipeline.reading.lines import unwrapped
from tasks.pipeline.reading.plain_tables import row_text
from tasks.pipeline.reading.raised import lowered, raised, without_joins
from tasks.pipeline.text.scripts import CHINESE_AND_JAPANESE
from tasks.pipeline.types import BlockKind

if TYPE_CHECKING:
    from markdown_it.token import Token

_STAR, _UNDERSCORE = "\U000f0001", "\U000f0002"
# Emphasis that the grammar does not see next to CJK punctuation: `これは**「重要」**です`.
_LEFT_EMPHASIS = re.compile(r"(\*{1,3})(?=\S)([^*\n]{1,500}?)(?<=\S)\1")
_NEXT_TO_CJK = re.compile(f"[{CHINESE_AND_JAPANESE}\uac00-\ud7af“”‘’]")
_LEFT_OVER = (
    (re.compile(r"!\[\[[^\[\]\n]{1,300}\]\]"), ""),
    (re.compile(r"\[\[(?:[^\[\]|\n]{1,300}\|)?([^\[\]|\n]{1,300})\]\]"), r"\1"),
    (re.compile(r"(?<![=\w])==(?=\S)([^=\n]{1,500}?)(?<=\S)==(?![=\w])"), r"\1"),
    (re.compile(r"(?<![+\w])\+\+(?=\S)([^+\n]{1,500}?)(?<=\S)\+\+(?![+\w])"), r"\1"),
    (re.compile(r"\s?\[-?@[\w:.#$%&+?<>~/-]{1,80}[^\[\]\n]{0,120}\]"), ""),
    (re.compile(r"\[\^[^\[\]\s]{1,100}\](?!:)"), ""),
    (re.compile(r"(?<=\S)\{[:.#][\w .:#=\"'-]{0,200}\}"), ""),
)
_ROLE = re.compile(r"\{[\w:+-]{1,40}\}$")
_ROLE_WITH_TARGET = re.compile(r"([^<>]{1,300}?)\s{0,3}<[^<>]{1,300}>$")
_NEVER_TEXT = frozenset([
    "script", "style", "template", "noscript", "iframe", "object", "svg", "canvas", "audio", "video",
    "select", "textarea",
])  # fmt: skip
_STRUCK = frozenset(("del", "s", "strike"))
_ENDS_BLOCK = frozenset([
    "p", "div", "li", "ul", "ol", "h1", "h2", "h3", "h4", "h5", "h6", "table", "tr", "blockquote",
    "pre", "section", "article", "details", "summary", "figure", "figcaption", "dl", "dt", "dd",
    "center", "header", "footer", "main", "aside", "hr",
])  # fmt: skip
_VOID = frozenset([
    "br", "img", "hr", "input", "wbr", "col", "area", "base", "embed", "link", "meta", "source",
    "track",
])  # fmt: skip
_HIDDEN = re.compile(r"display:none|visibility:hidden|font-size:0|opacity:0(?:;|$)")
_KINDS = {
    "li": BlockKind.LIST_ITEM, "blockquote": BlockKind.QUOTATION, "pre": BlockKind.CODE,
    "figcaption": BlockKind.CAPTION, "caption": BlockKind.CAPTION, "dd": BlockKind.LIST_ITEM,
}  # fmt: skip


class MarkdownInline:
    """Keeps what HTML left open, as an element may begin in one part of a document and end in another."""

    def __init__(self) -> None:
        self._html = _Html()

    @property
    def is_hidden(self) -> bool:
        return self._html.hidden > 0

    def html_blocks(self, html: str) -> list[tuple[BlockKind, str, int]]:
        return self._html.blocks_of(html)

    def of(self, tokens: list[Token]) -> str:
        """One line: line breaks are blanks, notes' marks and struck-out text are left out."""
        parts, place, struck = list[str](), 0, 0
        while place < len(tokens):
            token = tokens[place]
            if token.type in ("s_open", "s_close"):
                struck += token.nesting
            elif token.type in ("sup_open", "sub_open"):
                place = self._take_raised(tokens, place, parts, bool(struck))
            elif token.type == "html_inline":
                self._html.inline(token.content, parts)
            elif not struck and not self._html.is_left_out:
                parts.append(self._text(token, parts))
            place += 1
        self._html.end_of_inline()
        return _finished("".join(parts))

    def _text(self, token: Token, parts: list[str]) -> str:
        if token.type in ("softbreak", "hardbreak"):
            return "\n"
        if token.type == "code_inline":
            return _protected(_role_text(token.content, parts))
        if token.type == "text_special":
            return _protected(token.content)
        if token.type.startswith("math_inline"):
            return _protected(f"${token.content}$")
        return token.content if token.type == "text" else ""

    def _take_raised(self, tokens: list[Token], place: int, parts: list[str], is_struck: bool) -> int:
        kind = tokens[place].type[:3]
        end = next(n for n in range(place, len(tokens)) if tokens[n].type == f"{kind}_close")
        text = "".join(token.content for token in tokens[place + 1 : end])
        before = "".join(parts)[-80:]
        after = tokens[end + 1].content[:40] if end + 1 < len(tokens) else ""
        if not is_struck and not self._html.is_left_out:
            if kind == "sup":
                parts.append(raised(text, Placement(before, after)))
            elif before[-1:].isdigit() or len(text) > 3:
                # A range: `5~10,7~9`; what Pandoc would lower stands after a letter.
                parts.append(f"~{text}~")
            else:
                parts.append(lowered(text, before))
        return end


def _role_text(code: str, parts: list[str]) -> str:
    """The text of MyST's roles, as {ref}`words <label>`."""
    role = _ROLE.search(parts[-1]) if parts else None
    if not role:
        return code
    parts[-1] = parts[-1][: role.start()]
    target = _ROLE_WITH_TARGET.fullmatch(code)
    return target[1] if target else code


def _protected(text: str) -> str:
    return text.replace("*", _STAR).replace("_", _UNDERSCORE)


def _finished(text: str) -> str:
    text = unwrapped(text).replace("\n", " ")
    text = _LEFT_EMPHASIS.sub(_without_marks, text)
    for pattern, replacement in _LEFT_OVER:
        text = pattern.sub(replacement, text)
    text = text.replace(_STAR, "*").replace(_UNDERSCORE, "_")
    return without_joins(" ".join(text.split()))


def _without_marks(match: re.Match[str]) -> str:
    text, start, end = match.string, match.start(), match.end()
    around = text[max(0, start - 1) : start] + match[2][0] + match[2][-1] + text[end : end + 1]
    return match[2] if _NEXT_TO_CJK.search(around) else match[0]


class _Html(HTMLParser):
    """The text and blocks of HTML within Markdown; what is never shown is left out."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.hidden = 0
        self.never = 0
        self.struck = 0
        self._open: list[tuple[str, bool]] = []
        self._parts: list[str] = []
        self._blocks: list[tuple[BlockKind, str, int]] = []
        self._raised: list[str] | None = None
        self._cells: list[str] = []
        self._headings: list[str] = []
        self._has_heading_cells = False

    @property
    def is_left_out(self) -> bool:
        return bool(self.hidden or self.struck or self.never)

    def inline(self, html: str, parts: list[str]) -> None:
        """Take a tag or a comment that stands among text; `parts` is the text so far."""
        self._parts = parts
        self.feed(html)

    def end_of_inline(self) -> None:
        self.struck = 0

    def blocks_of(self, html: str) -> list[tuple[BlockKind, str, int]]:
        self._parts, self._blocks = [], []
        self.feed(html)
        self._end_block()
        if self.rawdata:
            # An unclosed comment or tag: what follows in the document is not part of it.
            self.rawdata = ""
        self.struck = self.never = 0
        return self._blocks

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        style = re.sub(r"\s+", "", (attributes.get("style") or "").lower())
        hides = "hidden" in attributes or bool(_HIDDEN.search(style))
        if tag == "br":
            self._parts.append(" ")
        if tag in _ENDS_BLOCK:
            self._end_block()
        if tag in _VOID:
            return
        self._open.append((tag, hides))
        self.hidden += hides
        self.never += tag in _NEVER_TEXT
        self.struck += tag in _STRUCK
        if tag in ("sup", "sub"):
            self._raised_from = len(self._parts)
        elif tag == "q":
            self._parts.append("“")
        elif tag == "table":
            self._headings = []

    def handle_endtag(self, tag: str) -> None:
        if tag in _ENDS_BLOCK and tag != "tr":
            self._end_block()
        if tag in ("td", "th"):
            self._cells.append(" ".join("".join(self._parts).split()))
            self._has_heading_cells = tag == "th"
            self._parts.clear()
        elif tag == "tr":
            self._end_row()
        elif tag == "q":
            self._parts.append("”")
        elif tag in ("sup", "sub"):
            self._end_raised(tag)
        if tag not in [name for name, _ in self._open]:
            return
        while self._open:
            name, hides = self._open.pop()
            self.hidden -= hides
            self.never -= name in _NEVER_TEXT
            self.struck = max(0, self.struck - (name in _STRUCK))
            if name == tag:
                break
        self.never = max(0, self.never)

    def handle_data(self, data: str) -> None:
        if not self.is_left_out:
            self._parts.append(data)

    _raised_from = 0

    def _end_raised(self, tag: str) -> None:
        text = "".join(self._parts[self._raised_from :])
        before = "".join(self._parts[: self._raised_from])[-80:]
        del self._parts[self._raised_from :]
        self._parts.append(raised(text, Placement(before)) if tag == "sup" else lowered(text, before))

    def _end_row(self) -> None:
        cells, self._cells = self._cells, []
        if self._has_heading_cells and not self._headings and len(cells) > 1:
            self._headings = cells
        elif text := row_text(self._headings, cells):
            self._blocks.append((BlockKind.TABLE_ROW, text, 0))

    def _end_block(self) -> None:
        if any(name in ("td", "th") for name, _ in self._open):
            self._parts.append(" ")
            return
        text = " ".join("".join(self._parts).split())
        self._parts.clear()
        if not text:
            return
        kind, level = BlockKind.PARAGRAPH, 0
        for name, _ in reversed(self._open):
            if re.fullmatch("h[1-6]", name):
                kind, level = BlockKind.HEADING, int(name[1])
            elif name in _KINDS:
                kind = _KINDS[name]
            else:
                continue
            break
        self._blocks.append((kind, _finished(text), level))
