"""How an article is produced, stage by stage. Knows nothing of the database or the engine."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from tasks.pipeline.errors import ProviderError, StageFailed
from tasks.pipeline.providers import CoverMaker, LanguageModel, Providers
from tasks.pipeline.search_results import WebSearchResults
from tasks.pipeline.stages.cover import make_cover
from tasks.pipeline.stages.critique import critique
from tasks.pipeline.stages.digest import write_digest
from tasks.pipeline.stages.draft import write_draft
from tasks.pipeline.stages.draft_parts import join_parts, write_part
from tasks.pipeline.stages.found_pages import add_found_pages
from tasks.pipeline.stages.inspection import inspect
from tasks.pipeline.stages.notes import take_notes
from tasks.pipeline.stages.outline import outline
from tasks.pipeline.stages.parts import planned_parts
from tasks.pipeline.stages.refine import refine
from tasks.pipeline.stages.research import read_sources
from tasks.pipeline.stages.seo import write_seo
from tasks.pipeline.stages.source_notes import with_source_notes
from tasks.pipeline.stages.web_search import plain_query, propose_queries, search_web, without_search
from tasks.pipeline.text.locked_paragraphs import lost
from tasks.pipeline.types import (
    CRITIQUE_CHECK,
    Article,
    Assessment,
    Brief,
    CheckResult,
    CheckStatus,
    Critique,
    Outline,
    Output,
    Research,
    SaveVersion,
    Step,
    WrittenPart,
)

COVER_RESULT = "cover"

ADVISORY_STAGES = {
    "research-notes": ("research_notes", "The sources were used without notes on them"),
    "critique": (CRITIQUE_CHECK, "No critic has judged this text"),
    "checks": ("checks", "The checks did not run on this text"),
    "image": (COVER_RESULT, "No cover image was made"),
    "seo": ("seo", "Title and description for search engines, summary and tags were not written"),
}
"""Stages that an article can do without: the check that is skipped when one fails, and what that means."""


ADVISORY_KEYS = ("research-notes", "research-queries", "research-search", "critique", "image", "seo")
MAX_FRUITLESS = 2
"""After so many revisions in a row that were no better, another one will hardly be."""


def is_advisory(key: str) -> bool:
    """Whether the stage saved under this key is advisory."""
    return key.startswith(ADVISORY_KEYS)


async def produce_article(
    brief: Brief, providers: Providers, step: Step, save_version: SaveVersion
) -> Article:
    """Turn a brief into an article; every text on the way is saved as a version.

    A key begins with the stage that the task is shown to be in. An advisory stage may fail: its check is
    then skipped, and says why. Raises StageFailed when a person has to change something first.
    """
    research = await _research(brief, providers, step)
    if providers.llm is None:
        return await _digest(brief, research, providers.covers, step, save_version)
    return await _compose(brief, research, providers.llm, providers.covers, step, save_version)


async def _research(brief: Brief, providers: Providers, step: Step) -> Research:
    """Read what was given, and what the web search finds as far as the brief asks for pages of the web."""
    inputs = providers.pages, providers.archive
    if brief.web_pages <= sum(1 for source in brief.sources if source.found_by):
        return await step(read_sources, brief, *inputs, key="research")
    given = await step(read_sources, brief, *inputs, key="research-given")
    try:
        found = await _search(brief, providers, step)
    except StageFailed as error:
        if not given.sources:
            raise
        # Saved like results: a run that starts again must go on with the same sources.
        found = await step(without_search, str(error), key="research-search")
    try:
        return await step(add_found_pages, brief, given, found, *inputs, key="research")
    except StageFailed as error:
        if not given.sources:
            raise
        nothing = WebSearchResults(queries=found.queries, problem=str(error))
        return await step(add_found_pages, brief, given, nothing, *inputs, key="research")


async def _search(brief: Brief, providers: Providers, step: Step) -> WebSearchResults:
    if providers.search is None:
        raise ProviderError(
            "The brief asks for pages of the web, and no web search is set up: set WEB_SEARCH, or "
            "give sources and set web_pages to 0."
        )
    if providers.llm is None:
        queries = await step(plain_query, brief, key="research-queries")
    else:
        try:
            queries = await step(propose_queries, brief, providers.llm, key="research-queries")
        except StageFailed:
            queries = await step(plain_query, brief, key="research-queries")
    return await step(search_web, brief, queries, providers.search, key="research-search")


async def _digest(
    brief: Brief, research: Research, covers: CoverMaker | None, step: Step, save_version: SaveVersion
) -> Article:
    skipped = _shortages(research)
    article = await step(write_digest, brief, research, key="draft")
    report = await _inspect(brief, research, article, None, step, key="critique")
    article = await _illustrated(brief, with_source_notes(article, research), covers, skipped, step)
    report = _with_results(skipped, report)
    await save_version(article, report, reason=f"draft: {_score_text(report)}", key="draft")
    return article


async def _compose(
    brief: Brief,
    research: Research,
    llm: LanguageModel,
    covers: CoverMaker | None,
    step: Step,
    save_version: SaveVersion,
) -> Article:
    skipped = _shortages(research)
    research = await _advise("research-notes", skipped, step, take_notes, brief, research, llm) or research
    plan = await step(outline, brief, research, llm, key="outline")
    article = await _draft(brief, research, plan, llm, step)
    article = with_source_notes(article, research)
    report = _with_results(skipped, await _judge(brief, research, article, llm, step, key="critique"))
    await save_version(article, report, reason=f"draft: {_score_text(report)}", key="draft")
    if report.critique is None:
        skipped += [result for result in report.results if result.check == CRITIQUE_CHECK]

    refused: list[CheckResult] = []
    fruitless = 0
    for round_number in range(1, brief.max_refinements + 1):
        # Without a critique it is unknown whether a revision is better.
        if report.critique is None or report.meets(brief.quality_threshold) or fruitless == MAX_FRUITLESS:
            break
        revised = await step(refine, brief, research, article, report, llm, key=f"refine-{round_number}")
        fruitless += 1
        if missing := lost(revised.body, brief.locked):
            refused.append(_refusal(round_number, missing))
            continue
        assessment = await _judge(brief, research, revised, llm, step, key=f"critique-{round_number}")
        assessment = _with_results(skipped, assessment)
        reason = f"refine {round_number}: {_score_text(report)} → {_score_text(assessment)}"
        await save_version(revised, assessment, reason=reason, key=f"refine-{round_number}")
        if assessment.critique is None:
            skipped.append(_unjudged(round_number, assessment))
            break
        if assessment.standing > report.standing:
            fruitless = 0
        # A worse revision stays on record, but the next one starts from the better text.
        if assessment.standing >= report.standing:
            article, report = revised, assessment

    article = await _illustrated(brief, article, covers, skipped, step)
    article = await _advise("seo", skipped, step, write_seo, brief, article, llm) or article
    report = await _inspect(brief, research, article, report.critique, step, key="seo-checks")
    await save_version(article, _with_results([*skipped, *refused], report), reason="seo", key="seo")
    return article


async def _draft(brief: Brief, research: Research, plan: Outline, llm: LanguageModel, step: Step) -> Article:
    """By one call, or part by part: each is a step, so that a run that starts again repeats none."""
    count = len(planned_parts(brief, plan))
    if count == 1:
        return await step(write_draft, brief, research, plan, llm, key="draft")
    written: tuple[WrittenPart, ...] = ()
    for number in range(1, count + 1):
        key = f"draft-{number}-of-{count}"
        written += (await step(write_part, brief, research, plan, written, llm, key=key),)
    return await step(join_parts, brief, research, plan, written, key="draft")


async def _illustrated(
    brief: Brief, article: Article, covers: CoverMaker | None, skipped: list[CheckResult], step: Step
) -> Article:
    if covers is None:
        return article
    cover = await _advise("image", skipped, step, make_cover, brief, article, covers)
    if cover is not None and cover.note:
        skipped.append(CheckResult(check=COVER_RESULT, status=CheckStatus.SKIPPED, message=cover.note))
    return article.model_copy(update={"cover": cover})


async def _judge(
    brief: Brief, research: Research, article: Article, llm: LanguageModel, step: Step, key: str
) -> Assessment:
    """The critique first, then the checks, whose assessment includes it."""
    skipped: list[CheckResult] = []
    judgement = await _advise(key, skipped, step, critique, brief, research, article, llm)
    return _with_results(
        skipped, await _inspect(brief, research, article, judgement, step, key=f"{key}-checks")
    )


async def _inspect(
    brief: Brief, research: Research, article: Article, judgement: Critique | None, step: Step, key: str
) -> Assessment:
    skipped: list[CheckResult] = []
    given = (brief, research, article) if judgement is None else (brief, research, article, judgement)
    report = await _advise(key, skipped, step, inspect, *given)
    return report or Assessment(results=tuple(skipped), critique=judgement)


async def _advise(
    key: str, skipped: list[CheckResult], step: Step, stage: Callable[..., Awaitable[Output]], *inputs: object
) -> Output | None:
    """Return what the stage returns; when it fails, None, and say in `skipped` what is missing and why."""
    try:
        return await step(stage, *inputs, key=key)
    except StageFailed as error:
        name = (
            "checks" if stage is inspect else next(name for name in ADVISORY_STAGES if key.startswith(name))
        )
        check, consequence = ADVISORY_STAGES[name]
        message = f"{consequence}. {error}"
        skipped.append(CheckResult(check=check, status=CheckStatus.SKIPPED, message=message))
        return None


def _with_results(results: list[CheckResult], report: Assessment) -> Assessment:
    return report.model_copy(update={"results": (*report.results, *results)}) if results else report


def _shortages(research: Research) -> list[CheckResult]:
    """What research lacks of what the brief asks for."""
    if not research.search_problem:
        return []
    message = f"No page was added from the web. {research.search_problem}"
    return [CheckResult(check="web_search", status=CheckStatus.SKIPPED, message=message)]


def _refusal(round_number: int, missing: tuple[str, ...]) -> CheckResult:
    """Why a revision was not saved: the current text is not at fault, so it is advisory."""
    return CheckResult(
        check="locked_paragraphs",
        status=CheckStatus.FAILED,
        message=f"Revision {round_number} was refused: it had no place for a locked paragraph.",
        evidence=missing,
    )


def _unjudged(round_number: int, assessment: Assessment) -> CheckResult:
    """Why a revision is not the result, although it was not found worse."""
    why = next(result.message for result in assessment.results if result.check == CRITIQUE_CHECK)
    return CheckResult(
        check="revisions",
        status=CheckStatus.SKIPPED,
        message=f"The text before revision {round_number} was used, as the revision was not judged. {why}",
    )


def _score_text(report: Assessment) -> str:
    return "not scored" if report.score is None else str(report.score)
