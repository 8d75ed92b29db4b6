"""Electronic books (.epub, versions 2 and 3): the pages of the book in the order of its spine."""

from __future__ import annotations

import html.entities
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import etree

from tasks.pipeline.errors import UnreadableText
from tasks.pipeline.reading.coverage import share_taken
from tasks.pipeline.reading.html import blocks_of_markup
from tasks.pipeline.reading.office.archive import OfficeArchive, parse_xml
from tasks.pipeline.reading.office.book_package import BookItem, BookPackage
from tasks.pipeline.reading.office.properties import left_out_warning, share_warning
from tasks.pipeline.reading.office.recognition import EPUB
from tasks.pipeline.reading.types import MAX_CHARACTERS, Block, Declared, Reading
from tasks.pipeline.types import BlockKind

READER = "epub 1"

MAX_PAGES = 2_000

_XHTML = "{http://www.w3.org/1999/xhtml}"
_TYPE = "{http://www.idpf.org/2007/ops}type"
_NOTES = frozenset(("footnote", "footnotes", "endnote", "endnotes", "rearnote", "rearnotes"))
_NOTE_ROLES = frozenset(("doc-footnote", "doc-endnote", "doc-endnotes"))
_MARKS = frozenset(("noteref", "backlink", "pagebreak"))
_MARK_ROLES = frozenset(("doc-noteref", "doc-backlink", "doc-pagebreak"))
_NOT_SHOWN = frozenset(f"{_XHTML}{name}" for name in ("script", "style", "nav", "rt", "rp"))
_INLINE = frozenset(
    f"{_XHTML}{name}" for name in ("a", "b", "i", "em", "strong", "span", "small", "sub", "sup", "u", "ruby")
)
_ENTITY = re.compile(rb"&([A-Za-z][A-Za-z0-9]{1,31});")
_OF_XML = frozenset((b"amp", b"lt", b"gt", b"quot", b"apos"))
_FONT_METHODS = frozenset(("http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC"))
_PROTECTED = (
    "The book is protected against copying (DRM) and cannot be read; give an edition without protection, "
    "or paste its text."
)


def read(data: bytes, declared: Declared) -> Reading:
    """Raises UnreadableText when the book is protected or damaged, or none of its pages can be read."""
    archive = OfficeArchive(data)
    _refuse_protected(archive)
    book = BookReader(archive, BookPackage(archive))
    book.read()
    package = book.package
    share = share_taken(book.visible, (block.text for block in book.blocks))
    return Reading(
        blocks=tuple(book.blocks),
        media_type=EPUB,
        reader=READER,
        title=package.title,
        author=package.author,
        published=package.published,
        language=package.language,
        share_taken=share,
        warnings=book.warnings + share_warning(share),
    )


@dataclass
class BookReader:
    archive: OfficeArchive
    package: BookPackage
    blocks: list[Block] = field(default_factory=list)
    visible: list[str] = field(default_factory=list)
    pictures: int = 0
    unread: int = 0

    @property
    def warnings(self) -> tuple[str, ...]:
        pages = "1 page of the book" if self.unread == 1 else f"{self.unread} pages of the book"
        unread = (f"Left out: {pages}, which could not be read.",) if self.unread else ()
        return left_out_warning(self.pictures, 0, 0) + unread

    def read(self) -> None:
        size = 0
        for item in self.package.spine[:MAX_PAGES]:
            before = len(self.blocks)
            try:
                self.blocks += self._page(item)
            except UnreadableText:
                self.unread += 1
            size += sum(len(block.text) for block in self.blocks[before:])
            if size > MAX_CHARACTERS:
                return

    def _page(self, item: BookItem) -> list[Block]:
        if not item.is_page:
            self.pictures += 1
            return []
        data, language = self.archive.read(item.name), self.package.language
        try:
            root = parse_xml(_without_entities(data))
        except UnreadableText:
            # Not well-formed: read as a browser would.
            return [_as(block, item.is_contents) for block in _html_blocks(data, language)]
        notes = _taken_out(root)
        if not item.is_contents:
            self.visible += _plain(root)
        self.pictures += sum(1 for _ in root.iter(f"{_XHTML}img", "{http://www.w3.org/2000/svg}image"))
        blocks = [_as(block, item.is_contents) for block in _html_blocks(_as_html(root), language)]
        for note in notes:
            self.visible += _plain(note)
            page = etree.Element(f"{_XHTML}html", nsmap={None: _XHTML[1:-1]})
            etree.SubElement(page, f"{_XHTML}body").append(note)
            blocks += [_as_note(block) for block in _html_blocks(_as_html(page), language)]
        return blocks


