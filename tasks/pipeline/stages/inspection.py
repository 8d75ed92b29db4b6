"""The stage that checks a draft without a model."""

from __future__ import annotations

from tasks.pipeline.off_loop import off_loop
from tasks.pipeline.quality import CHECKS, assess
from tasks.pipeline.quality.site_facts import look_up_site
from tasks.pipeline.types import Article, Assessment, Brief, Critique, Research


async def inspect(
    brief: Brief, research: Research, article: Article, critique: Critique | None = None
) -> Assessment:
    """Run every quality check on the draft, and look up what its sources say of each factual sentence.

    The critique, where there is one, is part of the assessment.
    """
    around = await look_up_site.get()(research, article)
    found = await off_loop(assess, brief, research, article, CHECKS, around)
    return found.model_copy(update={"critique": critique})
