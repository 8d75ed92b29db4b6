"""Whether the text is an article, and no digest."""

from __future__ import annotations

from tasks.pipeline.quality.check import Check
from tasks.pipeline.quality.check_results import CheckOutcome, failed, passed
from tasks.pipeline.quality.inspected_draft import InspectedDraft
from tasks.pipeline.text.digest_phrases import is_digest


def finished(draft: InspectedDraft) -> CheckOutcome:
    """The text does not call itself a digest, which is material and no article."""
    if is_digest(draft.body):
        return failed("The text is a digest of quoted sentences: rewrite it, then remove its label.")
    return passed("The text is meant to be read as an article.")


CHECK = Check("finished", "advisory", finished)
