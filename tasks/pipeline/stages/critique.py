"""Judges a text by a language model; the checks that need no model are another stage."""

from __future__ import annotations

from tasks.pipeline.providers import LanguageModel
from tasks.pipeline.stages.prompts import Enclosure, brief_text, guidance_text, locked_text, paragraphs
from tasks.pipeline.types import Article, Brief, Critique, Research, Role

INSTRUCTIONS = """\
You are a strict critic. Judge the article by its brief and its sources: is every cited statement in the
source it cites, does it answer the topic for its readers, is it clear, complete, well ordered and free of
padding, has it what reviewers asked for? Score it from 0 to 100: below 50 cannot be used, 70 can be
published after small changes, 90 needs none. Name each problem by the words it is about, say what is wrong
with them and how to put it right, the gravest first, ten at most."""

LOCKED = "The editors have locked these paragraphs. Nobody may change them: name no problem in them."


async def critique(brief: Brief, research: Research, article: Article, llm: LanguageModel) -> Critique:
    """Score the article against its brief, 0 to 100, and name its problems."""
    enclosure = Enclosure()
    return await llm.answer(
        paragraphs(INSTRUCTIONS, enclosure.rule),
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
    )
