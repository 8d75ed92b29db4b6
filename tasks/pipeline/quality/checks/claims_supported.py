"""Whether each sentence resembles a passage of a source."""

from __future__ import annotations

from tasks.pipeline.quality.check import Check
from tasks.pipeline.quality.check_results import CheckOutcome, not_applicable, passed_unless, skipped
from tasks.pipeline.quality.grounding import SUPPORTED, checkable_statements
from tasks.pipeline.quality.inspected_draft import InspectedDraft
from tasks.pipeline.quality.source_index import Window


def statements_supported(draft: InspectedDraft) -> CheckOutcome:
    """The words of each sentence are found close together in a source."""
    if not draft.research.sources:
        return skipped("There are no sources to compare the text with.")
    comparable = draft.comparable_sources
    if not comparable:
        return skipped("No source is in the language of the brief, so words cannot be compared.")
    # What rests on a source in another language alone cannot be compared with it.
    statements = [
        one
        for one in checkable_statements(draft)
        if not one.citations
        or not set(comparable).isdisjoint(one.citations)
        or not set(one.citations) & set(draft.sources)
    ]
    if not statements:
        return not_applicable("The text has no sentences long enough to compare.")
    wrong = []
    for statement in statements:
        share, window = draft.grounds.support(draft.words_of(statement.text), comparable)
        if share < SUPPORTED:
            wrong.append(f"{statement.text}{_nearest(window)}")
    return passed_unless(
        wrong,
        ok="Every sentence resembles a source.",
        bad=f"{{n}} of {len(statements)} sentences resemble no source.",
    )


def _nearest(window: Window | None) -> str:
    return f" — nearest in source {window.source}: {window.text}" if window else ""


CHECK = Check("claims_supported", "advisory", statements_supported)
