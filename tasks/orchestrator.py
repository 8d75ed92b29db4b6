"""How an article comes about, told once. Knows stages; knows nothing of the database or the engine."""

from __future__ import annotations

from tasks.providers import LanguageModel, Providers
from tasks.stages.critique import critique
from tasks.stages.digest import write_digest
from tasks.stages.draft import write_draft
from tasks.stages.inspection import inspect
from tasks.stages.notes import take_notes
from tasks.stages.outline import outline
from tasks.stages.refine import refine
from tasks.stages.research import read_sources
from tasks.stages.seo import write_seo
from tasks.text.locks import lost
from tasks.types import (
    Article,
    Brief,
    CheckResult,
    CheckStatus,
    KeepVersion,
    QualityReport,
    Research,
    Step,
)


async def produce_article(brief: Brief, providers: Providers, step: Step, keep: KeepVersion) -> Article:
    """Turn a brief into an article; every text on the way is kept as a version.

    A key begins with the stage that the task is shown to be in. Raises StageFailed when a person has to
    change something first.
    """
    research = await step(read_sources, brief, providers.pages, key="research")
    if providers.llm is None:
        return await _digest(brief, research, step, keep)
    return await _compose(brief, research, providers.llm, step, keep)


async def _digest(brief: Brief, research: Research, step: Step, keep: KeepVersion) -> Article:
    article = await step(write_digest, brief, research, key="draft")
    report = await step(inspect, brief, research, article, key="critique")
    await keep(article, report, reason=f"draft: {_shown(report)}", key="draft")
    return article


async def _compose(
    brief: Brief, research: Research, llm: LanguageModel, step: Step, keep: KeepVersion
) -> Article:
    research = await step(take_notes, brief, research, llm, key="research-notes")
    plan = await step(outline, brief, research, llm, key="outline")
    article = await step(write_draft, brief, research, plan, llm, key="draft")
    report = await _judge(brief, research, article, llm, step, key="critique")
    await keep(article, report, reason=f"draft: {_shown(report)}", key="draft")

    refused: list[CheckResult] = []
    for round_number in range(1, brief.max_refinements + 1):
        if report.score is not None and report.score >= brief.quality_threshold:
            break
        revised = await step(refine, brief, research, article, report, llm, key=f"refine-{round_number}")
        if missing := lost(revised.body, brief.locked):
            refused.append(_refusal(round_number, missing))
            continue
        verdict = await _judge(brief, research, revised, llm, step, key=f"critique-{round_number}")
        reason = f"refine {round_number}: {_shown(report)} → {_shown(verdict)}"
        await keep(revised, verdict, reason=reason, key=f"refine-{round_number}")
        # A pass that made it worse stays on record, but the next one starts from the better text.
        if (verdict.score or 0) >= (report.score or 0):
            article, report = revised, verdict

    article = await step(write_seo, brief, article, llm, key="seo")
    report = await step(inspect, brief, research, article, report.critique, key="seo-checks")
    report = report.model_copy(update={"results": (*report.results, *refused)})
    await keep(article, report, reason="seo", key="seo")
    return article


async def _judge(
    brief: Brief, research: Research, article: Article, llm: LanguageModel, step: Step, key: str
) -> QualityReport:
    """The critic's opinion first, then the checks, which report it along with their own results."""
    opinion = await step(critique, brief, research, article, llm, key=key)
    return await step(inspect, brief, research, article, opinion, key=f"{key}-checks")


def _refusal(round_number: int, missing: tuple[str, ...]) -> CheckResult:
    """Why a pass is no version: the text that stands is not at fault, so it is advice."""
    return CheckResult(
        check="locked_paragraphs",
        status=CheckStatus.FAILED,
        message=f"Revision {round_number} was refused: it had no place for a paragraph that is locked.",
        evidence=missing,
    )


def _shown(report: QualityReport) -> str:
    return "not scored" if report.score is None else str(report.score)
