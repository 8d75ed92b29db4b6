"""Whether links within the site lead to pages that it has."""

from __future__ import annotations

from tasks.pipeline.quality.check import Check
from tasks.pipeline.quality.check_results import CheckOutcome, not_applicable, passed_unless, skipped
from tasks.pipeline.quality.inspected_draft import InspectedDraft
from tasks.pipeline.text.dialect import heading_id


def internal_links(draft: InspectedDraft) -> CheckOutcome:
    """Every link within the site leads to a page or a heading that is there."""
    local = [link for link in draft.links if link.startswith("/") and not link.startswith(("//", "/\\"))]
    anchors = [link for link in draft.links if link.startswith("#") and len(link) > 1]
    if not local and not anchors:
        return not_applicable("The text has no links within the site.")
    missing = _missing_headings(draft, anchors)
    unknown = draft.site.unknown_paths
    if local and unknown is None and not missing:
        why = draft.site.not_compared and "The pages of the site could not be looked up."
        return skipped(why) if why else not_applicable("The pages of the site were not looked up here.")
    wrong = [*(link for link in local if link in (unknown or ())), *missing]
    return passed_unless(
        list(dict.fromkeys(wrong)),
        ok="Every link within the site leads somewhere.",
        bad=f"{{n}} links within the site lead nowhere: {', '.join(dict.fromkeys(wrong[:3]))}.",
    )


def _missing_headings(draft: InspectedDraft, anchors: list[str]) -> list[str]:
    """Anchors without a heading, a source or a footnote of this text."""
    known = {heading_id(one.text) for one in draft.headings}
    return [
        link
        for link in anchors
        if link[1:] not in known and not link.startswith(("#source-", "#fn", "#footnote", "#note"))
    ]


CHECK = Check("internal_links", "veto", internal_links, points=10)
