"""Writes the first text part by part, and joins the parts."""

from __future__ import annotations

from collections.abc import Sequence

from tasks.pipeline.errors import ParagraphLocked
from tasks.pipeline.prompts import prompt
from tasks.pipeline.providers import LanguageModel
from tasks.pipeline.stages.draft import article_of, plan_text
from tasks.pipeline.stages.parts import (
    joined_parts,
    locked_in,
    material_for,
    next_length,
    own_text,
    planned_parts,
    so_far,
)
from tasks.pipeline.stages.prompt_parts import Enclosure, brief_text, guidance_text, locked_text, paragraphs
from tasks.pipeline.stages.prose import cleaned_body, with_all_locked
from tasks.pipeline.text.locked_paragraphs import lost, with_locked
from tasks.pipeline.text.words import unit_of_length
from tasks.pipeline.types import Article, Brief, LockedParagraph, Outline, Research, Role, WrittenPart

PROMPT = prompt("section")
LOCKED_ELSEWHERE = prompt("locked-elsewhere").text


async def write_part(
    brief: Brief, research: Research, plan: Outline, written: Sequence[WrittenPart], llm: LanguageModel
) -> WrittenPart:
    """Write the part after those that are written. Raises ParagraphLocked as `write_draft` does."""
    parts, number = planned_parts(brief, plan), len(written)
    by_part = locked_in(parts, brief.locked)
    locked = by_part[number]
    elsewhere = [one for place, found in enumerate(by_part) if place != number for one in found]
    material = material_for(parts[number], research, locked)
    enclosure = Enclosure()
    prose = await llm.write(
        paragraphs(PROMPT.text, enclosure.rule),
        paragraphs(
            brief_text(brief),
            guidance_text(brief),
            locked_text(_locking(brief, locked), enclosure),
            locked_text(_locking(brief, elsewhere), enclosure, LOCKED_ELSEWHERE),
            enclosure.around("plan of the whole", plan_text(plan)),
            enclosure.notes(material.notes),
            enclosure.sources(material.sources),
            enclosure.around("written so far", so_far(written)) if written else "",
            enclosure.around("part to write", plan_text(plan.model_copy(update={"sections": parts[number]}))),
            _order(brief, number, len(parts), next_length(brief, parts, written)),
        ),
        role=Role.CREATIVE,
        stage="draft",
        prompt_version=PROMPT.label,
    )
    body = with_locked(own_text(cleaned_body(prose.text, research), parts, number), locked)
    for text in lost(body, locked):
        raise ParagraphLocked(text)
    return WrittenPart(body=body, written_by=prose.model)


async def join_parts(
    brief: Brief, research: Research, plan: Outline, written: Sequence[WrittenPart]
) -> Article:
    """The article that the parts make. It is by the model that wrote the most of it."""
    body = with_all_locked(joined_parts(written, brief.locked), brief)
    by_writer: dict[str, int] = {}
    for part in written:
        by_writer[part.written_by] = by_writer.get(part.written_by, 0) + len(part.body)
    return article_of(brief, research, plan, body, max(by_writer, key=by_writer.__getitem__))


def _locking(brief: Brief, locked: Sequence[LockedParagraph]) -> Brief:
    """The brief with these of its locked paragraphs alone."""
    return brief.model_copy(update={"locked": tuple(locked)})


def _order(brief: Brief, number: int, count: int, words: int) -> str:
    place = "the opening" if not number else "the end" if number == count - 1 else "in the middle"
    length = f"about {words} {unit_of_length(brief.language)}"
    return f"Write part {number + 1} of {count}, {place}, {length}."
