"""Takes from the sources what the article can be written from."""

from __future__ import annotations

import re
from typing import Any

from pydantic import field_validator

from tasks.pipeline.prompts import prompt
from tasks.pipeline.providers import LanguageModel
from tasks.pipeline.stages.prompt_parts import SOURCE_CHARACTERS, Enclosure, brief_text, paragraphs
from tasks.pipeline.types import Brief, Note, Research, Role, SourceText, Value

PROMPT = prompt("notes")


SOURCE_AT_END = re.compile(
    r"\s*[\[(【](?:source |quelle )?(\d{1,3})(?:†[^】]{0,40})?[\])】]\.?\Z", re.IGNORECASE
)


class Notes(Value):
    notes: tuple[Note, ...]

    @field_validator("notes", mode="before")
    @classmethod
    def _of_cited_sentences(cls, notes: Any) -> Any:
        """Small models write a note as a sentence that cites its source."""
        if not isinstance(notes, list | tuple):
            return notes
        return [
            {"source": int(found[1]), "fact": one[: found.start()]}
            if isinstance(one, str) and (found := SOURCE_AT_END.search(one, max(0, len(one) - 100)))
            else one
            for one in notes
        ]


async def take_notes(brief: Brief, research: Research, llm: LanguageModel) -> Research:
    """Add notes to the research, in the order of the sources. Without sources there is nothing to note."""
    notes: list[Note] = []
    for batch in _batches(research.sources):
        notes += await _notes_from(batch, brief, llm)
    return research.model_copy(update={"notes": tuple(notes)})


async def _notes_from(sources: list[SourceText], brief: Brief, llm: LanguageModel) -> list[Note]:
    enclosure = Enclosure()
    answer = await llm.answer(
        paragraphs(PROMPT.text, enclosure.rule),
        paragraphs(brief_text(brief), enclosure.sources(sources)),
        Notes,
        role=Role.RESEARCH,
        stage="research",
        prompt_version=PROMPT.label,
    )
    given = {source.number for source in sources}
    # A note from a source that the model was not shown is made up.
    return [note for note in answer.notes if note.source in given and note.fact.strip()]


def _batches(sources: tuple[SourceText, ...]) -> list[list[SourceText]]:
    """Group sources so that each group fits into a prompt whole; one that is longer stands alone."""
    batches: list[list[SourceText]] = []
    room = 0
    for source in sources:
        if not batches or len(source.text) > room:
            batches.append([])
            room = SOURCE_CHARACTERS
        batches[-1].append(source)
        room -= len(source.text)
    return batches
