"""Whether the text is as long as the brief asks."""

from __future__ import annotations

from tasks.pipeline.quality.check import Check, Threshold
from tasks.pipeline.quality.check_results import CheckOutcome, failed, not_applicable, passed
from tasks.pipeline.quality.inspected_draft import InspectedDraft
from tasks.pipeline.text.words import unit_of_length, word_count

SHORTEST = Threshold("length", "shortest", 0.7, 0.0, 1.0, "A text of less than this share is too short.")
LONGEST = Threshold("length", "longest", 1.4, 1.0, 10.0, "A text of more than this share is too long.")


def length(draft: InspectedDraft) -> CheckOutcome:
    """The text is about as long as the brief asks."""
    words, asked = word_count(draft.plain), draft.brief.target_words
    if asked <= 0:
        return not_applicable("The brief asks for no length.")
    unit = unit_of_length(draft.brief.language)
    message = (
        f"The text has {words} {unit.removesuffix('s') if words == 1 else unit}; the brief asks for {asked}."
    )
    shortest, longest = draft.limit(SHORTEST) * asked, draft.limit(LONGEST) * asked
    return passed(message) if shortest <= words <= longest else failed(message)


CHECK = Check("length", "advisory", length, thresholds=(SHORTEST, LONGEST))
