"""Writes the first text from the plan, by one call; draft_parts.py does it for long texts."""

from __future__ import annotations

from tasks.pipeline.prompts import prompt
from tasks.pipeline.providers import LanguageModel
from tasks.pipeline.stages.prompt_parts import Enclosure, brief_text, guidance_text, locked_text, paragraphs
from tasks.pipeline.stages.prose import citations_in, cleaned_body, with_all_locked
from tasks.pipeline.text.slugs import slug
from tasks.pipeline.types import Article, Brief, Outline, Research, Role

PROMPT = prompt("draft")


async def write_draft(brief: Brief, research: Research, plan: Outline, llm: LanguageModel) -> Article:
    """Write the body by the plan; everything else of the article follows from plan, brief and research.

    Raises ParagraphLocked when the new text has no place for a paragraph of the present one that is locked.
    """
    enclosure = Enclosure()
    prose = await llm.write(
        paragraphs(PROMPT.text, enclosure.rule),
        paragraphs(
            brief_text(brief),
            guidance_text(brief),
            locked_text(brief, enclosure),
            enclosure.around("plan", plan_text(plan)),
            enclosure.notes(research.notes),
            enclosure.sources(research.sources),
        ),
        role=Role.CREATIVE,
        stage="draft",
        prompt_version=PROMPT.label,
    )
    body = with_all_locked(cleaned_body(prose.text, research), brief)
    return article_of(brief, research, plan, body, prose.model)


def article_of(brief: Brief, research: Research, plan: Outline, body: str, written_by: str) -> Article:
    return Article(
        title=plan.title,
        slug=slug(plan.title),
        body=body,
        category=brief.category,
        tags=brief.tags,
        citations=citations_in(body, research),
        written_by=written_by,
    )


def plan_text(plan: Outline) -> str:
    lines = [f"Title: {plan.title}"]
    for section in plan.sections:
        lines.append(f"## {section.heading}")
        lines += [f"- {point}" for point in section.points]
    return "\n".join(lines)
