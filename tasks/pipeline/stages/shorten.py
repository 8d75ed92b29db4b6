"""Shortens a passage by the share that an editor asks for."""

from __future__ import annotations

from tasks.pipeline.errors import ProviderError
from tasks.pipeline.passages import DraftPassage, ProposedText
from tasks.pipeline.prompts import prompt
from tasks.pipeline.providers import LanguageModel
from tasks.pipeline.stages.passage_reply import PassageReply, correction, refused_as_lost
from tasks.pipeline.stages.prompt_parts import Enclosure, guidance_text, paragraphs
from tasks.pipeline.stages.rewrite_paragraph import text_around
from tasks.pipeline.text.markdown import plain_text
from tasks.pipeline.text.words import unit_of_length, word_count
from tasks.pipeline.types import Brief, Research, Role

ATTEMPTS = 2
TOLERANCE = 1.15
"""How much longer than asked for is short enough: nobody counts words so exactly."""


async def shorten(
    brief: Brief,
    research: Research,
    passage: DraftPassage,
    share_percent: int,
    instruction: str,
    llm: LanguageModel,
) -> ProposedText:
    """Return the passage without `share_percent` of its length, with its citations.

    A reply that is too long or lost a citation is asked for again once; one that is shorter, though not by as
    much, is proposed with a note. Raises ProviderError.
    """
    length = _length(passage.text)
    wanted = max(1, round(length * (100 - share_percent) / 100))
    unit, remark, lost = unit_of_length(brief.language), "", list[int]()
    best: ProposedText | None = None
    for _ in range(ATTEMPTS):
        enclosure, asked = Enclosure(), prompt("shorten")
        prose = await llm.write(
            paragraphs(asked.text, enclosure.rule),
            paragraphs(
                guidance_text(brief),
                text_around(passage, enclosure),
                enclosure.around("passage", passage.text),
                f"It has {length} {unit}. Shorten it to {wanted} {unit}, {share_percent} % less.",
                f"The editor's instruction: {instruction}" if instruction else "",
                remark,
            ),
            role=Role.CREATIVE,
            stage="shorten",
            prompt_version=asked.label,
        )
        reply = PassageReply(prose.text, passage, research)
        lost, count = reply.lost_citations(passage, instruction), _length(reply.text)
        if not lost and count < length:
            notes = (*reply.notes, *_shortfall(length, count, wanted))
            best = ProposedText(texts=(reply.text,), written_by=prose.model, notes=notes)
            if count <= wanted * TOLERANCE:
                return best
        remark = correction(lost) if lost else f"An earlier answer had {count} {unit}: that is too long."
    if best is not None:
        return best
    if lost:
        raise refused_as_lost(lost)
    raise ProviderError(
        "The model's answers were no shorter than the passage: ask again, or edit it by hand."
    )


def _length(text: str) -> int:
    return word_count(plain_text(text))


def _shortfall(length: int, count: int, wanted: int) -> tuple[str, ...]:
    if count <= wanted * TOLERANCE:
        return ()
    return (f"It is {round(100 * (length - count) / length)} % shorter, less than was asked for.",)
