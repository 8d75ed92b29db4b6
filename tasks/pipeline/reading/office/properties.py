"""What Office documents say of themselves, and the sentences on what their reading lacks."""

from __future__ import annotations

import re
from dataclasses import dataclass

from lxml import etree

from tasks.pipeline.reading.office.archive import OfficeArchive

_DATE = re.compile(
    r"\s*(\d{4}(?:-\d\d(?:-\d\d(?:T\d\d:\d\d(?::\d\d)?(?:\.\d{1,9})?(?:Z|[+-]\d\d:?\d\d)?)?)?)?)"
)
_PLACEHOLDER_TITLE = re.compile(
    r"microsoft (word|powerpoint) - .*|(powerpoint|präsentation|présentation|presentation).{0,20}"
    r"|(untitled|document|dokument|slide)\s?\d{0,3}|.{1,100}\.(docx?|pptx?|dotx?|rtf|odt)",
    re.IGNORECASE,
)
# python-docx and python-pptx leave these of their templates in the files that they make.
_DATES_OF_TEMPLATES = ("2013-12-23T23:15:00Z", "2013-01-27T09:14:16Z", "2013-01-27T09:15:58Z")
ENOUGH_TAKEN = 0.95


@dataclass(frozen=True)
class DocumentProperties:
    title: str = ""
    author: str = ""
    published: str = ""
    language: str = ""


def core_properties(archive: OfficeArchive) -> DocumentProperties:
    """Of an Open XML document. The date is that of the last change: the words read are of that day."""
    names = [name for kind, name in archive.relations("").values() if kind == "core-properties"]
    root = archive.optional_xml(names[0] if names else "docProps/core.xml")
    if root is None:
        return DocumentProperties()
    dates = [_text(root, name) for name in ("modified", "created")]
    author = _text(root, "creator")
    return DocumentProperties(
        title=real_title(_text(root, "title")),
        author="" if author == "python-docx" else author,
        published=next((iso_date(date) for date in dates if date and date not in _DATES_OF_TEMPLATES), ""),
        language=_text(root, "language"),
    )


def real_title(title: str) -> str:
    """ "" for what programs fill in by themselves."""
    title = " ".join(title.split())
    return "" if _PLACEHOLDER_TITLE.fullmatch(title[:200]) else title[:300]


def iso_date(text: str) -> str:
    found = _DATE.match(text)
    return found[1] if found else ""


def left_out_warning(pictures: int, objects: int, formulas: int, symbols: int = 0) -> tuple[str, ...]:
    parts = [
        _counted(pictures, "picture"),
        _counted(objects, "embedded object"),
        _counted(formulas, "formula"),
        _counted(symbols, "character of a symbol font", "characters of a symbol font"),
    ]
    listed = [part for part in parts if part]
    if not listed:
        return ()
    joined = ", ".join(listed[:-1]) + (" and " if listed[1:] else "") + listed[-1]
    return (f"Left out: {joined}, with any words in them.",)


def white_text_warning(words: int) -> tuple[str, ...]:
    if not words:
        return ()
    counted = "1 word" if words == 1 else f"{words:,} words"
    return (f"Left out: {counted} in white on a white page; see whether a reader of the document sees them.",)


def share_warning(share: float | None) -> tuple[str, ...]:
    if share is None or share >= ENOUGH_TAKEN:
        return ()
    return (f"Only {share:.0%} of the document's words were read; compare the reading with the document.",)


def _counted(number: int, name: str, plural: str = "") -> str:
    return "" if not number else f"1 {name}" if number == 1 else f"{number} {plural or name + 's'}"


def _text(root: etree._Element, name: str) -> str:
    found = root.find(f"{{*}}{name}")
    return "" if found is None else (found.text or "").strip()
