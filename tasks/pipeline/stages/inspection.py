"""The stage that looks at a draft without a model."""

from __future__ import annotations

from tasks.pipeline.off_loop import off_loop
from tasks.pipeline.quality import run_checks
from tasks.pipeline.types import Article, Brief, Critique, QualityReport, Research


async def inspect(
    brief: Brief, research: Research, article: Article, critique: Critique | None = None
) -> QualityReport:
    """Run every quality check on the draft; a critic's opinion, where there is one, joins the report."""
    results = await off_loop(run_checks, brief, research, article)
    return QualityReport(results=results, critique=critique)
