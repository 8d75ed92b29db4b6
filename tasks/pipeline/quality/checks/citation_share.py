"""Whether enough of the factual sentences are cited."""

from __future__ import annotations

from tasks.pipeline.quality.check import Check, Threshold
from tasks.pipeline.quality.check_results import CheckOutcome, failed, not_applicable, passed
from tasks.pipeline.quality.factual_sentences import cited_share
from tasks.pipeline.quality.inspected_draft import InspectedDraft

LEAST = Threshold(
    "citation_share", "least", 0.6, 0.0, 1.0, "At least this part of the factual sentences must be cited."
)
ENOUGH = 3


def citation_share(draft: InspectedDraft) -> CheckOutcome:
    """Most of the factual sentences cite a source."""
    if not (draft.research.sources or draft.article.citations):
        return not_applicable("There are no sources to cite.")
    found = cited_share(draft)
    if len(found.sentences) < ENOUGH:
        return not_applicable("The text has too few factual sentences for a share.")
    message = f"{found.cited} of {len(found.sentences)} factual sentences are cited ({found.share:.0%})"
    if found.share >= draft.limit(LEAST):
        return passed(f"{message}.")
    return failed(f"{message}, fewer than {draft.limit(LEAST):.0%}.", [one.text for one in found.uncited])


CHECK = Check("citation_share", "advisory", citation_share, points=10, thresholds=(LEAST,))
