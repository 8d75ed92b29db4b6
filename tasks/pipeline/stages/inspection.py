"""The stage that checks a draft without a model."""

from __future__ import annotations

from tasks.pipeline.off_loop import off_loop
from tasks.pipeline.quality import run_checks
from tasks.pipeline.types import Article, Assessment, Brief, Critique, Research


async def inspect(
    brief: Brief, research: Research, article: Article, critique: Critique | None = None
) -> Assessment:
    """Run every quality check on the draft; the critique, where there is one, is part of the assessment."""
    results = await off_loop(run_checks, brief, research, article)
    return Assessment(results=results, critique=critique)
