"""Whether the body has images: a text has no picture but its cover, so readers would not see them."""

from __future__ import annotations

import re

from tasks.pipeline.quality.check import Check
from tasks.pipeline.quality.check_results import CheckOutcome, failed, not_applicable
from tasks.pipeline.quality.inspected_draft import InspectedDraft
from tasks.pipeline.quality.reader_text import Find

_IMAGE = re.compile(
    r"!\[(?P<alt>[^\]\n]{0,500})\](?:\((?P<address>[^)\n]{0,2000})\)|\[[^\]\n]{0,200}\])"
    r"|!\[\[(?P<wiki>[^\]\n]{1,300})\]\]|<img\b(?P<html>[^<>]{0,2000})>",
    re.IGNORECASE,
)
_NO_DESCRIPTION = re.compile(
    r"\s{0,9}(?:|image|img|photo|picture|alt(?: text)?|bild|foto|imagen?|immagine"
    r"|[\w-]{1,80}\.(?:jpe?g|png|gif|webp|svg|avif))\s{0,9}\Z",
    re.IGNORECASE,
)
_HTML_ALT = re.compile(r"\balt\s?=\s?(?:\"([^\"]{0,500})\"|'([^']{0,500})')", re.IGNORECASE)


def images(draft: InspectedDraft) -> CheckOutcome:
    """No image is in the body, where readers would not see it, and none lacks a description."""
    text = draft.reader_text
    wrong = list[str]()
    finds = list[Find]()
    for match in _IMAGE.finditer(text.prose):
        find = text.find_at(match.start(), match.end())
        finds.append(find)
        wrong.append(f"{find} {'has no description and ' if _lacks_description(match) else ''}is not shown")
    if not finds:
        return not_applicable("The text has no images in its body.")
    return failed(
        f"A text has no picture but its cover: {'; '.join(wrong[:3])}{'; …' if len(wrong) > 3 else ''}.",
        [find.words for find in finds],
    )


def _lacks_description(match: re.Match[str]) -> bool:
    if match["html"] is not None:
        found = _HTML_ALT.search(match["html"])
        return not found or _NO_DESCRIPTION.match(found[1] or found[2] or "") is not None
    return _NO_DESCRIPTION.match(match["alt"] or "") is not None


CHECK = Check("images", "advisory", images)
