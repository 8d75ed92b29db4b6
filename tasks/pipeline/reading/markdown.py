"""Markdown, as a source."""

from __future__ import annotations

import re

from tasks.pipeline.reading.charsets import decode
from tasks.pipeline.reading.types import Block, Declared, Reading
from tasks.pipeline.types import BlockKind

READER = "markdown 1"

_FENCE = re.compile(
    r"^ {0,3}(`{3,9}|~{3,9})[^\n]*\n.*?(^ {0,3}\1[`~]{0,9}[ \t]{0,9}$|\Z)", re.MULTILINE | re.DOTALL
)
_FRONT_MATTER = re.compile(r"\A---\n.*?\n---\n", re.DOTALL)
# Every repeat is bounded: a page of unclosed marks must not take quadratic time, which freezes the process.
_INLINE_MARKUP: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"<!--.*?(-->|\Z)", re.DOTALL), ""),
    (re.compile(r"!\[[^\]]{0,500}\](\([^)]{0,2000}\)|\[[^\]]{0,500}\])"), ""),
    (re.compile(r"\[\^[^\]]{1,100}\]"), ""),
    (re.compile(r"\[([^\]]{1,500})\](\([^)]{0,2000}\)|\[[^\]]{0,500}\])"), r"\1"),
    (re.compile(r"<(https?://[^>\s]{1,2000})>"), r"\1"),
    (re.compile(r"</?[a-zA-Z][^<>]{0,1000}>"), ""),
    (re.compile(r"`{1,3}([^`\n]{1,500})`{1,3}"), r"\1"),
    (re.compile(r"(\*{1,3}|~~)(?=\S)(.{1,500}?)(?<=\S)\1", re.DOTALL), r"\2"),
    (re.compile(r"(?<!\w)(_{1,3})(?=\S)(.{1,500}?)(?<=\S)\1(?!\w)", re.DOTALL), r"\2"),
    (re.compile(r"\\([\\`*_{}\[\]()#+.!|>~-])"), r"\1"),
)
_BLOCK_START = re.compile(r"^\s{0,3}(>\s?)*\s*([-*+]\s+|\d{1,3}[.)]\s+)")
_HEADING = re.compile(r"^ {0,3}(#{1,6})\s+(.*?)\s*#*\s*$")
_DROPPED_LINE = re.compile(r"^\s*(\|.*|([-*_=]\s*){3,}|\[[^\]]+\]:\s.*)$")


def read(data: bytes, declared: Declared) -> Reading:
    """Raises UnreadableText when the bytes are no text."""
    decoded = decode(data, declared.charset)
    title, paragraphs = _title_and_paragraphs(decoded.text)
    return Reading(
        blocks=tuple(Block(kind=BlockKind.PARAGRAPH, text=text) for text in paragraphs),
        media_type="text/markdown",
        reader=READER,
        title=title,
        charset=decoded.charset,
        charset_from=decoded.found_by,
    )


def _title_and_paragraphs(text: str) -> tuple[str, list[str]]:
    """Extract headings, paragraphs and list items, without images, tables and blocks of code."""
    text = _FRONT_MATTER.sub("", text, count=1)
    text = _FENCE.sub("\n", text)
    for pattern, replacement in _INLINE_MARKUP:
        text = pattern.sub(replacement, text)
    title, paragraphs, lines = "", list[str](), list[str]()
    for line in [*text.split("\n"), ""]:
        heading = _HEADING.match(line)
        starts_block = bool(heading or not line.strip() or _BLOCK_START.match(line))
        if starts_block and lines:
            paragraphs.append(" ".join(lines))
            lines = []
        if heading:
            title = title or (heading[2] if heading[1] == "#" else "")
            paragraphs.append(heading[2])
        elif not _DROPPED_LINE.match(line) and not (not lines and line.startswith(("    ", "\t"))):
            lines += [_BLOCK_START.sub("", line).lstrip("> ").strip()] if line.strip() else []
    return title, paragraphs
