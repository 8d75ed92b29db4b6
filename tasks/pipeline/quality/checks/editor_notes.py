"""Whether notes to the editor stand in the text: "Note to editor: …", "I could not verify …"."""

from __future__ import annotations

from tasks.pipeline.quality.check import Check
from tasks.pipeline.quality.check_results import CheckOutcome, passed_unless_at
from tasks.pipeline.quality.inspected_draft import InspectedDraft
from tasks.pipeline.quality.mentions import follows_quotation_mark, is_mentioned, is_within_quotation
from tasks.pipeline.quality.pattern_files import finds_of


def editor_notes(draft: InspectedDraft) -> CheckOutcome:
    """No note to the editor stands in the text."""
    found = [
        one
        for one in finds_of("editor_notes", draft.reader_text)
        if not follows_quotation_mark(draft, one)
        and not is_mentioned(draft, one)
        and not is_within_quotation(draft, one)
    ]
    return passed_unless_at(
        found,
        ok="The text contains no notes to the editor.",
        one="A note to the editor stands in the text",
        many="{n} notes to the editor stand in the text",
    )


CHECK = Check("editor_notes", "veto", editor_notes, points=15)
