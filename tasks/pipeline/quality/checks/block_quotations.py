"""Whether passages that are set as quotations (`> …`) are in a source."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tasks.pipeline.quality.check import Check
from tasks.pipeline.quality.check_results import CheckOutcome, not_applicable, passed_unless, skipped
from tasks.pipeline.quality.draft_blocks import CODE_OPEN, MARKER, shown_text, without_code
from tasks.pipeline.quality.inspected_draft import InspectedDraft
from tasks.pipeline.quality.quotations import is_quotation
from tasks.pipeline.text.digest_phrases import PHRASES
from tasks.pipeline.text.sentences import sentences

_LINE = re.compile(r"^ {0,3}>[ \t]?(.*)$")
_ATTRIBUTION = re.compile(r"^(?:[—–]|--?\s)\s?[^.!?]{1,200}$")
# "> **Note:** …", "> [!TIP]": what is set apart, and no quotation.
_ASIDE = re.compile(r"^(?:\[![A-Za-z]{1,20}\]|(?:\*\*|__)[^*_\n]{1,40}(?:\*\*|__))")
_OUTER_MARKS = "\"'“”„‟‘’‚«»‹›「」『』 "


def block_quotations(draft: InspectedDraft) -> CheckOutcome:
    """What is set as a quotation is in a source, word for word."""
    found = [
        sentence
        for block in _blocks(draft)
        for sentence in sentences(block, draft.language)
        if is_quotation(sentence)
    ]
    if not found:
        return not_applicable("The text has no passages that are set as quotations.")
    if not draft.research.sources:
        return skipped("There are no sources to compare quotations with.")
    wrong = [
        one for one in found if not any(source.has(one.strip(_OUTER_MARKS)) for source in draft.quotable)
    ]
    return passed_unless(
        wrong,
        ok="Every passage that is set as a quotation is in a source.",
        one="1 sentence that is set as a quotation is in no source: quote exactly, or as text.",
        bad="{n} sentences that are set as a quotation are in no source: quote exactly, or as text.",
    )


def _blocks(draft: InspectedDraft) -> Iterator[str]:
    labels = {words.label for words in PHRASES.values()}
    lines: list[str] = []
    for line in [*without_code(draft.body).split("\n"), ""]:
        match = _LINE.match(line)
        text = match[1].lstrip("> ").strip() if match else ""
        if text and not _ATTRIBUTION.match(text):
            lines.append(text)
        elif lines:
            shown = shown_text(MARKER.sub("", " ".join(lines)))
            if CODE_OPEN not in shown and shown not in labels and not _ASIDE.match(lines[0]):
                yield shown
            lines = []


CHECK = Check("block_quotations", "advisory", block_quotations)
