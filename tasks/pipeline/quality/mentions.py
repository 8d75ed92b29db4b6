"""Words that look like a defect, but that the text only speaks of: quoted alone, or of a source."""

from __future__ import annotations

import re

from tasks.pipeline.quality.inspected_draft import InspectedDraft
from tasks.pipeline.quality.reader_text import Find

_OPENING = "\"'“„‚‘«‹「『”’"
_CLOSING = "\"'”“’‘»›」』"
# Marks that a quotation in the same paragraph begins and ends with.
_PAIRS = (("“", "”"), ("„", "“"), ("«", "»"), ("»", "«"), ("「", "」"))
_LONGEST_QUOTATION = 600


def is_quoted_alone(draft: InspectedDraft, find: Find) -> bool:
    """As in: the word "TODO" marks what is left to do."""
    text = draft.reader_text.whole
    before, after = (
        text[: find.start].rstrip(" \u00a0\u202f")[-1:],
        text[find.end :].lstrip(" .,…\u00a0\u202f")[:1],
    )
    return bool(before and after) and before in _OPENING and after in _CLOSING


def follows_quotation_mark(draft: InspectedDraft, find: Find) -> bool:
    """Whether a quotation begins with the words: a text about models quotes what they say."""
    return draft.reader_text.whole[: find.start].rstrip()[-1:] in tuple('"“„«‹「『')


def is_within_quotation(draft: InspectedDraft, find: Find) -> bool:
    """Whether marks of a quotation stand around the words, in their paragraph."""
    text = draft.reader_text.whole
    start = max(text.rfind("\n\n", 0, find.start) + 1, find.start - _LONGEST_QUOTATION)
    before, after = text[start : find.start], text[find.end : find.end + _LONGEST_QUOTATION].split("\n\n")[0]
    if before.count('"') % 2 and '"' in after:
        return True
    return any(
        before.rfind(opening) > before.rfind(closing) and closing in after for opening, closing in _PAIRS
    )


def is_mentioned(draft: InspectedDraft, find: Find) -> bool:
    return is_quoted_alone(draft, find) or draft.is_of_sources(find.words)


def is_insertion(draft: InspectedDraft, find: Find) -> bool:
    """Words in brackets that an editor put into a quotation: "the best in the [city]"."""
    if find.words[:1] != "[" or re.search(r"[A-Z]{2}|[\d$€£%@#_?]", find.words):
        return False
    return is_within_quotation(draft, find)
