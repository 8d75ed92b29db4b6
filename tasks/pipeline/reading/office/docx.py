"""Documents of Microsoft Word, and of all that write its format (.docx, .docm, .dotx)."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from tasks.pipeline.errors import UnreadableText
from tasks.pipeline.reading.charsets import decode
from tasks.pipeline.reading.coverage import share_taken
from tasks.pipeline.reading.office.archive import OfficeArchive
from tasks.pipeline.reading.office.languages import most_used
from tasks.pipeline.reading.office.properties import (
    core_properties,
    left_out_warning,
    share_warning,
    white_text_warning,
)
from tasks.pipeline.reading.office.recognition import DOCX
from tasks.pipeline.reading.office.word_body import BodyReader
from tasks.pipeline.reading.office.word_styles import W, WordStyles
from tasks.pipeline.reading.types import Block, Declared, Reading
from tasks.pipeline.types import BlockKind

READER = "docx 1"

_NOT_VISIBLE = frozenset(f"{W}{name}" for name in ("del", "moveFrom", "rt"))
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_NOTES = (("footnote", "footnotes"), ("endnote", "endnotes"))


def read(data: bytes, declared: Declared) -> Reading:
    """Tracked deletions, comments, hidden and struck-out text, headers and footers are no part of the text.

    Raises UnreadableText.
    """
    archive = OfficeArchive(data)
    document = WordDocument(archive)
    blocks = document.read()
    properties = core_properties(archive)
    share = document.share_taken(blocks)
    left_out = document.body.left_out
    return Reading(
        blocks=tuple(blocks),
        media_type=DOCX,
        reader=READER,
        title=document.body.title or properties.title or first_heading(blocks),
        author=properties.author,
        published=properties.published,
        language=properties.language or most_used(document.body.runs.languages),
        share_taken=share,
        warnings=left_out_warning(left_out.pictures, left_out.objects, left_out.formulas, left_out.symbols)
        + white_text_warning(left_out.white_words)
        + share_warning(share),
    )


def first_heading(blocks: list[Block]) -> str:
    """The heading that the text begins with, if it does."""
    for block in blocks[:3]:
        if block.kind == BlockKind.HEADING:
            return block.text
    return ""


class WordDocument:
    def __init__(self, archive: OfficeArchive) -> None:
        self._archive = archive
        mains = [name for kind, name in archive.relations("").values() if kind == "officeDocument"]
        self._name = mains[0] if mains and mains[0] in archive else "word/document.xml"
        self._root = archive.xml(self._name)
        self._relations = archive.relations(self._name)
        self._styles = WordStyles(self._part("styles", "word/styles.xml"))
        self._notes = {kind: self._notes_of(kind, part) for kind, part in _NOTES}
        self.body = self._reader()

    def read(self) -> list[Block]:
        blocks = list(self._blocks())
        if any(not field.shows_result for field in self.body.runs.fields):
            # A field that never ends would hide all that follows it.
            self.body = self._reader()
            self.body.runs.shows_instructions = True
            blocks = list(self._blocks())
        return blocks

    def share_taken(self, blocks: list[Block]) -> float | None:
        """Compared with a plain reading of all text in the document and in the notes that it refers to."""
        roots = [
            self._root,
            *(self._notes[kind][number] for kind, number in self.body.notes if number in self._notes[kind]),
        ]
        visible = [text for root in roots for text in _plain_paragraphs(root)]
        return share_taken(visible, (block.text for block in blocks), hidden=self.body.runs.hidden)

    def _reader(self) -> BodyReader:
        has_background = self._root.find(f"{W}background") is not None
        return BodyReader(self._styles, self._related, self._imported, has_background=has_background)

    def _blocks(self) -> Iterator[Block]:
        for body in self._root.iterchildren(f"{W}body"):
            yield from self.body.blocks(body)
        for kind, _ in _NOTES:
            yield from self.body.note_blocks(self._notes[kind], kind)

    def _part(self, kind: str, default: str) -> etree._Element | None:
        names = [name for found, name in self._relations.values() if found == kind]
        return self._archive.optional_xml(names[0] if names else default)

    def _notes_of(self, kind: str, part: str) -> dict[str, etree._Element]:
        root = self._part(part, f"word/{part}.xml")
        return (
            {} if root is None else {each.get(f"{W}id", ""): each for each in root.iterchildren(f"{W}{kind}")}
        )

    def _related(self, relation: str) -> etree._Element | None:
        return self._archive.optional_xml(self._relations.get(relation, ("", ""))[1])

    def _imported(self, relation: str) -> list[Block]:
        """Another document that is shown in this one, as programs that turn web pages into Word write it."""
        name = self._relations.get(relation, ("", ""))[1]
        if name not in self._archive:
            return []
        data = self._archive.read(name)
        if not data.startswith((b"PK", b"{\\rtf", b"MIME", b"From:")):
            from tasks.pipeline.reading.html import blocks_of_markup

            try:
                return blocks_of_markup(decode(data, "").text)
            except UnreadableText:
                pass
        self.body.left_out.objects += 1
        return []


def _plain_paragraphs(root: etree._Element) -> Iterator[str]:
    """All text but what was deleted and what is there in two forms, whatever else is meant by its markup."""
    parts: list[str] = []
    waiting, is_initial = [root], False
    while waiting:
        element = waiting.pop()
        if element.tag in _NOT_VISIBLE or element.tag == _FALLBACK:
            continue
        if element.tag == f"{W}t":
            parts.append(element.text or "")
        elif element.tag in (f"{W}p", f"{W}tab", f"{W}br"):
            if not is_initial:
                yield "".join(parts)
                parts = []
            frame = element.find(f"{W}pPr/{W}framePr")
            is_initial = frame is not None and frame.get(f"{W}dropCap") in ("drop", "margin")
        waiting.extend(reversed(element))
    yield "".join(parts)
