"""Whether the marks that enclose material for a model are in the text: "<<<begin …>>>"."""

from __future__ import annotations

import re

from tasks.pipeline.quality.check import Check
from tasks.pipeline.quality.check_results import CheckOutcome, failed, passed
from tasks.pipeline.quality.inspected_draft import InspectedDraft

# Whole, cut at either end, escaped for Markdown or as entities.
_ANGLES, _CLOSING_ANGLES = r"(?:\\?<|&lt;|‹|＜){2,4}", r"(?:\\?>|&gt;|›|＞){2,4}"
_MARK = re.compile(
    rf"{_ANGLES}\s{{0,3}}/?(?:begin|end)\b[^>\n]{{0,200}}(?:{_CLOSING_ANGLES})?"
    rf"|\b(?:begin|end) [0-9a-f]{{6,64}}\b[^>\n]{{0,200}}{_CLOSING_ANGLES}",
    re.IGNORECASE,
)


def enclosure_marks(draft: InspectedDraft) -> CheckOutcome:
    """No mark that encloses material for a model is in the text, in code neither."""
    article = draft.article
    fields = {
        "the title": article.title,
        "the summary": article.summary,
        "the body": draft.body,
        "the SEO title": article.seo_title,
        "the SEO description": article.seo_description,
        "the tags": " ".join(article.tags),
    }
    found = [(where, match[0]) for where, text in fields.items() for match in _MARK.finditer(text)]
    if not found:
        return passed("No mark of the prompt is in the text.")
    places = ", ".join(dict.fromkeys(where for where, _ in found))
    return failed(f"Marks that enclose sources for a model are in {places}.", [words for _, words in found])


CHECK = Check("enclosure_marks", "veto", enclosure_marks, points=15)
