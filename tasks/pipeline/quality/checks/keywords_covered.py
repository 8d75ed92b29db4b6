"""Whether the brief's keywords are spoken of."""

from __future__ import annotations

import re

from tasks.pipeline.quality.check import Check
from tasks.pipeline.quality.check_results import CheckOutcome, not_applicable, passed_unless
from tasks.pipeline.quality.comparable_words import is_spaceless
from tasks.pipeline.quality.inspected_draft import InspectedDraft
from tasks.pipeline.text.typography import folded


def keywords_covered(draft: InspectedDraft) -> CheckOutcome:
    """Each keyword of the brief is spoken of."""
    if not draft.brief.keywords:
        return not_applicable("The brief names no keywords.")
    headings = " ".join(heading.text for heading in draft.headings)
    text = f"{draft.article.title} {headings} {draft.plain}"
    spoken_of, plain = draft.words_of(text), folded(text)
    missing = [
        keyword for keyword in draft.brief.keywords if not _is_covered(keyword, draft, spoken_of, plain)
    ]
    return passed_unless(
        missing,
        ok="Every keyword is covered.",
        one="1 keyword of the brief is not covered.",
        bad="{n} keywords of the brief are not covered.",
    )


def _is_covered(keyword: str, draft: InspectedDraft, spoken_of: frozenset[str], plain: str) -> bool:
    written = folded(keyword)
    if is_spaceless(written):
        return written in plain or spoken_of.issuperset(draft.words_of(keyword))
    words = draft.words_of(keyword)
    # "C++" and "The Who" have no words that are compared.
    return (
        spoken_of.issuperset(words)
        if words
        else re.search(rf"(?<!\w){re.escape(written)}(?!\w)", plain) is not None
    )


CHECK = Check("keywords_covered", "advisory", keywords_covered)
