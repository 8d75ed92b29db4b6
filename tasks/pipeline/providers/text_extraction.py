"""Extracts the plain text of documents: Markdown, HTML, PDF or plain text.

Paragraphs are separated by one blank line, because sentences are quoted from this very text.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from pathlib import PurePosixPath

from tasks.pipeline.errors import UnreadableText
from tasks.pipeline.off_loop import preloads

MAX_BYTES = 10_000_000
MAX_CHARACTERS = 300_000

__all__ = ["MAX_BYTES", "UnreadableText", "extract_text", "is_fast_to_read"]

FAST_TO_READ_BYTES = 20_000
Extracted = tuple[str, list[str]]

_INVISIBLE = re.compile(
    "[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff\U000e0000-\U000e007f]"
)
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f\ufffd]")
_HTML = re.compile(
    r"^\s*(<!doctype html|<html\b|<\?xml[^>]*>\s*<!doctype html)|</(p|div|body|article|h1)>", re.IGNORECASE
)
_MARKDOWN = re.compile(r"^#{1,6} \S|^(```|~~~)|\]\([^)\s]+\)|\*\*\S", re.MULTILINE)

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


def load_readers() -> None:
    from tasks.pipeline.providers import html_extraction  # noqa: F401


@preloads(load_readers)
def extract_text(data: bytes, *, content_type: str = "", name: str = "") -> tuple[str, str]:
    """Return the title and the plain text of a document.

    The kind is taken from the content type, else from the name, else from the bytes. CPU-bound: a
    large page or PDF takes up to seconds. Raises UnreadableText.
    """
    if len(data) > MAX_BYTES:
        raise UnreadableText(f"The document is larger than {MAX_BYTES // 1_000_000} MB; give a shorter one.")
    if not data.strip():
        raise UnreadableText("The document is empty; give one with text.")
    title, paragraphs = _reader(data, content_type, name)(data, _charset(content_type))
    text = _joined(paragraphs)
    if not any(character.isalpha() for character in text):
        raise UnreadableText("No text was found in the document; paste its text instead.")
    return _one_line(title) or _stem(name), text


def is_fast_to_read(data: bytes, *, content_type: str = "", name: str = "") -> bool:
    """Whether it takes only milliseconds and no outside parser: short plain text or Markdown."""
    if len(data) > FAST_TO_READ_BYTES:
        return False
    try:
        return _reader(data, content_type, name) in (_read_plain, _read_markdown)
    except UnreadableText:
        return True


def _reader(data: bytes, content_type: str, name: str) -> Callable[[bytes, str], Extracted]:
    """Choose how to read the document; its own first bytes overrule its name and content type."""
    kind = content_type.partition(";")[0].strip().lower()
    suffix = PurePosixPath(name.lower()).suffix
    if data[:1024].lstrip().startswith(b"%PDF-"):
        return _read_pdf
    if kind == "application/pdf" or (not kind and suffix == ".pdf"):
        raise UnreadableText("The document is named a PDF but is not one; export it again or paste its text.")
    if kind in ("text/html", "application/xhtml+xml") or suffix in (".html", ".htm", ".xhtml"):
        return _read_html
    if kind == "text/markdown" or suffix in (".md", ".markdown"):
        return _read_markdown
    head = data[:4096].decode("utf-8", "replace")
    if _HTML.search(head):
        return _read_html
    return _read_markdown if _MARKDOWN.search(head) else _read_plain


def _read_html(data: bytes, charset: str) -> Extracted:
    if b"\x00" in data[:1024] and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise UnreadableText("The document is not text; give HTML, Markdown, PDF or plain text.")
    # Imported here, in the few processes that read a page: it takes 15 MB of memory.
    from tasks.pipeline.providers import html_extraction

    return html_extraction.read(data, charset)


def _read_pdf(data: bytes, charset: str) -> Extracted:
    # As above.
    from tasks.pipeline.providers import pdf_extraction

    try:
        return pdf_extraction.read(data, MAX_CHARACTERS)
    except pdf_extraction.PdfProblem as problem:
        raise UnreadableText(str(problem)) from problem


def _read_plain(data: bytes, charset: str) -> Extracted:
    paragraphs = re.split(r"\n\s*\n", _decoded(data, charset))
    if len(paragraphs) < 4 and max(map(len, paragraphs)) > 2000:
        # One long block with a line for each paragraph, as word processors save it.
        paragraphs = [line for paragraph in paragraphs for line in paragraph.split("\n")]
    first = _one_line(paragraphs[0]) if paragraphs else ""
    is_title = len(paragraphs) > 1 and len(first) <= 120 and not first.endswith((".", "!", "?", ":", ";"))
    return (first if is_title else ""), paragraphs


def _read_markdown(data: bytes, charset: str) -> Extracted:
    """Extract headings, paragraphs and list items, without images, tables and blocks of code."""
    text = _FRONT_MATTER.sub("", _decoded(data, charset), count=1)
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


def _decoded(data: bytes, charset: str) -> str:
    """Decode, or refuse what is not text at all."""
    for encoding in (
        charset,
        "utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "",
        "utf-8-sig",
        "cp1252",
    ):
        if not encoding:
            continue
        try:
            text = data.decode(encoding)
        except (UnicodeDecodeError, LookupError):
            continue
        if len(_CONTROL.findall(text[:20_000])) <= min(len(text), 20_000) // 200:
            return text.replace("\r\n", "\n").replace("\r", "\n")
    raise UnreadableText("The document is not text; give HTML, Markdown, PDF or plain text.")


def _charset(content_type: str) -> str:
    match = re.search(r"charset=[\"']?([\w.:-]+)", content_type, re.IGNORECASE)
    return match[1] if match else ""


def _joined(paragraphs: list[str]) -> str:
    """Normalise each paragraph and join them, whole ones only, up to the limit."""
    included, size = list[str](), 0
    for paragraph in filter(None, map(_one_line, paragraphs)):
        if size + len(paragraph) > MAX_CHARACTERS:
            if not included:
                included.append(paragraph[:MAX_CHARACTERS])
            break
        included.append(paragraph)
        size += len(paragraph)
    return "\n\n".join(included)


def _one_line(text: str) -> str:
    """Collapse white space and remove characters that no reader sees."""
    text = unicodedata.normalize("NFC", _CONTROL.sub("", _INVISIBLE.sub("", text)))
    return " ".join(text.split())


def _stem(name: str) -> str:
    return _one_line(re.sub(r"[-_]+", " ", PurePosixPath(name).stem))
