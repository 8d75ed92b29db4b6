"""Markdown, as a source: parsed by its grammar, with the extensions that texts in the wild have."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tasks.pipeline.reading.charsets import decode
from tasks.pipeline.reading.markdown_dialects import FrontMatter, metadata_of, without_directives
from tasks.pipeline.reading.markdown_inline import MarkdownInline
from tasks.pipeline.reading.plain_tables import row_text, ruled_rows
from tasks.pipeline.reading.types import MAX_CHARACTERS, Block, Declared, Reading
from tasks.pipeline.types import BlockKind

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

READER = "markdown 2"

_CONTAINERS = {
    "blockquote": BlockKind.QUOTATION,
    "list_item": BlockKind.LIST_ITEM,
    "dd": BlockKind.LIST_ITEM,
    "footnote": BlockKind.FOOTNOTE,
}
_HEADING_ATTRIBUTES = re.compile(r"\s{0,9}\{[:#.][^{}]{0,200}\}\s{0,9}$|\s{0,9}\{-\}$")
_ATTRIBUTES_ALONE = re.compile(
    r"\{:?[^{}]{0,200}\}|\[TOC\]|\[\[_TOC_\]\]|\[\[toc\]\]|\\(?:newpage|pagebreak|toc)"
)
_ALERT = re.compile(r"\[!\w{1,20}\][+-]?[ \t]{0,9}")
_TASK = re.compile(r"\[[ xX/-]\]\s+")
_PROSE_FENCE = re.compile(
    r"\{?(?:note|warning|tip|important|admonition|attention|caution|hint|seealso|danger|error|epigraph|sidebar"
    r"|topic|margin)\}?\b"
)


def read(data: bytes, declared: Declared) -> Reading:
    """Raises UnreadableText when the bytes are no text."""
    decoded = decode(data, declared.charset)
    metadata, body = metadata_of(decoded.text)
    blocks = blocks_of(body)
    headings = [block.text for block in blocks if block.kind == BlockKind.HEADING and block.level == 1]
    return Reading(
        blocks=tuple(blocks),
        media_type="text/markdown",
        reader=READER,
        title=_title(metadata, headings),
        author=metadata.author,
        published=metadata.date,
        language=metadata.language,
        charset=decoded.charset,
        charset_from=decoded.found_by,
        warnings=decoded.warnings,
    )


def _title(metadata: FrontMatter, headings: list[str]) -> str:
    # A heading is what readers of the text see; front matter may have a short form for menus.
    return (headings[0] if headings else "") or metadata.title


def blocks_of(text: str) -> list[Block]:
    reader = _Blocks()
    reader.take(_parser().parse(without_directives(text[: 2 * MAX_CHARACTERS])))
    return reader.blocks


def _parser() -> MarkdownIt:
    # Here, because a process that reads no Markdown has no use for them.
    from markdown_it import MarkdownIt
    from mdit_py_plugins.admon import admon_plugin
    from mdit_py_plugins.deflist import deflist_plugin
    from mdit_py_plugins.dollarmath import dollarmath_plugin
    from mdit_py_plugins.footnote import footnote_plugin
    from mdit_py_plugins.subscript import sub_plugin
    from mdit_py_plugins.superscript import superscript_plugin

    parser = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    # Escaped marks stay apart from marks that were left over: see markdown_inline.
    parser.disable("text_join")
    return (
        parser.use(footnote_plugin)
        .use(deflist_plugin)
        .use(dollarmath_plugin, allow_space=False, allow_digits=False)
        .use(superscript_plugin)
        .use(sub_plugin)
        .use(admon_plugin)
    )


class _Blocks:
    """Collects the blocks of a document from the parser's tokens."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self._inline = MarkdownInline()
        self._containers: list[BlockKind] = []
        self._headings: list[str] = []
        self._cells: list[str] = []
        self._in_head = False
        self._level = 0
        self._term = ""
        self._opened: str = ""
        self._list_starts: list[tuple[int, bool]] = []

    def take(self, tokens: list[Token]) -> None:
        for token in tokens:
            name = token.type.removesuffix("_open").removesuffix("_close")
            if token.nesting > 0:
                self._open(name, token)
            elif token.nesting < 0:
                self._close(name)
            else:
                self._take_leaf(token)

    def _open(self, name: str, token: Token) -> None:
        self._opened = name
        if name in _CONTAINERS:
            self._containers.append(_CONTAINERS[name])
        elif name == "heading":
            self._level = int(token.tag[1])
        elif name == "table":
            self._headings = []
        elif name == "thead":
            self._in_head = True
        elif name == "tr":
            self._cells = []
        elif name in ("bullet_list", "ordered_list"):
            self._list_starts.append((len(self.blocks), True))

    def _close(self, name: str) -> None:
        if name in _CONTAINERS:
            self._containers.pop()
        elif name == "thead":
            self._in_head = False
        elif name == "tr" and self._in_head:
            self._headings = self._cells
        elif name == "tr":
            self._add(BlockKind.TABLE_ROW, row_text(self._headings, self._cells))
        elif name in ("bullet_list", "ordered_list"):
            start, only_links = self._list_starts.pop()
            if only_links and len(self.blocks) - start > 1:
                self.blocks[start:] = [
                    block.model_copy(update={"kind": BlockKind.CONTENTS}) for block in self.blocks[start:]
                ]
            elif not only_links and self._list_starts:
                self._list_starts[-1] = (self._list_starts[-1][0], False)

    def _take_leaf(self, token: Token) -> None:
        if token.type == "inline":
            self._take_inline(token)
        elif token.type == "html_block":
            for kind, text, level in self._inline.html_blocks(token.content):
                self._add(kind if kind != BlockKind.PARAGRAPH else self._kind(), text, level)
        elif token.type in ("fence", "code_block"):
            if token.type == "fence" and _PROSE_FENCE.match(token.info.strip()):
                self.blocks += blocks_of(re.sub(r"\A(?::[\w-]{1,40}:.{0,200}\n)+", "", token.content))
            else:
                self._add(BlockKind.CODE, token.content)
        elif token.type.startswith(("math_block", "amsmath")):
            self._add(BlockKind.CODE, f"$${token.content.strip()}$$")

    def _take_inline(self, token: Token) -> None:
        children = token.children or []
        text = self._inline.of(children)
        if self._list_starts and not _is_link_to_heading(children):
            self._list_starts[-1] = (self._list_starts[-1][0], False)
        if self._opened in ("td", "th"):
            self._cells.append(" ".join(text.split()))
        elif self._opened == "heading":
            self._add(BlockKind.HEADING, _HEADING_ATTRIBUTES.sub("", text), self._level)
        elif self._opened == "admonition_title":
            # The parser gives an admonition without a title the name of its kind.
            if f'"{token.content}"' in token.content or token.content.lower() not in _KINDS_OF_ADMONITION:
                self._add(BlockKind.PARAGRAPH, text)
        elif self._opened == "dt":
            self._term = text
        elif rows := _grid_rows(token.content):
            for row in rows:
                self._add(BlockKind.TABLE_ROW, row)
        elif not _ATTRIBUTES_ALONE.fullmatch(text.strip()):
            self._add_paragraph(text)

    def _add_paragraph(self, text: str) -> None:
        kind = self._kind()
        if kind == BlockKind.QUOTATION:
            text = _ALERT.sub("", text, count=1) if text.startswith("[!") else text
        elif kind == BlockKind.LIST_ITEM:
            text = _TASK.sub("", text, count=1)
            text, self._term = (f"{self._term}: {text}" if self._term else text), ""
        self._add(kind, text)

    def _kind(self) -> BlockKind:
        return self._containers[-1] if self._containers else BlockKind.PARAGRAPH

    def _add(self, kind: BlockKind, text: str, level: int = 0) -> None:
        if text.strip() and not self._inline.is_hidden:
            self.blocks.append(Block(kind=kind, text=text, level=level if kind == BlockKind.HEADING else 0))


_KINDS_OF_ADMONITION = frozenset([
    "note", "abstract", "info", "tip", "success", "question", "warning", "failure", "danger", "bug",
    "example", "quote", "hint", "important", "caution", "attention", "error", "seealso", "todo",
    "summary", "tldr",
])  # fmt: skip


def _grid_rows(text: str) -> list[str]:
    """Of a table drawn with lines, as Pandoc reads them; cells stay as they were written."""
    return ruled_rows(text.split("\n")) if text.startswith("+-") else []


def _is_link_to_heading(children: list[Token]) -> bool:
    filled = [child for child in children if child.content.strip() or child.type == "link_open"]
    return bool(filled) and filled[0].type == "link_open" and all(
        child.type != "link_open" or str(child.attrs.get("href", "")).startswith("#") for child in children
    ) and children[-1].type == "link_close"  # fmt: skip
