"""Whether a model's reasoning, its greeting, its refusal or its prompt is in the text."""

from __future__ import annotations

from tasks.pipeline.quality.check import Check
from tasks.pipeline.quality.check_results import CheckOutcome, passed_unless_at
from tasks.pipeline.quality.inspected_draft import InspectedDraft
from tasks.pipeline.quality.mentions import follows_quotation_mark, is_mentioned, is_within_quotation
from tasks.pipeline.quality.pattern_files import finds_of
from tasks.pipeline.quality.reader_text import Find

SHORTEST_ECHO = 60


def leaked_reasoning(draft: InspectedDraft) -> CheckOutcome:
    """No reasoning, greeting or refusal of a model and no echo of its prompt is in the text."""
    found = [
        one
        for one in finds_of("leaked_reasoning", draft.reader_text)
        if not follows_quotation_mark(draft, one)
        and not is_mentioned(draft, one)
        and not is_within_quotation(draft, one)
    ]
    return passed_unless_at(
        [*sorted(found, key=lambda one: one.start), *_echoes(draft)],
        ok="The text contains only the article.",
        one="1 passage is not part of an article",
        many="{n} passages are not part of an article",
    )


def _echoes(draft: InspectedDraft) -> list[Find]:
    """Instructions of some length, copied from the prompt."""
    found = []
    for words in (draft.brief.brief, *draft.brief.category_guidance, *draft.brief.guidance):
        echo = " ".join(words.split())
        if len(echo) >= SHORTEST_ECHO and echo in draft.plain and not draft.is_of_sources(echo):
            found.append(Find(echo, "the text, from the brief", echo, 0, 0))
    return found


CHECK = Check("leaked_reasoning", "veto", leaked_reasoning, points=15)
