"""Presentations of Microsoft PowerPoint, and of all that write its format (.pptx, .pptm, .ppsx)."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from lxml import etree

from tasks.pipeline.errors import UnreadableText
from tasks.pipeline.reading.coverage import share_taken
from tasks.pipeline.reading.office.archive import OfficeArchive
from tasks.pipeline.reading.office.docx import first_heading
from tasks.pipeline.reading.office.languages import most_used
from tasks.pipeline.reading.office.properties import core_properties, left_out_warning, share_warning
from tasks.pipeline.reading.office.recognition import PPTX
from tasks.pipeline.reading.office.slides import RELATION, P, SlideReader, SlideSize, plain_paragraphs
from tasks.pipeline.reading.office.word_runs import LeftOut
from tasks.pipeline.reading.types import MAX_CHARACTERS, Block, Declared, Reading

READER = "pptx 1"

MAX_SLIDES = 1_000


def read(data: bytes, declared: Declared) -> Reading:
    """Speakers' notes and hidden slides are left out, with a warning: an audience does not see them.

    Raises UnreadableText.
    """
    archive = OfficeArchive(data)
    deck = SlideDeck(archive)
    blocks, visible = list[Block](), list[str]()
    for slide, related in deck.visible_slides():
        blocks += deck.reader.blocks(slide, related, is_first=not blocks)
        visible += plain_paragraphs(slide)
        if sum(len(block.text) for block in blocks) > MAX_CHARACTERS:
            break
    properties = core_properties(archive)
    share = share_taken(visible, (block.text for block in blocks), hidden=deck.reader.hidden)
    left_out = deck.reader.left_out
    return Reading(
        blocks=tuple(blocks),
        media_type=PPTX,
        reader=READER,
        title=properties.title or first_heading(blocks),
        author=properties.author,
        published=properties.published,
        language=properties.language or most_used(deck.reader.languages),
        share_taken=share,
        warnings=deck.warnings
        + left_out_warning(left_out.pictures, left_out.objects, left_out.formulas)
        + share_warning(share),
    )


class SlideDeck:
    def __init__(self, archive: OfficeArchive) -> None:
        self._archive = archive
        mains = [name for kind, name in archive.relations("").values() if kind == "officeDocument"]
        self._name = mains[0] if mains and mains[0] in archive else "ppt/presentation.xml"
        self._root = archive.xml(self._name)
        self._hidden_slides = self._notes = 0
        self.reader = SlideReader(LeftOut(), self._size())

    @property
    def warnings(self) -> tuple[str, ...]:
        """On whole slides and notes; known when all slides were taken."""
        warnings = []
        if self._hidden_slides:
            slides = "1 hidden slide" if self._hidden_slides == 1 else f"{self._hidden_slides} hidden slides"
            warnings.append(f"Left out: {slides}.")
        if self._notes:
            slides = "1 slide" if self._notes == 1 else f"{self._notes} slides"
            warnings.append(f"Left out: the speaker's notes of {slides}, which an audience does not see.")
        return tuple(warnings)

    def visible_slides(self) -> Iterator[tuple[etree._Element, Callable[[str], etree._Element | None]]]:
        """In the order in which they are shown, each with what gives the parts that it refers to."""
        relations = self._archive.relations(self._name)
        slides = list(self._root.iterfind(f"{P}sldIdLst/{P}sldId"))
        if len(slides) > MAX_SLIDES:
            raise UnreadableText(
                f"The presentation has more than {MAX_SLIDES:,} slides; give a shorter one or paste its text."
            )
        for slide_id in slides:
            name = relations.get(slide_id.get(f"{RELATION}id", ""), ("", ""))[1]
            if name not in self._archive:
                continue
            slide = self._archive.xml(name)
            if slide.get("show") in ("0", "false"):
                self._hidden_slides += 1
                continue
            related = self._archive.relations(name)
            self._notes += any(
                kind == "notesSlide" and self._has_notes(part) for kind, part in related.values()
            )
            yield slide, lambda relation, parts=related: self._part(parts, relation)  # type: ignore[misc]

    def _part(self, relations: dict[str, tuple[str, str]], relation: str) -> etree._Element | None:
        return self._archive.optional_xml(relations.get(relation, ("", ""))[1])

    def _has_notes(self, part: str) -> bool:
        root = self._archive.optional_xml(part)
        if root is None:
            return False
        for shape in root.iter(f"{P}sp"):
            placeholder = shape.find(f"./*/{P}nvPr/{P}ph")
            if placeholder is not None and placeholder.get("type") == "body":
                return any((text or "").strip() for text in shape.itertext())
        return False

    def _size(self) -> SlideSize:
        size = self._root.find(f"{P}sldSz")
        try:
            return SlideSize() if size is None else SlideSize(int(size.get("cx")), int(size.get("cy")))
        except (TypeError, ValueError):
            return SlideSize()
