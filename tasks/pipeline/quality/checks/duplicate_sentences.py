"""Whether a sentence stands in the text twice, word for word or nearly."""

from __future__ import annotations

import re

from tasks.pipeline.quality.check import Check, Threshold
from tasks.pipeline.quality.check_results import CheckOutcome, failed, not_applicable, passed
from tasks.pipeline.quality.inspected_draft import InspectedDraft
from tasks.pipeline.quality.repeated_passages import repetitions

ALIKE = Threshold(
    "duplicate_sentences",
    "alike",
    0.6,
    0.2,
    1.0,
    "Two sentences that share this part of their pairs of words repeat each other.",
)
SHORTEST = 6
SHORTEST_CHARACTERS = 14
_FIGURES = re.compile(r"\d[\d.,]*")


def duplicate_sentences(draft: InspectedDraft) -> CheckOutcome:
    """No sentence of some length repeats another one."""
    statements = [
        one
        for one in draft.statements
        if not one.is_table_row
        and (
            len(one.text.split()) >= SHORTEST
            or (not one.text.isascii() and len(one.text) >= SHORTEST_CHARACTERS and " " not in one.text)
        )
    ]
    if len(statements) < 2:
        return not_applicable("The text has fewer than two sentences to compare.")
    # "Phase 1 took 3 months" and "Phase 2 took 9 months" are parallel, and say different things.
    found = [
        statements[one.second]
        for one in repetitions([each.text for each in statements], draft.limit(ALIKE), size=2)
        if _FIGURES.findall(statements[one.first].text) == _FIGURES.findall(statements[one.second].text)
    ]
    if not found:
        return passed("No sentence repeats another one.")
    where = {f"under “{one.section}”" if one.section else "above the first heading" for one in found}
    number = "1 sentence repeats" if len(found) == 1 else f"{len(found)} sentences repeat"
    return failed(
        f"{number} what was said before: {', '.join(sorted(where)[:3])}.", [one.text for one in found]
    )


CHECK = Check("duplicate_sentences", "advisory", duplicate_sentences, points=5, thresholds=(ALIKE,))
