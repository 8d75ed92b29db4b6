"""Whether units and magnitudes are those of the sources: millions for billions, hours for days."""

from __future__ import annotations

from tasks.pipeline.quality.alignment import AlignedSentence
from tasks.pipeline.quality.check import Check
from tasks.pipeline.quality.check_results import CheckOutcome
from tasks.pipeline.quality.inspected_draft import InspectedDraft
from tasks.pipeline.quality.meaning import judged, replaced
from tasks.pipeline.quality.meaning_words import MeaningWords
from tasks.pipeline.quality.word_alignment import Gap, Token
from tasks.pipeline.text.figures.units import are_compatible, unit_of


def units(draft: InspectedDraft) -> CheckOutcome:
    """No sentence has another unit, magnitude, day or season than the passage it repeats."""
    return judged(
        draft,
        _differences,
        ok="Units and magnitudes are those of the sources.",
        one="1 sentence has another unit or magnitude than its source: correct it.",
        many="{n} sentences have another unit or magnitude than their source: correct them.",
    )


def _differences(sentence: AlignedSentence, words: MeaningWords) -> list[tuple[Gap, str]]:
    found = []
    for gap in sentence.agreement.gaps:
        pair = gap.is_close and (replaced(gap, words, words.exclude_each_other) or _symbols(gap))
        if pair:
            found.append((gap, f"“{pair[0].written}” where the source has “{pair[1].written}”."))
    return found


def _symbols(gap: Gap) -> tuple[Token, Token] | None:
    """ "5 km" where the source has "5 m": signs that are units only after a number."""
    if gap.before is None or not gap.before.written[-1:].isdigit() or not (gap.draft and gap.source):
        return None
    one, other = unit_of(gap.draft[0].written), unit_of(gap.source[0].written)
    return (gap.draft[0], gap.source[0]) if one and other and not are_compatible(one, other) else None


CHECK = Check("units", "advisory", units)
