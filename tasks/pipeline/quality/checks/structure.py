"""Whether headings are in order."""

from __future__ import annotations

import re
from itertools import pairwise

from tasks.pipeline.quality.check import Check, Threshold
from tasks.pipeline.quality.check_results import CheckOutcome, passed_unless
from tasks.pipeline.quality.inspected_draft import InspectedDraft
from tasks.pipeline.text.words import word_count

WORDS_WITHOUT_HEADINGS = Threshold(
    "structure", "words_without_headings", 350, 50, 5000, "A text of more words has at least two headings."
)


def structure(draft: InspectedDraft) -> CheckOutcome:
    """Headings divide a long text, skip no level, repeat nothing and are followed by text."""
    headings = draft.headings
    wrong = [f"Level one is the title's: {one.text}" for one in headings if one.level == 1]
    wrong += [f"Skips a level: {two.text}" for one, two in pairwise(headings) if two.level > one.level + 1]
    names = [heading.text.casefold() for heading in headings]
    wrong += [f"Appears twice: {one.text}" for i, one in enumerate(headings) if names[i] in names[:i]]
    filled = {block.section for block in draft.blocks}
    parents = {one.text for one, two in pairwise(headings) if two.level > one.level}
    wrong += [
        f"No text below: {one.text}" for one in headings if _raw(one.text) not in map(_raw, filled | parents)
    ]
    if len(headings) < 2 and word_count(draft.plain) > draft.limit(WORDS_WITHOUT_HEADINGS):
        wrong.append("A long text has fewer than two headings")
    return passed_unless(
        wrong,
        ok="The headings are in order.",
        one="1 heading needs attention.",
        bad="{n} headings need attention.",
    )


def _raw(heading: str) -> str:
    return re.sub(r"\W+", " ", heading).strip().casefold()


CHECK = Check("structure", "advisory", structure, thresholds=(WORDS_WITHOUT_HEADINGS,))
