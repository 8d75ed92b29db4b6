"""Whether the text is in the language of the brief."""

from __future__ import annotations

from tasks.pipeline.quality.check import Check
from tasks.pipeline.quality.check_results import CheckOutcome, failed, not_applicable, passed, skipped
from tasks.pipeline.quality.inspected_draft import InspectedDraft
from tasks.pipeline.text.languages import ENOUGH_TO_GUESS, guess_language, language_name, primary_language


def written_language(draft: InspectedDraft) -> CheckOutcome:
    """The text is in the language of the brief."""
    if len(draft.plain) <= ENOUGH_TO_GUESS:
        return not_applicable("The text is too short to recognise its language.")
    found, asked = guess_language(draft.plain), primary_language(draft.brief.language)
    if not found:
        return skipped("The language of the text could not be recognised.")
    if found == asked:
        return passed(f"The text is in {language_name(asked)}.")
    return failed(
        f"The text is in {language_name(found)}, but the brief asks for {language_name(asked)}.",
        [draft.plain[:200]],
    )


CHECK = Check("language", "advisory", written_language)
