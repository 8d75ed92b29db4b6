"""Whether characters were garbled on the way: "cafÃ©", "donâ€™t", "�"."""

from __future__ import annotations

import re

from tasks.pipeline.quality.check import Check
from tasks.pipeline.quality.check_results import CheckOutcome, passed_unless_at
from tasks.pipeline.quality.inspected_draft import InspectedDraft

# UTF-8 that was read as Windows-1252 or Latin 1, UTF-8 as Windows-1251, the replacement character, escapes.
_GARBLED = re.compile(
    "\ufffd|Ã[\u0080-\u00bf‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]|â(?:€|\u0080)[\u0080-\u00bf™œ“”˜¦¢¡š–—]|Â[\u0080-\u00bf](?![\\w])|ï»¿|ð(?:Ÿ|\u009f)"
    "|(?:Ð[\u0080-\u00bf°±²³´µ¶·¸¹º»¼½¾¿]){2}|(?:Р[°±µё»јЅѕѓ]){3}"
    r"|\\u[0-9a-fA-F]{4}|&amp;(?:amp|quot|nbsp|lt|gt|#\d{2,5});"
)


def encoding(draft: InspectedDraft) -> CheckOutcome:
    """No character was garbled by a wrong encoding."""
    found = [one for one in draft.reader_text.finds(_GARBLED) if not draft.is_of_sources(one.words)]
    return passed_unless_at(
        found,
        ok="No character is garbled.",
        one="1 passage has garbled characters",
        many="{n} passages have garbled characters",
    )


CHECK = Check("encoding", "veto", encoding, points=10)
