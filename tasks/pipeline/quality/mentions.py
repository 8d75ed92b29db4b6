"""Words that look like a defect, but that the text only speaks of: quoted alone, or of a source."""

from __future__ import annotations

from tasks.pipeline.quality.inspected_draft import InspectedDraft
from tasks.pipeline.quality.reader_text import Find

_OPENING = "\"'“„‚‘«‹「『”’"
_CLOSING = "\"'”“’‘»›」』"


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


def is_mentioned(draft: InspectedDraft, find: Find) -> bool:
    return is_quoted_alone(draft, find) or draft.is_of_sources(find.words)
