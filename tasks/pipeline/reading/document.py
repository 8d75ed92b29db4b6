"""Reads a document of any known format: which reader takes it, and the bounds on what it gives."""

from __future__ import annotations

import importlib
import re
from pathlib import PurePosixPath

from tasks.pipeline.errors import UnreadableText
from tasks.pipeline.reading.office import recognition
from tasks.pipeline.reading.types import MAX_CHARACTERS, Block, Declared, Reading
from tasks.pipeline.text.typography import shown

MAX_BYTES = 10_000_000
FAST_TO_READ_BYTES = 20_000

READERS = {
    "application/pdf": "pdf",
    "text/html": "html",
    "text/markdown": "markdown",
    "text/plain": "plain",
    **recognition.READERS,
}
"""The module of this package that reads each media type, by its `read(data, declared) -> Reading`.

Imported with the first document of its type: some load large libraries.
"""
OTHER_NAMES = {
    "application/xhtml+xml": "text/html",
    "text/x-markdown": "text/markdown",
    **recognition.OTHER_NAMES,
}
SUFFIXES = {
    ".pdf": "application/pdf",
    ".html": "text/html",
    ".htm": "text/html",
    ".xhtml": "text/html",
    ".md": "text/markdown",
    ".markdown": "text/markdown",
    **recognition.SUFFIXES,
}
QUICK = frozenset({"text/markdown", "text/plain"})
"""What takes only milliseconds and no outside parser when it is short."""

_HTML = re.compile(
    r"^\s*(<!doctype html|<html\b|<\?xml[^>]*>\s*<!doctype html)|</(p|div|body|article|h1)>", re.IGNORECASE
)
_MARKDOWN = re.compile(r"^#{1,6} \S|^(```|~~~)|\]\([^)\s]+\)|\*\*\S", re.MULTILINE)


def read_bytes(data: bytes, *, content_type: str = "", name: str = "") -> Reading:
    """Read a document, in this process; CPU-bound, up to seconds. Raises UnreadableText.

    The format is taken from the first bytes, else from the content type, else from the name.
    """
    if len(data) > MAX_BYTES:
        raise UnreadableText(f"The document is larger than {MAX_BYTES // 1_000_000} MB; give a shorter one.")
    if not data.strip():
        raise UnreadableText("The document is empty; give one with text.")
    declared = declared_by(content_type, name)
    reader = importlib.import_module(f"tasks.pipeline.reading.{READERS[media_type_of(data, declared)]}")
    reading: Reading = reader.read(data, declared)
    return _bounded(reading, name)


def is_fast_to_read(data: bytes, *, content_type: str = "", name: str = "") -> bool:
    """Whether it takes only milliseconds and no outside parser: short plain text or Markdown."""
    if len(data) > FAST_TO_READ_BYTES or data.startswith(recognition.ARCHIVE_STARTS):
        return False
    try:
        return media_type_of(data, declared_by(content_type, name)) in QUICK
    except UnreadableText:
        return True


def declared_by(content_type: str, name: str) -> Declared:
    """What a Content-Type header and the name of a file say."""
    charset = re.search(r"charset=[\"']?([\w.:-]+)", content_type, re.IGNORECASE)
    media_type = content_type.partition(";")[0].strip().lower()
    return Declared(OTHER_NAMES.get(media_type, media_type), charset[1] if charset else "", name)


def media_type_of(data: bytes, declared: Declared) -> str:
    """A key of READERS; the first bytes overrule name and content type. Raises UnreadableText."""
    by_suffix = SUFFIXES.get(PurePosixPath(declared.name.lower()).suffix, "")
    if data[:1024].lstrip().startswith(b"%PDF-"):
        return "application/pdf"
    if office_type := recognition.office_type(data, declared.name):
        return office_type
    if "application/pdf" in (declared.media_type, by_suffix if not declared.media_type else ""):
        raise UnreadableText("The document is named a PDF but is not one; export it again or paste its text.")
    for media_type in ("text/html", "text/markdown"):
        if media_type in (declared.media_type, by_suffix):
            return media_type
    head = data[:4096].decode("utf-8", "replace")
    if _HTML.search(head):
        return "text/html"
    return "text/markdown" if _MARKDOWN.search(head) else "text/plain"


def load_readers() -> None:
    from tasks.pipeline.reading import html, pdf  # noqa: F401


def _bounded(reading: Reading, name: str) -> Reading:
    """Whole blocks up to the limit, each as it is shown. Raises UnreadableText when nothing is left."""
    blocks, size, warnings = list[Block](), 0, reading.warnings
    for block in reading.blocks:
        text = shown(block.text)
        if not text:
            continue
        if size + len(text) > MAX_CHARACTERS:
            if not blocks:
                blocks.append(block.model_copy(update={"text": text[:MAX_CHARACTERS]}))
            warnings += (
                f"The document is longer than its first {MAX_CHARACTERS:,} characters, which are read.",
            )
            break
        blocks.append(block.model_copy(update={"text": text}))
        size += len(text)
    if not any(character.isalpha() for block in blocks for character in block.text):
        raise UnreadableText("No text was found in the document; paste its text instead.")
    stem = shown(re.sub(r"[-_]+", " ", PurePosixPath(name).stem))
    title = shown(reading.title) or stem
    return reading.model_copy(update={"blocks": tuple(blocks), "title": title, "warnings": warnings})
