"""Whether single sentences lack the citation that most others have."""

from __future__ import annotations

from tasks.pipeline.quality.check import Check, Threshold
from tasks.pipeline.quality.check_results import (
    CheckOutcome,
    StatementFinding,
    failed,
    not_applicable,
    passed,
)
from tasks.pipeline.quality.factual_sentences import cited_share
from tasks.pipeline.quality.inspected_draft import InspectedDraft

MOST = Threshold(
    "sentences_cited",
    "most",
    0.5,
    0.1,
    1.0,
    "Once this part of the factual sentences is cited, each of the others needs a citation too.",
)


def sentences_cited(draft: InspectedDraft) -> CheckOutcome:
    """Where most factual sentences cite a source, all of them do."""
    if not (draft.research.sources or draft.article.citations):
        return not_applicable("There are no sources to cite.")
    found = cited_share(draft)
    if not found.sentences:
        return not_applicable("The text has no factual sentences.")
    if found.share < draft.limit(MOST):
        return not_applicable("Only some sentences are cited: citation_share says how many.")
    if not found.uncited:
        return passed("Every factual sentence is cited.")
    where = dict.fromkeys(
        f"under “{one.section}”" if one.section else "above the first heading" for one in found.uncited
    )
    number = (
        "1 factual sentence cites"
        if len(found.uncited) == 1
        else f"{len(found.uncited)} factual sentences cite"
    )
    outcome = failed(
        f"{number} no source: {', '.join(list(where)[:3])}.", [one.text for one in found.uncited]
    )
    findings = tuple(StatementFinding(one, "The sentence cites no source.") for one in found.uncited)
    return CheckOutcome(outcome.status, outcome.message, outcome.evidence, findings=findings)


CHECK = Check("sentences_cited", "advisory", sentences_cited, points=5, thresholds=(MOST,))
