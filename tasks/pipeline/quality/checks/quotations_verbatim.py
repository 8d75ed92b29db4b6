"""Whether quotations are in a source, word for word."""

from __future__ import annotations

import re

from tasks.pipeline.quality.check import Check
from tasks.pipeline.quality.check_results import CheckOutcome, not_applicable, passed_unless, skipped
from tasks.pipeline.quality.draft_blocks import MARKER
from tasks.pipeline.quality.inspected_draft import InspectedDraft
from tasks.pipeline.quality.meaning_words import MeaningWords
from tasks.pipeline.quality.quotations import SPACELESS_CHARACTER, Quotation, quotations_in
from tasks.pipeline.text.languages import WORD
from tasks.pipeline.text.typography import folded

# So many words are no term and no title. In scripts without blanks, so many characters.
LONG_WORDS, LONG_CHARACTERS = 8, 14
# Of a title in English, most words have a capital.
SHARE_WITH_CAPITALS = 0.6
_SENTENCE_END = re.compile(r"[.!?。！？]\s")
_COLON = re.compile(r"[:：]\s?\Z")


def quotations_verbatim(draft: InspectedDraft) -> CheckOutcome:
    """What is quoted as the words of a person or text is in a source, word for word."""
    found = [one for block in draft.blocks for one in quotations_in(MARKER.sub("", block.text))]
    if not found:
        return not_applicable("The text has no quotations.")
    if not draft.research.sources:
        return skipped("There are no sources to compare quotations with.")
    wrong = [
        one.text
        for one in found
        if _is_said(one, draft.meaning_words) and not any(source.has(one.text) for source in draft.quotable)
    ]
    return passed_unless(
        wrong,
        ok="Every quotation is in a source.",
        one="1 quotation is not word for word in any source: quote exactly, or without quotation marks.",
        bad="{n} quotations are not word for word in any source: quote exactly, or without quotation marks.",
    )


def _is_said(one: Quotation, words: MeaningWords | None) -> bool:
    """Whether a quotation is given as what a person said or wrote; a term or a title is not."""
    if _COLON.search(one.before):
        return True
    # What was said in the sentence before does not introduce this one.
    before = WORD.findall(folded(_SENTENCE_END.split(one.before)[-1]))
    after = WORD.findall(folded(_SENTENCE_END.split(f"{one.after} ")[0]))[:6]
    if words and (words.speech & {*before, *after}):
        return not (words.works & set(before[-2:]))
    is_long = len(WORD.findall(one.text)) >= LONG_WORDS
    if SPACELESS_CHARACTER.search(one.text):
        is_long = len(SPACELESS_CHARACTER.findall(one.text)) >= LONG_CHARACTERS
    return is_long and not _is_title(one.text) and not (words and words.works & set(before[-3:]))


def _is_title(text: str) -> bool:
    """ "The Decline and Fall of the Roman Empire" """
    long = [word for word in WORD.findall(text) if len(word) > 3 and word[0].isalpha()]
    capitals = sum(word[0].isupper() for word in long)
    return bool(long) and capitals >= SHARE_WITH_CAPITALS * len(long) and capitals > 1


CHECK = Check("quotations_verbatim", "veto", quotations_verbatim)
