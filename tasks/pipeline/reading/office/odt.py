"""Text documents of LibreOffice, and of all that write the OpenDocument format (.odt, .ott)."""

from __future__ import annotations

import posixpath

from lxml import etree

from tasks.pipeline.errors import UnreadableText
from tasks.pipeline.reading.coverage import share_taken
from tasks.pipeline.reading.office.archive import OfficeArchive, parse_xml
from tasks.pipeline.reading.office.docx import first_heading
from tasks.pipeline.reading.office.languages import most_used
from tasks.pipeline.reading.office.odt_body import OdtReader, Place, plain_paragraphs
from tasks.pipeline.reading.office.odt_styles import META, OFFICE, OdtStyles
from tasks.pipeline.reading.office.properties import (
    DocumentProperties,
    iso_date,
    left_out_warning,
    real_title,
    share_warning,
    white_text_warning,
)
from tasks.pipeline.reading.office.recognition import ODT
from tasks.pipeline.reading.types import Declared, Reading

READER = "odt 1"

_DUBLIN_CORE = "{http://purl.org/dc/elements/1.1/}"


def read(data: bytes, declared: Declared) -> Reading:
    """Tracked deletions, comments, hidden and struck-out text, headers and footers are no part of the text.

    Raises UnreadableText.
    """
    archive = OfficeArchive(data)
    if "META-INF/manifest.xml" in archive and b"encryption-data" in archive.read("META-INF/manifest.xml"):
        raise UnreadableText("The file is protected by a password; save it without one, or paste its text.")
    content = archive.xml("content.xml")
    styles = archive.optional_xml("styles.xml")
    reader = OdtReader(
        OdtStyles([content] if styles is None else [content, styles]), lambda name: _embedded(archive, name)
    )
    text = content.find(f"{OFFICE}body/{OFFICE}text")
    if text is None:
        raise UnreadableText("The file is damaged and cannot be read; save it again, or paste its text.")
    blocks = [*reader.blocks(text, Place()), *reader.note_blocks()]
    properties = _properties(archive)
    share = share_taken(plain_paragraphs(text), (block.text for block in blocks), hidden=reader.hidden)
    left_out = reader.left_out
    return Reading(
        blocks=tuple(blocks),
        media_type=ODT,
        reader=READER,
        title=reader.title or properties.title or first_heading(blocks),
        author=properties.author,
        published=properties.published,
        language=properties.language or most_used(reader.languages),
        share_taken=share,
        warnings=left_out_warning(left_out.pictures, left_out.objects, left_out.formulas)
        + white_text_warning(left_out.white_words)
        + share_warning(share),
    )


def _properties(archive: OfficeArchive) -> DocumentProperties:
    """dc:creator is who saved it last; who began it comes first. The date is that of the last change."""
    root = archive.optional_xml("meta.xml")
    if root is None:
        return DocumentProperties()

    def text(tag: str) -> str:
        return (root.findtext(f".//{tag}") or "").strip()

    return DocumentProperties(
        title=real_title(text(f"{_DUBLIN_CORE}title")),
        author=text(f"{META}initial-creator") or text(f"{_DUBLIN_CORE}creator"),
        published=iso_date(text(f"{_DUBLIN_CORE}date")) or iso_date(text(f"{META}creation-date")),
        language=text(f"{_DUBLIN_CORE}language"),
    )


def _embedded(archive: OfficeArchive, name: str) -> etree._Element | None:
    """The content of an object, as of a chart: a folder in the archive, or a part by itself."""
    path = posixpath.normpath(name)
    if path.startswith("..") or not name:
        return None
    for candidate in (f"{path}/content.xml", path):
        if candidate in archive:
            try:
                return parse_xml(archive.read(candidate))
            except UnreadableText:
                return None
    return None
