"""Whether the text is in the language of the brief."""

from __future__ import annotations

from tasks.pipeline.quality.check import Check
from tasks.pipeline.quality.check_results import CheckOutcome, failed, not_applicable, passed, skipped
from tasks.pipeline.quality.inspected_draft import InspectedDraft
from tasks.pipeline.text.languages import (
    ENOUGH_TO_GUESS,
    guess_language,
    language_name,
    primary_language,
)

# The detector takes one of these for the other, in short texts and with many names.
_HARD_TO_TELL = tuple(
    frozenset(codes.split())
    for codes in (
        "no da sv", "hr bs sr sl mk", "id ms", "cs sk",
        "gl pt es ca", "uk ru be bg", "hi mr ne", "zh yue wuu",
        "tr az", "fa ur ar", "nl af",
    )
)  # fmt: skip
SURE = 0.85
"""Of the detector's guess, so that one of two languages that are hard to tell apart is meant."""


def written_language(draft: InspectedDraft) -> CheckOutcome:
    """The text is in the language of the brief."""
    found, asked = guess_language(draft.plain), primary_language(draft.brief.language)
    if not found:
        if len(draft.plain) <= ENOUGH_TO_GUESS:
            return not_applicable("The text is too short to recognise its language.")
        return skipped("The language of the text could not be recognised.")
    if found == asked:
        return passed(f"The text is in {language_name(asked)}.")
    is_doubtful = any({found, asked} <= alike for alike in _HARD_TO_TELL)
    if is_doubtful and not guess_language(draft.plain, sure=SURE):
        return skipped(f"The text may be in {language_name(found)} or in {language_name(asked)}.")
    return failed(
        f"The text is in {language_name(found)}, but the brief asks for {language_name(asked)}.",
        [draft.plain[:200]],
    )


CHECK = Check("language", "veto", written_language, points=20)
