"""Whether the body has the number of things that its title promises."""

from __future__ import annotations

import re

from tasks.pipeline.quality.check import Check
from tasks.pipeline.quality.check_results import CheckOutcome, failed, not_applicable, passed
from tasks.pipeline.quality.inspected_draft import InspectedDraft
from tasks.pipeline.text.languages import primary_language

_PROMISED = re.compile(
    r"^(?:the |top |these )?(\d{1,2}) (?:[a-z-]+ ){0,3}"
    r"(?:ways?|things?|tips?|steps?|reasons?|facts?|ideas?|rules?|lessons?|examples?|methods?|mistakes?|questions?|"
    r"trees?|tools?|trends?|signs?|benefits?|principles?|myths?|strategies)\b"
    r"|\b(\d{1,2}) (?:ways|things|tips|steps|reasons|facts|ideas|rules|lessons|examples|methods|mistakes)\b",
    re.IGNORECASE,
)


def title_promise(draft: InspectedDraft) -> CheckOutcome:
    """A title that promises a number of things is followed by as many items or headings."""
    if primary_language(draft.brief.language) != "en":
        return not_applicable("What a title promises is read in English only.")
    promise = _PROMISED.search(draft.article.title)
    if not promise:
        return not_applicable("The title promises no number.")
    number = int(promise[1] or promise[2])
    items = len(re.findall(r"^\s{0,3}(?:[-*+]|\d{1,3}[.)])\s+\S", draft.body, re.MULTILINE))
    counts = {items, *(sum(one.level == level for one in draft.headings) for level in (2, 3))}
    if any(number <= count <= number + 2 for count in counts):
        return passed(f"The body has the {number} parts that the title promises.")
    return failed(
        f"The title promises {number}, but the body has no list of that length.", [draft.article.title]
    )


CHECK = Check("title_promise", "advisory", title_promise)
