"""Whether links within the site lead to pages that it has."""

from __future__ import annotations

from tasks.pipeline.quality.check import Check
from tasks.pipeline.quality.check_results import CheckOutcome, not_applicable, passed_unless, skipped
from tasks.pipeline.quality.inspected_draft import InspectedDraft


def internal_links(draft: InspectedDraft) -> CheckOutcome:
    """Every link within the site leads to a page that is there."""
    local = [link for link in draft.links if link.startswith("/") and not link.startswith(("//", "/\\"))]
    if not local:
        return not_applicable("The text has no links within the site.")
    unknown = draft.site.unknown_paths
    if unknown is None:
        why = draft.site.not_compared and "The pages of the site could not be looked up."
        return skipped(why) if why else not_applicable("The pages of the site were not looked up here.")
    wrong = list(dict.fromkeys(link for link in local if link in unknown))
    return passed_unless(
        wrong,
        ok="Every link within the site leads somewhere.",
        bad=f"{{n}} links within the site lead nowhere: {', '.join(wrong[:3])}.",
    )


CHECK = Check("internal_links", "veto", internal_links, points=10)
