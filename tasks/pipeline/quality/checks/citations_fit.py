"""Whether a cited sentence cites the source that supports it."""

from __future__ import annotations

from tasks.pipeline.quality.check import Check
from tasks.pipeline.quality.check_results import CheckOutcome, not_applicable, passed_unless, skipped
from tasks.pipeline.quality.grounding import SUPPORTED, checkable_statements
from tasks.pipeline.quality.inspected_draft import InspectedDraft, Statement

# A citation is misplaced when another source supports the statement so much better than the cited one does.
MISPLACED_BY = 0.3


def citations_fit(draft: InspectedDraft) -> CheckOutcome:
    """A cited sentence is supported by the source it cites, not by another one instead."""
    comparable = set(draft.comparable_sources)
    if len(comparable) < 2:
        return not_applicable("This check needs two sources in the language of the brief.")
    cited = [
        one for one in checkable_statements(draft) if one.citations and comparable.issuperset(one.citations)
    ]
    if not cited:
        return skipped("No sentence cites a source that was read.")
    wrong = []
    for statement in cited:
        words = draft.words_of(statement.text)
        here, _ = draft.support(words, statement.citations)
        if here > 1 - MISPLACED_BY:
            continue
        elsewhere, window = draft.support(words, sorted(comparable.difference(statement.citations)))
        if window and elsewhere >= SUPPORTED and elsewhere - here >= MISPLACED_BY:
            cited_words = f"{statement.text} {_citation_markers(statement)}"
            wrong.append(f"{cited_words} — source {window.source} says: {window.text}")
    return passed_unless(
        wrong,
        ok="Every citation fits its own source best.",
        one="1 citation fits another source better: cite that one, or correct the sentence.",
        bad="{n} citations fit another source better: cite those, or correct the sentences.",
    )


def _citation_markers(statement: Statement) -> str:
    return "".join(f"[{number}]" for number in statement.citations)


CHECK = Check("citations_fit", "advisory", citations_fit)
