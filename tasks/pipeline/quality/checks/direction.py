"""Whether sentences have the opposite of a word of their sources: fell for rose, before for after."""

from __future__ import annotations

from tasks.pipeline.quality.alignment import AlignedSentence
from tasks.pipeline.quality.check import Check
from tasks.pipeline.quality.check_results import CheckOutcome
from tasks.pipeline.quality.inspected_draft import InspectedDraft
from tasks.pipeline.quality.meaning import denials, judged, replaced
from tasks.pipeline.quality.meaning_words import MeaningWords
from tasks.pipeline.quality.word_alignment import Gap


def direction(draft: InspectedDraft) -> CheckOutcome:
    """No sentence has the opposite of a word in the passage it repeats."""
    return judged(
        draft,
        _differences,
        ok="No sentence reverses what its source says.",
        one="1 sentence has the opposite of a word of its source: read both, and correct it.",
        many="{n} sentences have the opposite of a word of their source: read both, and correct them.",
    )


def _differences(sentence: AlignedSentence, words: MeaningWords) -> list[tuple[Gap, str]]:
    found = []
    for gap in sentence.agreement.gaps:
        pair = replaced(gap, words, words.are_opposites)
        # "Did not rise" for "fell" says the same.
        if pair and (denials(gap.draft, words) + denials(gap.source, words)) % 2 == 0:
            found.append((gap, f"“{pair[0].written}” where the source has “{pair[1].written}”."))
    # Two opposites may say the same: "older ones are slower" for "newer ones are faster".
    return [(gap, why) for gap, why in found if gap.is_close] if len(found) % 2 else []


CHECK = Check("direction", "advisory", direction)
