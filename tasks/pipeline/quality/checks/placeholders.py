"""Whether something is still to be filled in."""

from __future__ import annotations

import re

from tasks.pipeline.quality.check import Check
from tasks.pipeline.quality.check_results import CheckOutcome, passed_unless
from tasks.pipeline.quality.inspected_draft import InspectedDraft

_PLACEHOLDER = re.compile(
    r"\[(?:insert|add|your|todo|tbd|placeholder|image|photo|picture|link|url|source|citation|name|date"
    r"|number|company|author|xx+)\b[^\]]{0,200}\](?!\()|\{\{[^}]{0,200}\}\}|<(?:insert|your|placeholder"
    r"|image)[^>]{0,200}>|\blorem ipsum\b"
    # In capitals only: "todo" is a word in Spanish and Portuguese.
    r"|(?-i:\bTODO\b|\bTBD\b|\bFIXME\b|\bXXX+\b|\bXX+ ?(?:%|percent))|\]\(\s{0,9}(?:#|url|link)?\s{0,9}\)"
    r"|\[\?+\]|\[n\]|\[citation[^\]]{0,200}\]|\binsert (?:image|link|citation|source) here\b",
    re.IGNORECASE,
)


def placeholders(draft: InspectedDraft) -> CheckOutcome:
    """No image, link, citation or name is still to be filled in."""
    found = [match[0] for text in draft.reader_texts for match in _PLACEHOLDER.finditer(text)]
    return passed_unless(
        found, ok="There are no placeholders.", bad="{n} placeholders still have to be filled in."
    )


CHECK = Check("placeholders", "veto", placeholders)
