"""Which sentences can be compared with the sources, and from when on one counts as supported."""

from __future__ import annotations

from tasks.pipeline.quality.inspected_draft import InspectedDraft, Statement

# A statement with less than this share of its weight in the best window counts as unsupported.
SUPPORTED = 0.55
MIN_STATEMENT_WORDS = 4


def checkable_statements(draft: InspectedDraft) -> list[Statement]:
    return [one for one in draft.statements if is_checkable(draft, one)]


def is_checkable(draft: InspectedDraft, one: Statement) -> bool:
    """Whether a statement says enough to be compared; questions and rows of tables do not."""
    return (
        not one.text.endswith(("?", "？"))
        and not one.is_table_row
        and len(draft.words_of(one.text)) >= MIN_STATEMENT_WORDS
    )
