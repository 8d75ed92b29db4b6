"""Reads a document of any known format: which reader takes it, and the bounds on what it gives."""

from __future__ import annotations

import importlib
import re
from pathlib import PurePosixPath

from tasks.pipeline.errors import UnreadableText
from tasks.pipeline.reading.formats import OTHER_NAMES, READERS, SUFFIXES
from tasks.pipeline.reading.office import recognition
from tasks.pipeline.reading.text_problems import problems_of
from tasks.pipeline.reading.types import MAX_CHARACTERS, Block, Declared, Reading
from tasks.pipeline.text.model_instructions import warning_about
from tasks.pipeline.text.typography import shown

MAX_BYTES = 10_000_000
FAST_TO_READ_BYTES = 20_000

QUICK = frozenset({"text/markdown", "text/plain", "text/csv", "text/tab-separated-values"})
"""What takes only milliseconds and no outside parser when it is short."""

_HTML = re.compile(
    r"^\s*(<!doctype html|<html\b|<\?xml[^>]*>\s*<!doctype html)|</(p|div|body|article|h1)>", re.IGNORECASE
)
# Headers that only a message has, among its first lines.
_MAIL = re.compile(
    r"(?:From .{0,200}\n)?(?:[A-Za-z][A-Za-z0-9-]{1,40}:[ \t].{0,998}\r?\n(?:[ \t].{0,998}\r?\n){0,50}){0,60}"
    r"(?:Received|Message-ID|MIME-Version|Return-Path|Delivered-To):",
    re.IGNORECASE,
)
_MARKDOWN = re.compile(
    r"^#{1,6} \S|^(```|~~~)|\]\([^)\s]+\)"
    r"|(?<!\*)\*\*[^\s*][^*\n]{0,200}\*\*(?!\*)",
    re.MULTILINE,
)


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
        # What is no UTF-8 may need the detector of character sets, whose tables take 30 MB.
        data.decode("utf-8")
        return media_type_of(data, declared_by(content_type, name)) in QUICK
    except UnicodeDecodeError:
        return False
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
    is_named_pdf = "application/pdf" in (declared.media_type, by_suffix if not declared.media_type else "")
    # The header may stand anywhere in the first kilobyte, and some servers write lines before it.
    if data[:1024].lstrip().startswith(b"%PDF-") or (is_named_pdf and b"%PDF-" in data[:1024]):
        return "application/pdf"
    if office_type := recognition.office_type(data, declared.name):
        return office_type
    if is_named_pdf:
        raise UnreadableText("The document is named a PDF but is not one; export it again or paste its text.")
    if data[:64].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{\\rtf"):
        return "application/rtf"
    if "application/rtf" in (declared.media_type, by_suffix):
        raise UnreadableText("The document is named RTF but is not; save it again or paste its text.")
    if "message/rfc822" in (declared.media_type, by_suffix):
        return "message/rfc822"
    for media_type in ("text/html", "text/markdown"):
        if media_type in (declared.media_type, by_suffix):
            return media_type
    if by_suffix or (declared.media_type in READERS and declared.media_type != "text/plain"):
        return by_suffix if by_suffix in READERS else declared.media_type
    return _of_unnamed_text(data)


def _of_unnamed_text(data: bytes) -> str:
    encoding = "utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8"
    # Without a byte order mark, UTF-16 is its ASCII characters and zeros between them.
    head = data[:4096].decode(encoding, "replace").replace("\x00", "")
    if _MAIL.match(head):
        return "message/rfc822"
    if _HTML.search(head):
        return "text/html"
    return "text/markdown" if _MARKDOWN.search(head) else "text/plain"


def load_readers() -> None:
    from tasks.pipeline.reading import html, pdf  # noqa: F401


def _bounded(reading: Reading, name: str) -> Reading:
    """Whole blocks up to the limit, each as it is shown. Raises UnreadableText when nothing is left."""
    # Before `shown` takes out what cannot be shown, by which some of them are recognised.
    warnings = (*reading.warnings, *problems_of(reading.text))
    blocks, size = list[Block](), 0
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
    if said := warning_about("\n\n".join([title, stem, *(block.text for block in blocks)])):
        warnings += (said,)
    return reading.model_copy(
        update={"blocks": tuple(blocks), "title": title, "warnings": tuple(dict.fromkeys(warnings))}
    )