def _html_blocks(data: bytes, language: str) -> list[Block]:
    return blocks_of_markup(data.decode("utf-8", "replace"), language=language)


def _as(block: Block, is_contents: bool) -> Block:
    return Block(kind=BlockKind.CONTENTS, text=block.text) if is_contents else block


def _as_note(block: Block) -> Block:
    is_row = block.kind in (BlockKind.TABLE_ROW, BlockKind.CODE)
    return block if is_row else Block(kind=BlockKind.FOOTNOTE, text=block.text)


def _taken_out(root: etree._Element) -> list[etree._Element]:
    """Remove the marks of notes from a page, and its notes, which are returned.

    A program for books shows a note on demand, so it may be marked as hidden.
    """
    notes: list[etree._Element] = []
    for element in list(root.iter(etree.Element)):
        kinds, role = element.get(_TYPE, "").split(), element.get("role", "")
        if not kinds and not role:
            continue
        if not _MARKS.isdisjoint(kinds) or role in _MARK_ROLES:
            _remove(element)
        elif element.getparent() is not None and (not _NOTES.isdisjoint(kinds) or role in _NOTE_ROLES):
            notes.append(element)
    found = set(notes)
    outermost = [note for note in notes if found.isdisjoint(note.iterancestors())]
    for note in outermost:
        note.attrib.pop("hidden", None)
        _remove(note)
    return outermost


def _remove(element: etree._Element) -> None:
    """With all in it, but not with the text after it."""
    parent = element.getparent()
    if parent is None:
        return
    if element.tail:
        previous = element.getprevious()
        if previous is None:
            parent.text = (parent.text or "") + element.tail
        else:
            previous.tail = (previous.tail or "") + element.tail
        element.tail = None
    parent.remove(element)


def _without_entities(data: bytes) -> bytes:
    """Names such as &nbsp; as numbers: they are declared outside of the document, and nothing is fetched."""

    def number(match: re.Match[bytes]) -> bytes:
        code = html.entities.name2codepoint.get(match[1].decode())
        return match[0] if code is None or match[1] in _OF_XML else b"&#%d;" % code

    return _ENTITY.sub(number, data)


def _as_html(root: etree._Element) -> bytes:
    """As a browser reads pages without XML, where <a/> and <title/> would have no end."""
    written: bytes = etree.tostring(root, method="html", encoding="utf-8")
    return written


def _plain(root: etree._Element) -> Iterator[str]:
    """The text of each element by itself, joined where markup stands within a word."""
    body = root.find(f"{_XHTML}body")
    parts: list[str] = []
    walk = etree.iterwalk(root if body is None else body, events=("start", "end"))
    for event, element in walk:
        if element.tag not in _INLINE:
            parts.append(" ")
        if event == "end":
            parts.append(element.tail or "")
        elif element.tag in _NOT_SHOWN:
            walk.skip_subtree()
        else:
            parts.append(element.text or "")
    yield "".join(parts)


def _refuse_protected(archive: OfficeArchive) -> None:
    """Fonts may be obfuscated; the text of a book that was bought often is encrypted."""
    if "META-INF/encryption.xml" not in archive:
        return
    root = archive.xml("META-INF/encryption.xml")
    for encrypted in root.iter("{*}EncryptedData"):
        method = encrypted.find("{*}EncryptionMethod")
        if method is None or method.get("Algorithm") not in _FONT_METHODS:
            raise UnreadableText(_PROTECTED)
