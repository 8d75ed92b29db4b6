"""Plans an article before it is written."""

from __future__ import annotations

from collections.abc import Iterable

from tasks.pipeline.errors import ProviderUnavailable
from tasks.pipeline.prompts import prompt
from tasks.pipeline.providers import LanguageModel
from tasks.pipeline.stages.parts import with_lengths
from tasks.pipeline.stages.prompt_parts import Enclosure, brief_text, guidance_text, paragraphs
from tasks.pipeline.text.addresses import without_unknown_addresses
from tasks.pipeline.text.titles import shortened
from tasks.pipeline.types import Brief, Outline, Research, Role, Section

TITLE_LENGTH = 200

PROMPT = prompt("outline")


async def outline(brief: Brief, research: Research, llm: LanguageModel) -> Outline:
    """Plan title and sections. Raises ProviderUnavailable for a plan without any."""
    enclosure = Enclosure()
    material = enclosure.notes(research.notes, is_numbered=True) or enclosure.sources(research.sources)
    plan = await llm.answer(
        paragraphs(PROMPT.text, enclosure.rule),
        paragraphs(brief_text(brief), guidance_text(brief), material),
        Outline,
        role=Role.CREATIVE,
        stage="outline",
        prompt_version=PROMPT.label,
    )
    title = without_unknown_addresses(plan.title.removeprefix("# "), ())
    title = shortened(title, TITLE_LENGTH)
    sections = _usable(plan.sections)
    if not title or not sections:
        raise ProviderUnavailable("The language model returned an empty outline.")
    return with_lengths(plan.model_copy(update={"title": title, "sections": sections}), brief.target_words)


def _usable(sections: Iterable[Section]) -> tuple[Section, ...]:
    """Those with a heading, which is one line of words without marks or addresses."""
    found = []
    for section in sections:
        heading = (
            without_unknown_addresses(" ".join(section.heading.split()), ()).replace("**", "").strip("# ")
        )
        if heading:
            found.append(section.model_copy(update={"heading": shortened(heading, TITLE_LENGTH)}))
    return tuple(found)
