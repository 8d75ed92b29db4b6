"""Which office format the bytes are, by what is in them."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from tasks.pipeline.errors import UnreadableText

if TYPE_CHECKING:
    from tasks.pipeline.reading.office.archive import OfficeArchive

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
PPTX = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
ODT = "application/vnd.oasis.opendocument.text"
EPUB = "application/epub+zip"

ZIP_START = b"PK\x03\x04"
OLE_START = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""Of the compound files that hold older office formats, and the encrypted ones of today."""

ARCHIVE_STARTS = (ZIP_START, OLE_START)

READERS = {DOCX: "office.docx", PPTX: "office.pptx", ODT: "office.odt", EPUB: "office.epub"}
SUFFIXES = {
    ".docx": DOCX, ".docm": DOCX, ".dotx": DOCX, ".dotm": DOCX,
    ".pptx": PPTX, ".pptm": PPTX, ".ppsx": PPTX, ".ppsm": PPTX, ".potx": PPTX,
    ".odt": ODT, ".ott": ODT, ".epub": EPUB,
}  # fmt: skip
OTHER_NAMES = {
    "application/vnd.openxmlformats-officedocument.wordprocessingml.template": DOCX,
    "application/vnd.ms-word.document.macroenabled.12": DOCX,
    "application/vnd.ms-word.template.macroenabled.12": DOCX,
    "application/vnd.openxmlformats-officedocument.presentationml.slideshow": PPTX,
    "application/vnd.openxmlformats-officedocument.presentationml.template": PPTX,
    "application/vnd.ms-powerpoint.presentation.macroenabled.12": PPTX,
    "application/vnd.ms-powerpoint.slideshow.macroenabled.12": PPTX,
    "application/vnd.oasis.opendocument.text-template": ODT,
    "application/x-epub+zip": EPUB,
    "application/epub": EPUB,
}

_OPEN_DOCUMENT = "application/vnd.oasis.opendocument."
_OTHER_OPEN_DOCUMENTS = {
    "spreadsheet": "an OpenDocument spreadsheet (.ods)",
    "presentation": "an OpenDocument presentation (.odp)",
    "graphics": "an OpenDocument drawing (.odg)",
    "formula": "an OpenDocument formula (.odf)",
}
_OTHER_OPEN_XML = (
    (re.compile(rb"spreadsheetml|vnd\.ms-excel"), "an Excel workbook (.xlsx)"),
    (re.compile(rb"vnd\.ms-visio"), "a Visio drawing (.vsdx)"),
)
_MAIN_PARTS = (
    (re.compile(rb"(wordprocessingml|ms-word)\.(document|template)\.(main|macroEnabled)"), DOCX),
    (
        re.compile(
            rb"(presentationml|ms-powerpoint)\.(presentation|template|slideshow)\.(main|macroEnabled)"
        ),
        PPTX,
    ),
)
_OLE_STREAMS = (
    ("WordDocument", "an old Word document (.doc)"),
    ("PowerPoint Document", "an old PowerPoint presentation (.ppt)"),
    ("Workbook", "an old Excel workbook (.xls)"),
    ("__nameid_version", "an Outlook message (.msg)"),
)
_REMEDY = "save it as .docx or PDF, or paste its text."


def office_type(data: bytes, name: str = "") -> str:
    """A key of READERS for an archive or a compound file, "" for all else. Raises UnreadableText.

    What is an office format without a reader is refused by its name.
    """
    if data.startswith(OLE_START):
        raise UnreadableText(_about_compound_file(data))
    if not data.startswith(ZIP_START):
        return ""
    from tasks.pipeline.reading.office.archive import OfficeArchive

    archive = OfficeArchive(data)
    if "[Content_Types].xml" in archive:
        types = archive.read("[Content_Types].xml")
        for pattern, media_type in _MAIN_PARTS:
            if pattern.search(types):
                return media_type
        for part, media_type in (("word/document.xml", DOCX), ("ppt/presentation.xml", PPTX)):
            if part in archive:
                return media_type
        for pattern, what in _OTHER_OPEN_XML:
            if pattern.search(types):
                raise UnreadableText(f"The file is {what}, which is not read: {_REMEDY}")
    declared = _declared_inside(archive)
    if declared in (EPUB, ODT) or declared.startswith(f"{ODT}-"):
        return EPUB if declared == EPUB else ODT
    if "META-INF/container.xml" in archive and "META-INF/manifest.xml" not in archive:
        return EPUB
    raise UnreadableText(_about_other_archive(declared, archive.names, name))


def _declared_inside(archive: OfficeArchive) -> str:
    if "mimetype" in archive:
        return archive.read("mimetype").decode("ascii", "replace").strip().strip("\ufffd").lower()
    if "META-INF/manifest.xml" in archive:
        manifest = archive.read("META-INF/manifest.xml")
        found = re.search(rb'"(application/vnd\.oasis\.opendocument\.[\w-]{1,40})"', manifest)
        return found[1].decode() if found else ""
    return ""


def _about_other_archive(media_type: str, names: list[str], name: str) -> str:
    if media_type.startswith(_OPEN_DOCUMENT):
        kind = media_type.removeprefix(_OPEN_DOCUMENT).partition("-")[0]
        what = _OTHER_OPEN_DOCUMENTS.get(kind, "an OpenDocument file of another kind")
        return f"The file is {what}, which is not read: {_REMEDY}"
    if any(part.endswith(".iwa") or part in ("index.zip", "index.xml.gz", "index.apxl") for part in names):
        suffix = PurePosixPath(name.lower()).suffix
        what = {".key": "a Keynote presentation", ".numbers": "a Numbers spreadsheet"}.get(
            suffix, "a Pages document"
        )
        return f"The file is {what}, which is not read: {_REMEDY}"
    return "The file is a ZIP archive, which is not read: give the document in it, or paste its text."


def _about_compound_file(data: bytes) -> str:
    if "EncryptedPackage".encode("utf-16-le") in data:
        return "The file is protected by a password; save it without one, or paste its text."
    for stream, what in _OLE_STREAMS:
        if stream.encode("utf-16-le") in data:
            return f"The file is {what}, which is not read: {_REMEDY}"
    return f"The file is in an old office format, which is not read: {_REMEDY}"
