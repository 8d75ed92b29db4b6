"""Whether a paragraph stands in the text twice, word for word or nearly."""

from __future__ import annotations

from tasks.pipeline.quality.check import Check, Threshold
from tasks.pipeline.quality.check_results import CheckOutcome, failed, not_applicable, passed
from tasks.pipeline.quality.draft_blocks import shown_text
from tasks.pipeline.quality.inspected_draft import InspectedDraft
from tasks.pipeline.quality.reader_text import PassageKind
from tasks.pipeline.quality.repeated_passages import repetitions
from tasks.pipeline.text.words import word_count

ALIKE = Threshold(
    "duplicate_paragraphs",
    "alike",
    0.45,
    0.1,
    1.0,
    "Two paragraphs that share this part of their runs of three words repeat each other.",
)
SHORTEST = Threshold(
    "duplicate_paragraphs", "shortest", 12, 4, 200, "Paragraphs of fewer words are not compared."
)


def duplicate_paragraphs(draft: InspectedDraft) -> CheckOutcome:
    """No paragraph, list or quotation repeats another one."""
    shortest = draft.limit(SHORTEST)
    passages = [
        one
        for one in draft.reader_text.passages
        if one.kind not in (PassageKind.FIELD, PassageKind.HEADING, PassageKind.TABLE)
        and (len(one.text) >= 80 or not one.text.isascii())
        and word_count(one.text) >= shortest
    ]
    if len(passages) < 2:
        return not_applicable("The text has fewer than two paragraphs to compare.")
    texts = [one.text for one in passages]
    found = repetitions(texts, draft.limit(ALIKE))
    if not found:
        return passed("No paragraph repeats another one.")
    pairs = [f"{passages[one.second].where} repeats {passages[one.first].where}" for one in found]
    return failed(
        f"{'; '.join(pairs[:3])}{f'; and {len(pairs) - 3} more' if len(pairs) > 3 else ''}.".capitalize()
        if pairs[0][0].isascii()
        else f"{'; '.join(pairs[:3])}.",
        [shown_text(" ".join(texts[one.second].split())) for one in found],
    )


CHECK = Check(
    "duplicate_paragraphs", "advisory", duplicate_paragraphs, points=10, thresholds=(ALIKE, SHORTEST)
)
