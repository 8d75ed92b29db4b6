"""Rewrites one paragraph as an editor asks."""

from __future__ import annotations

from tasks.pipeline.errors import ProviderError
from tasks.pipeline.passages import DraftPassage, ProposedText
from tasks.pipeline.prompts import prompt
from tasks.pipeline.providers import LanguageModel
from tasks.pipeline.stages.passage_reply import PassageReply, correction, refused_as_lost, sources_for
from tasks.pipeline.stages.prompt_parts import Enclosure, brief_text, guidance_text, paragraphs
from tasks.pipeline.text.paragraphs import heading_text, parts
from tasks.pipeline.types import Brief, Research, Role

ATTEMPTS = 2


async def rewrite_paragraph(
    brief: Brief, research: Research, passage: DraftPassage, instruction: str, llm: LanguageModel
) -> ProposedText:
    """Return one paragraph with the citations of the old one, and no unknown number or address.

    A reply that lost a citation is asked for again once. Raises ProviderError when that does not help.
    """
    lost: list[int] = []
    for _ in range(ATTEMPTS):
        enclosure, asked = Enclosure(), prompt("paragraph")
        prose = await llm.write(
            paragraphs(asked.text, enclosure.rule),
            paragraphs(
                brief_text(brief),
                guidance_text(brief),
                enclosure.sources(sources_for(passage, instruction, research)),
                text_around(passage, enclosure),
                enclosure.around("paragraph", passage.text),
                f"The editor's instruction: {instruction}",
                correction(lost) if lost else "",
            ),
            role=Role.CREATIVE,
            stage="paragraph",
            prompt_version=asked.label,
        )
        reply = PassageReply(prose.text, passage, research)
        lost = reply.lost_citations(passage, instruction)
        if not lost:
            _require_one_paragraph(reply.text, passage)
            return ProposedText(texts=(reply.text,), written_by=prose.model, notes=tuple(reply.notes))
    raise refused_as_lost(lost)


def text_around(passage: DraftPassage, enclosure: Enclosure) -> str:
    """What stands around a passage, for the model to read and not to repeat."""
    named = {
        "title of the article": passage.title,
        "heading above it": passage.section,
        "paragraph before it": passage.before,
        "paragraph after it": passage.after,
    }
    return paragraphs(*(enclosure.around(name, text) for name, text in named.items() if text))


def _require_one_paragraph(text: str, passage: DraftPassage) -> None:
    found = parts(text)
    if len(found) > 1:
        raise ProviderError(
            f"The model answered with {len(found)} paragraphs where one is to be replaced: ask again, or "
            "edit the text by hand."
        )
    if heading_text(text) is not None and heading_text(passage.text) is None:
        raise ProviderError(
            "The model answered with a heading where a paragraph is to be replaced: ask again."
        )
