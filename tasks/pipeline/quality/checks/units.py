"""Whether units and magnitudes are those of the sources: millions for billions, hours for days."""

from __future__ import annotations

from tasks.pipeline.quality.alignment import AlignedSentence
from tasks.pipeline.quality.check import Check
from tasks.pipeline.quality.check_results import CheckOutcome
from tasks.pipeline.quality.inspected_draft import InspectedDraft
from tasks.pipeline.quality.meaning import judged, replaced
from tasks.pipeline.quality.meaning_words import MeaningWords


def units(draft: InspectedDraft) -> CheckOutcome:
    """No sentence has another unit, magnitude, day or season than the passage it repeats."""
    return judged(
        draft,
        _differences,
        ok="Units and magnitudes are those of the sources.",
        bad="{n} sentences have another unit or magnitude than their source.",
    )


def _differences(sentence: AlignedSentence, words: MeaningWords) -> list[str]:
    found = []
    for gap in sentence.gaps:
        pair = replaced(gap, words, words.exclude_each_other)
        if pair and gap.is_close:
            found.append(f"“{pair[0].written}” where the source has “{pair[1].written}”.")
    return found


CHECK = Check("units", "advisory", units)
