"""How an article comes about, told once. Knows stages; knows nothing of the database or the engine."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from tasks.pipeline.errors import StageFailed
from tasks.pipeline.providers import LanguageModel, Providers
from tasks.pipeline.stages.critique import critique
from tasks.pipeline.stages.digest import write_digest
from tasks.pipeline.stages.draft import write_draft
from tasks.pipeline.stages.inspection import inspect
from tasks.pipeline.stages.notes import take_notes
from tasks.pipeline.stages.outline import outline
from tasks.pipeline.stages.refine import refine
from tasks.pipeline.stages.research import read_sources
from tasks.pipeline.stages.seo import write_seo
from tasks.pipeline.text.locked_paragraphs import lost
from tasks.pipeline.types import (
    CRITIQUE_CHECK,
    Article,
    Brief,
    CheckResult,
    CheckStatus,
    Critique,
    KeepVersion,
    Output,
    QualityReport,
    Research,
    Step,
)

ADVICE = {
    "research-notes": ("research_notes", "The sources were used without notes on them"),
    "critique": (CRITIQUE_CHECK, "No critic has judged this text"),
    "checks": ("checks", "The checks did not run on this text"),
    "seo": ("seo", "Title and description for search engines, summary and tags were not written"),
}
"""Stages that a text can do without: the check that is skipped when one fails, and what that means."""


def is_advice(key: str) -> bool:
    """Whether the stage saved under this key only advises."""
    return key == "research-notes" or key.startswith(("critique", "seo"))


async def produce_article(brief: Brief, providers: Providers, step: Step, keep: KeepVersion) -> Article:
    """Turn a brief into an article; every text on the way is kept as a version.

    A key begins with the stage that the task is shown to be in. A stage that only advises may fail: its
    check is then skipped, and says why. Raises StageFailed when a person has to change something first.
    """
    research = await step(read_sources, brief, providers.pages, key="research")
    if providers.llm is None:
        return await _digest(brief, research, step, keep)
    return await _compose(brief, research, providers.llm, step, keep)


async def _digest(brief: Brief, research: Research, step: Step, keep: KeepVersion) -> Article:
    article = await step(write_digest, brief, research, key="draft")
    report = await _inspect(brief, research, article, None, step, key="critique")
    await keep(article, report, reason=f"draft: {_shown(report)}", key="draft")
    return article


async def _compose(
    brief: Brief, research: Research, llm: LanguageModel, step: Step, keep: KeepVersion
) -> Article:
    skipped: list[CheckResult] = []
    research = await _advice("research-notes", skipped, step, take_notes, brief, research, llm) or research
    plan = await step(outline, brief, research, llm, key="outline")
    article = await step(write_draft, brief, research, plan, llm, key="draft")
    report = _with(skipped, await _judge(brief, research, article, llm, step, key="critique"))
    await keep(article, report, reason=f"draft: {_shown(report)}", key="draft")
    if report.critique is None:
        skipped += [result for result in report.results if result.check == CRITIQUE_CHECK]

    refused: list[CheckResult] = []
    for round_number in range(1, brief.max_refinements + 1):
        # Without a critic nobody could tell whether a revision is better.
        if report.critique is None or (report.score or 0) >= brief.quality_threshold:
            break
        revised = await step(refine, brief, research, article, report, llm, key=f"refine-{round_number}")
        if missing := lost(revised.body, brief.locked):
            refused.append(_refusal(round_number, missing))
            continue
        verdict = await _judge(brief, research, revised, llm, step, key=f"critique-{round_number}")
        verdict = _with(skipped, verdict)
        reason = f"refine {round_number}: {_shown(report)} → {_shown(verdict)}"
        await keep(revised, verdict, reason=reason, key=f"refine-{round_number}")
        if verdict.critique is None:
            skipped.append(_unjudged(round_number, verdict))
            break
        # A pass that made it worse stays on record, but the next one starts from the better text.
        if (verdict.score or 0) >= (report.score or 0):
            article, report = revised, verdict

    article = await _advice("seo", skipped, step, write_seo, brief, article, llm) or article
    report = await _inspect(brief, research, article, report.critique, step, key="seo-checks")
    await keep(article, _with([*skipped, *refused], report), reason="seo", key="seo")
    return article


async def _judge(
    brief: Brief, research: Research, article: Article, llm: LanguageModel, step: Step, key: str
) -> QualityReport:
    """The critic's opinion first, then the checks, which report it along with their own results."""
    skipped: list[CheckResult] = []
    opinion = await _advice(key, skipped, step, critique, brief, research, article, llm)
    return _with(skipped, await _inspect(brief, research, article, opinion, step, key=f"{key}-checks"))


async def _inspect(
    brief: Brief, research: Research, article: Article, opinion: Critique | None, step: Step, key: str
) -> QualityReport:
    skipped: list[CheckResult] = []
    given = (brief, research, article) if opinion is None else (brief, research, article, opinion)
    report = await _advice(key, skipped, step, inspect, *given)
    return report or QualityReport(results=tuple(skipped), critique=opinion)


async def _advice(
    key: str, skipped: list[CheckResult], step: Step, stage: Callable[..., Awaitable[Output]], *inputs: object
) -> Output | None:
    """Return what the stage returns; when it fails, None, and say in `skipped` what is missing and why."""
    try:
        return await step(stage, *inputs, key=key)
    except StageFailed as error:
        name = "checks" if stage is inspect else next(name for name in ADVICE if key.startswith(name))
        check, consequence = ADVICE[name]
        message = f"{consequence}. {error}"
        skipped.append(CheckResult(check=check, status=CheckStatus.SKIPPED, message=message))
        return None


def _with(results: list[CheckResult], report: QualityReport) -> QualityReport:
    return report.model_copy(update={"results": (*report.results, *results)}) if results else report


def _refusal(round_number: int, missing: tuple[str, ...]) -> CheckResult:
    """Why a pass is no version: the text that stands is not at fault, so it is advice."""
    return CheckResult(
        check="locked_paragraphs",
        status=CheckStatus.FAILED,
        message=f"Revision {round_number} was refused: it had no place for a paragraph that is locked.",
        evidence=missing,
    )


def _unjudged(round_number: int, verdict: QualityReport) -> CheckResult:
    """Why a revision is not what the editor gets, although nobody found it worse."""
    why = next(result.message for result in verdict.results if result.check == CRITIQUE_CHECK)
    return CheckResult(
        check="revisions",
        status=CheckStatus.SKIPPED,
        message=f"The text before revision {round_number} stands, because that was not judged. {why}",
    )


def _shown(report: QualityReport) -> str:
    return "not scored" if report.score is None else str(report.score)
