"""Title, author, date and language of a PDF."""

from __future__ import annotations

import re
from collections.abc import Sequence
from ctypes import c_ulong, create_string_buffer
from html import unescape
from typing import Any, NamedTuple

import pypdfium2.raw as pdfium

from tasks.pipeline.reading.types import Block
from tasks.pipeline.types import BlockKind

MAX_TITLE = 300

_NO_TITLE = re.compile(
    r"\(?(?:untitled.{0,20}|anonymous|unspecified)\)?|ohne titel|unbenannt.{0,20}|"
    r"(?:microsoft )?(?:word|powerpoint|excel)(?: - .{0,300})?|document\d{0,4}|dokument\d{0,4}|"
    r"presentation\d{0,4}|title|titel|slide \d{1,3}|layout \d{1,3}|print|about:blank|none|null|\W*|"
    r"[\w .()\[\]-]{1,200}\.(?:docx?|pdf|indd|qxd|qxp|tex|dvi|odt|rtf|txt|html?|pptx?|xlsx?|pages|eps|ps)|"
    r"(?:file|https?)://\S{1,300}|[\w-]{0,40}\d{4,40}[\w-]{0,40}|pii:.{0,100}|doi:.{0,100}",
    re.IGNORECASE,
)
_DATE = re.compile(
    r"D?:?\s?(\d{4})(?:(\d\d)(?:(\d\d)(?:(\d\d)(\d\d)(\d\d)?)?)?)?(?:\s?(Z|[+-]\d\d)'?(\d\d)?)?"
)
_XMP = re.compile(rb"<x:xmpmeta.{0,60000}?</x:xmpmeta>", re.DOTALL)
_XMP_TITLE = re.compile(
    r"<dc:title>\s{0,200}<rdf:Alt>\s{0,200}<rdf:li[^>]{0,100}>([^<]{1,500})</rdf:li>", re.IGNORECASE
)
_XMP_AUTHORS = re.compile(r"<dc:creator>\s{0,200}<rdf:(?:Seq|Bag)>(.{1,3000}?)</rdf:(?:Seq|Bag)>", re.DOTALL)
_XMP_ITEM = re.compile(r"<rdf:li[^>]{0,100}>([^<]{1,200})</rdf:li>")
_XMP_DATE = re.compile(r"<?xmp:CreateDate(?:>|=\")([^<\"]{4,40})")
_ISO_DATE = re.compile(r"\d{4}(?:-\d\d(?:-\d\d(?:T\d\d:\d\d(?::\d\d)?(?:Z|[+-]\d\d:\d\d)?)?)?)?")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8}){0,3}")


class PdfMetadata(NamedTuple):
    title: str
    author: str
    published: str
    """When the file says it was made, in ISO 8601: a PDF has no date of publication."""
    language: str


def metadata_of(document: Any, data: bytes) -> PdfMetadata:
    """What the file says of itself: XMP first, which newer producers keep, else the older dictionary."""
    packet = _XMP.search(data)
    xmp = packet[0].decode("utf-8", "replace") if packet else ""
    title = _first(_XMP_TITLE, xmp) or _info(document, b"Title")
    return PdfMetadata(
        title="" if _NO_TITLE.fullmatch(title.strip()) else " ".join(title.split())[:MAX_TITLE],
        author=_authors(xmp) or _author(_info(document, b"Author")),
        published=_iso(_first(_XMP_DATE, xmp)) or _from_pdf_date(_info(document, b"CreationDate")),
        language=_language(document),
    )


def title_from(blocks: Sequence[Block]) -> str:
    """The largest heading at the beginning, else a short first block."""
    headings = [block for block in blocks[:12] if block.kind is BlockKind.HEADING]
    if headings:
        return min(headings, key=lambda block: block.level).text[:MAX_TITLE]
    first = blocks[0] if blocks else None
    if (
        first
        and first.kind is BlockKind.PARAGRAPH
        and len(first.text) <= 120
        and not first.text.endswith(".")
    ):
        return first.text
    return ""


def _info(document: Any, key: bytes) -> str:
    length = pdfium.FPDF_GetMetaText(document, key, None, 0)
    if not 2 < length <= 4000:
        return ""
    buffer = create_string_buffer(length)
    pdfium.FPDF_GetMetaText(document, key, buffer, c_ulong(length))
    return buffer.raw.decode("utf-16-le", "replace").rstrip("\x00").strip()


def _language(document: Any) -> str:
    length = pdfium.FPDFCatalog_GetLanguage(document, None, 0)
    if not 2 < length <= 100:
        return ""
    buffer = (pdfium.FPDF_WCHAR * (length // 2 + 1))()
    pdfium.FPDFCatalog_GetLanguage(document, buffer, length)
    language = bytes(buffer).decode("utf-16-le", "replace").rstrip("\x00").strip()
    return language if _LANGUAGE.fullmatch(language) else ""


def _first(pattern: re.Pattern[str], text: str) -> str:
    found = pattern.search(text)
    return unescape(found[1]).strip() if found else ""


def _authors(xmp: str) -> str:
    found = _XMP_AUTHORS.search(xmp)
    names = [unescape(name).strip() for name in _XMP_ITEM.findall(found[1])] if found else []
    return _author(", ".join(name for name in names if name))


def _author(name: str) -> str:
    is_account = re.fullmatch(
        r"(?:admin\w{0,12}|user\d{0,4}|owner|author|unknown|\(?(?:anonymous|unspecified)\)?|\W*)",
        name,
        re.IGNORECASE,
    )
    return "" if is_account else " ".join(name.split())[:200]


def _iso(date: str) -> str:
    found = _ISO_DATE.match(date)
    return found[0] if found else ""


def _from_pdf_date(date: str) -> str:
    found = _DATE.match(date)
    if not found:
        return ""
    year, month, day, hour, minute, second, zone, rest = found.groups()
    if not month or not day or not (1 <= int(month) <= 12 and 1 <= int(day) <= 31):
        return year
    if not hour:
        return f"{year}-{month}-{day}"
    offset = "" if not zone else "Z" if zone == "Z" else f"{zone}:{rest or '00'}"
    return f"{year}-{month}-{day}T{hour}:{minute}:{second or '00'}{offset}"
