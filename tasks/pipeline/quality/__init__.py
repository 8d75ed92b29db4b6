"""Quality checks that need no model: each inspects a draft and returns its outcome."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from tasks.pipeline.off_loop import preloads
from tasks.pipeline.quality import form, grounding, soundness
from tasks.pipeline.quality.check_results import CheckOutcome, skipped
from tasks.pipeline.quality.inspected_draft import InspectedDraft
from tasks.pipeline.text.languages import load_languages
from tasks.pipeline.types import Article, Brief, CheckResult, Research


@dataclass(frozen=True)
class Check:
    name: str
    severity: Literal["veto", "advisory"]
    run: Callable[[InspectedDraft], CheckOutcome]


# Structural checks, which hardly ever err, may veto. Those that compare words are advice.
CHECKS: tuple[Check, ...] = (
    Check("citations_resolve", "veto", grounding.citations_resolve),
    Check("quotations_verbatim", "veto", grounding.quotations_verbatim),
    Check("links_known", "veto", grounding.links_known),
    Check("placeholders", "veto", soundness.placeholders),
    Check("leaked_reasoning", "veto", soundness.leaked_reasoning),
    Check("truncated", "veto", soundness.truncated),
    Check("finished", "advisory", soundness.finished),
    Check("claims_supported", "advisory", grounding.statements_supported),
    Check("figures_in_sources", "advisory", grounding.figures_in_sources),
    Check("citations_fit", "advisory", grounding.citations_fit),
    Check("keywords_covered", "advisory", form.keywords_covered),
    Check("length", "advisory", form.length),
    Check("structure", "advisory", form.structure),
    Check("title_promise", "advisory", form.title_promise),
    Check("language", "advisory", form.written_language),
    Check("readability", "advisory", form.readability),
    Check("seo_lengths", "advisory", form.seo_lengths),
)


@preloads(load_languages)
def run_checks(
    brief: Brief, research: Research, article: Article, checks: tuple[Check, ...] = CHECKS
) -> tuple[CheckResult, ...]:
    """Run every check; CPU-bound, tens of milliseconds for an article of 1,000 words."""
    draft = InspectedDraft(brief, research, article)
    return tuple(_result(check, draft) for check in checks)


def _result(check: Check, draft: InspectedDraft) -> CheckResult:
    try:
        outcome = check.run(draft)
    except (
        Exception
    ) as error:  # A program error in one check must neither stop the run nor count as a failed check.
        outcome = skipped(f"The check could not run ({type(error).__name__}).")
    return CheckResult(
        check=check.name,
        status=outcome.status,
        message=outcome.message,
        evidence=outcome.evidence,
        severity=check.severity,
        applies=outcome.applies,
    )
