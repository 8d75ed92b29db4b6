"""Whether citations and the list of sources go together."""

from __future__ import annotations

from tasks.pipeline.quality.check import Check
from tasks.pipeline.quality.check_results import CheckOutcome, failed, passed_unless, skipped
from tasks.pipeline.quality.inspected_draft import InspectedDraft


def citations_resolve(draft: InspectedDraft) -> CheckOutcome:
    """Every [n] leads to a listed source that was read, and every listed source is cited."""
    known = {source.number for source in draft.research.sources}
    listed, used = {citation.number for citation in draft.article.citations}, set(draft.markers)
    if not (known or listed or used):
        return skipped("There are no sources to cite.")
    if not used:
        return failed("The text cites none of its sources.")
    wrong = [f"[{number}] leads to no listed source" for number in sorted(used - listed)]
    wrong += [f"Source {number} is listed but never cited" for number in sorted(listed - used)]
    wrong += [f"Source {number} is listed but was not read" for number in sorted(listed - known)]
    what = "Citations and the list of sources do not match: correct the numbers, or cite what is listed."
    return passed_unless(wrong, ok="Every citation leads to a source.", bad=what)


CHECK = Check("citations_resolve", "veto", citations_resolve)
