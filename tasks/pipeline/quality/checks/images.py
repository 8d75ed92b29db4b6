"""Whether the images in the body are shown, which only those of the media library are, and described."""

from __future__ import annotations

import re

from tasks.pipeline.quality.check import Check
from tasks.pipeline.quality.check_results import CheckOutcome, failed, not_applicable, passed
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
_STORED = re.compile(r"\s{0,9}<?image:[0-9a-f]{64}>?(?:\s|\Z)", re.IGNORECASE)
_HTML_ALT = re.compile(r"\balt\s?=\s?(?:\"([^\"]{0,500})\"|'([^']{0,500})')", re.IGNORECASE)


def images(draft: InspectedDraft) -> CheckOutcome:
    """Every image in the body is of the media library, as readers see no other, and has a description."""
    text = draft.reader_text
    wrong = list[str]()
    finds = list[Find]()
    found = list(_IMAGE.finditer(text.prose))
    for match in found:
        problems = ["has no description"] if _lacks_description(match) else []
        problems += [] if _STORED.match(match["address"] or "") else ["is not shown"]
        if problems:
            find = text.find_at(match.start(), match.end())
            finds.append(find)
            wrong.append(f"{find} {' and '.join(problems)}")
    if not found:
        return not_applicable("The text has no images in its body.")
    if not wrong:
        return passed("Every image is of the media library and has a description.")
    return failed(
        "Images are of the media library, and described: "
        f"{'; '.join(wrong[:3])}{'; …' if len(wrong) > 3 else ''}.",
        [find.words for find in finds],
    )


def _lacks_description(match: re.Match[str]) -> bool:
    if match["html"] is not None:
        found = _HTML_ALT.search(match["html"])
        return not found or _NO_DESCRIPTION.match(found[1] or found[2] or "") is not None
    return _NO_DESCRIPTION.match(match["alt"] or "") is not None


CHECK = Check("images", "advisory", images)
