"""Whether the text was cut off."""

from __future__ import annotations

import re

from tasks.pipeline.quality.check import Check
from tasks.pipeline.quality.check_results import CheckOutcome, failed, not_applicable, passed, skipped
from tasks.pipeline.quality.inspected_draft import InspectedDraft
from tasks.pipeline.text.languages import language_name, primary_language

_ENDS_WELL = re.compile(r"[.!?…:。！？：．｡।॥۔؟։።][\"”’')\]»“*_」』）】》〉›‹«]*$|\|$|^(?:```|~~~)$")
# Their sentences end with a blank, or with nothing.
_WITHOUT_END_MARKS = frozenset({"th", "lo", "km", "my", "bo"})


def truncated(draft: InspectedDraft) -> CheckOutcome:
    """The text ends with a whole sentence, and every block of code is closed."""
    lines = [line.strip() for line in draft.body.split("\n") if line.strip()]
    if not lines:
        return skipped("The text is empty.")
    last = re.sub(r"(\s*\[[\d,;\s–-]+\])+$", "", lines[-1][-300:]).strip()
    if sum(line.startswith(("```", "~~~")) for line in lines) % 2:
        return failed("A block of code is never closed.", [lines[-1]])
    if last.startswith("#"):
        return failed("The text ends with a heading.", [lines[-1]])
    is_item = re.match(r"([-*+]|\d+[.)])\s", last) is not None
    if primary_language(draft.brief.language) in _WITHOUT_END_MARKS and not _ENDS_WELL.search(last):
        name = language_name(primary_language(draft.brief.language))
        return not_applicable(f"Sentences in {name} end without a mark, so a cut one cannot be recognised.")
    if not _ENDS_WELL.search(last) and not (is_item and len(last.split()) <= 12 and not last.endswith(",")):
        return failed("The text ends in the middle of a sentence.", [lines[-1][-200:]])
    return passed("The text ends with a whole sentence.")


CHECK = Check("truncated", "veto", truncated)
