"""Whether search engines show the whole of the texts for them."""

from __future__ import annotations

from tasks.pipeline.quality.check import Check
from tasks.pipeline.quality.check_results import CheckOutcome, passed_unless, skipped
from tasks.pipeline.quality.inspected_draft import InspectedDraft

MAX_SEO_TITLE, MIN_SEO_DESCRIPTION, MAX_SEO_DESCRIPTION = 60, 50, 160


def seo_lengths(draft: InspectedDraft) -> CheckOutcome:
    """Search engines show the whole of the SEO title and description."""
    title, description = draft.article.seo_title, draft.article.seo_description
    if not title and not description:
        return skipped("The text has no SEO title and description yet.")
    wrong = []
    if not 1 <= len(title) <= MAX_SEO_TITLE:
        wrong.append(f"SEO title, {len(title)} characters of 1 to {MAX_SEO_TITLE}: {title}")
    if not MIN_SEO_DESCRIPTION <= len(description) <= MAX_SEO_DESCRIPTION:
        limits = f"{MIN_SEO_DESCRIPTION} to {MAX_SEO_DESCRIPTION}"
        wrong.append(f"SEO description, {len(description)} characters of {limits}: {description}")
    return passed_unless(
        wrong,
        ok="SEO title and description fit.",
        one="1 text for search engines does not have the length that they show.",
        bad="{n} texts for search engines do not have the length that they show.",
    )


CHECK = Check("seo_lengths", "advisory", seo_lengths)
