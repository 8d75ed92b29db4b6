"""Rewrites a text by what the critic and the checks found."""

from __future__ import annotations

from tasks.pipeline.prompts import prompt
from tasks.pipeline.providers import LanguageModel
from tasks.pipeline.stages.prompt_parts import Enclosure, brief_text, guidance_text, locked_text, paragraphs
from tasks.pipeline.stages.prose import citations_in, cleaned_body
from tasks.pipeline.text.locked_paragraphs import with_locked
from tasks.pipeline.types import (
    Article,
    Assessment,
    Brief,
    CheckResult,
    CheckStatus,
    CriterionScore,
    Problem,
    Research,
    Role,
)

PROMPT = prompt("refine")
GOOD = 90
"""A criterion with this score needs no change."""


async def refine(
    brief: Brief, research: Research, article: Article, report: Assessment, llm: LanguageModel
) -> Article:
    """Return the article with a revised body, and the citations that this body has.

    Locked paragraphs are restored where the model changed them; one without a place is missing.
    """
    enclosure = Enclosure()
    prose = await llm.write(
        paragraphs(PROMPT.text, enclosure.rule),
        paragraphs(
            brief_text(brief),
            guidance_text(brief),
            locked_text(brief, enclosure),
            enclosure.around("problems", _problems_text(report)),
            enclosure.sources(research.sources),
            enclosure.around("article", f"{article.title}\n\n{article.body}"),
        ),
        role=Role.CREATIVE,
        stage="refine",
        prompt_version=PROMPT.label,
    )
    body = with_locked(cleaned_body(prose.text, research), brief.locked, article.body)
    changes = {"body": body, "citations": citations_in(body, research), "written_by": prose.model}
    return article.model_copy(update=changes)


def _problems_text(report: Assessment) -> str:
    """What the critic said, then every check that failed, with the words it is about."""
    lines = []
    if report.critique is not None:
        lines = [report.critique.summary, *map(_criterion_line, report.critique.criteria)]
        lines += map(_problem_line, report.critique.problems)
    failed = [result for result in report.results if result.status == CheckStatus.FAILED]
    return "\n".join(line for line in [*lines, *map(_check_lines, failed)] if line)


def _criterion_line(judged: CriterionScore) -> str:
    """Why a criterion is not met; empty for one that is."""
    if judged.score >= GOOD or not judged.why:
        return ""
    words = f' "{judged.evidence}"' if judged.evidence else ""
    return f"- {judged.criterion.capitalize()}, {judged.score} of 100: {judged.why}{words}"


def _problem_line(problem: Problem) -> str:
    remedy = f" Remedy: {problem.remedy}" if problem.remedy else ""
    words = f'"{problem.where}": ' if problem.where else ""
    return f"- {words}{problem.what}{remedy}"


def _check_lines(result: CheckResult) -> str:
    urgency = "must be put right" if result.severity == "veto" else "advice"
    evidence = [f'  - "{words}"' for words in result.evidence]
    return "\n".join([f"- Check {result.check} ({urgency}): {result.message}", *evidence])
