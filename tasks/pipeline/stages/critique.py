"""Judges a text by a language model; the checks that need no model are another stage."""

from __future__ import annotations

from tasks.pipeline.prompts import prompt
from tasks.pipeline.providers import LanguageModel
from tasks.pipeline.stages.prompts import Enclosure, brief_text, guidance_text, locked_text, paragraphs
from tasks.pipeline.types import Article, Brief, Critique, Research, Role

PROMPT = prompt("critique")
LOCKED = prompt("locked-critique").text


async def critique(brief: Brief, research: Research, article: Article, llm: LanguageModel) -> Critique:
    """Score the article against its brief, 0 to 100, and name its problems."""
    enclosure = Enclosure()
    return await llm.answer(
        paragraphs(PROMPT.text, enclosure.rule),
        paragraphs(
            brief_text(brief),
            guidance_text(brief),
            locked_text(brief, enclosure, LOCKED),
            enclosure.sources(research.sources),
            enclosure.around("article", f"{article.title}\n\n{article.body}"),
        ),
        Critique,
        role=Role.QA,
        stage="critique",
        prompt_version=PROMPT.label,
    )
