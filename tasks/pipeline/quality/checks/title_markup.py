"""Whether the title is words alone: no Markdown, no label, no envelope."""

from __future__ import annotations

from tasks.pipeline.quality.check import Check
from tasks.pipeline.quality.check_results import CheckOutcome, failed, passed, skipped
from tasks.pipeline.quality.inspected_draft import InspectedDraft
from tasks.pipeline.quality.pattern_files import pattern_groups


def title_markup(draft: InspectedDraft) -> CheckOutcome:
    """The title is words alone, without Markdown, a label or a citation."""
    title = draft.article.title
    if not title.strip():
        return skipped("The text has no title yet.")
    for where, text in (("title", title), ("SEO title", draft.article.seo_title)):
        found = next((found for one in pattern_groups("titles") if (found := one.pattern.search(text))), None)
        if found and not draft.is_of_sources(text.strip()):
            return failed(
                f"The {where} contains “{found[0].strip() or 'a line break'}”, no part of its words.",
                [text],
            )
    return passed("The title is words alone.")


CHECK = Check("title_markup", "veto", title_markup, points=10)
