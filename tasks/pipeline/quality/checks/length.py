"""Whether the text is as long as the brief asks."""

from __future__ import annotations

from tasks.pipeline.quality.check import Check
from tasks.pipeline.quality.check_results import CheckOutcome, failed, not_applicable, passed
from tasks.pipeline.quality.inspected_draft import InspectedDraft
from tasks.pipeline.text.words import unit_of_length, word_count

SHORTEST, LONGEST = 0.7, 1.4


def length(draft: InspectedDraft) -> CheckOutcome:
    """The text is about as long as the brief asks."""
    words, asked = word_count(draft.plain), draft.brief.target_words
    if asked <= 0:
        return not_applicable("The brief asks for no length.")
    message = f"The text has {words} {unit_of_length(draft.brief.language)}; the brief asks for {asked}."
    return passed(message) if SHORTEST * asked <= words <= LONGEST * asked else failed(message)


CHECK = Check("length", "advisory", length)
