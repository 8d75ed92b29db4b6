"""Whether the text is nearly that of a published post."""

from __future__ import annotations

from tasks.pipeline.quality.check import Check, Threshold
from tasks.pipeline.quality.check_results import CheckOutcome, failed, not_applicable, passed, skipped
from tasks.pipeline.quality.inspected_draft import InspectedDraft

LEAST = Threshold(
    "published_duplicate",
    "alike",
    0.08,
    0.02,
    1.0,
    "A published text that shares this part of the runs of three words is a near-duplicate.",
)


def published_duplicate(draft: InspectedDraft) -> CheckOutcome:
    """No published text, other than an earlier version of this one, is nearly the same."""
    around = draft.site
    if around.similar is None:
        if around.not_compared:
            return skipped(around.not_compared)
        return not_applicable("The text was not compared with published texts here.")
    found = [one for one in around.similar if one.resemblance > draft.limit(LEAST)]
    if found:
        nearest = found[0]
        more = f", and {len(found) - 1} more" if len(found) > 1 else ""
        return failed(
            f"The text nearly repeats “{nearest.title}”, which is published{more}.",
            [f"{one.title} ({one.resemblance:.0%} of the runs of words)" for one in found],
        )
    if around.not_compared:
        return skipped(around.not_compared)
    return passed("No published text is nearly the same.")


CHECK = Check("published_duplicate", "advisory", published_duplicate, points=10, thresholds=(LEAST,))
