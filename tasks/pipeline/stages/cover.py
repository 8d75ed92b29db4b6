"""Gives an article a cover image."""

from __future__ import annotations

from tasks.pipeline.providers import CoverMaker
from tasks.pipeline.types import Article, Brief, Cover, CoverRequest

MOST_KEYWORDS = 3


async def make_cover(brief: Brief, article: Article, covers: CoverMaker) -> Cover:
    """A cover for the title; a picture is looked for by the keywords of the brief, else by its topic."""
    wanted = CoverRequest(
        title=article.title,
        category=article.category or brief.category,
        language=brief.language,
        subject=" ".join(brief.keywords[:MOST_KEYWORDS]) or brief.topic,
    )
    return await covers.make(wanted)
