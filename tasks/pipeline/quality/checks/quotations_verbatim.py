"""Whether quotations are in a source, word for word."""

from __future__ import annotations

from tasks.pipeline.quality.check import Check
from tasks.pipeline.quality.check_results import CheckOutcome, not_applicable, passed_unless, skipped
from tasks.pipeline.quality.draft_blocks import MARKER
from tasks.pipeline.quality.inspected_draft import InspectedDraft
from tasks.pipeline.quality.quotations import QuotableSource, quotations


def quotations_verbatim(draft: InspectedDraft) -> CheckOutcome:
    """What stands in quotation marks is in a source, word for word."""
    found = [quotation for block in draft.blocks for quotation in quotations(MARKER.sub("", block.text))]
    if not found:
        return not_applicable("The text has no quotations.")
    if not draft.research.sources:
        return skipped("There are no sources to compare quotations with.")
    sources = [QuotableSource(source.text) for source in draft.research.sources]
    wrong = [quotation for quotation in found if not any(source.has(quotation) for source in sources)]
    return passed_unless(
        wrong, ok="Every quotation is in a source.", bad="{n} quotations are not word for word in any source."
    )


CHECK = Check("quotations_verbatim", "veto", quotations_verbatim)
