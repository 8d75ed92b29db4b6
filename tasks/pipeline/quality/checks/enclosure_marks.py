"""Whether the marks that enclose material for a model are in the text: "<<<begin …>>>"."""

from __future__ import annotations

from tasks.pipeline.quality.check import Check
from tasks.pipeline.quality.check_results import CheckOutcome, failed, passed
from tasks.pipeline.quality.inspected_draft import InspectedDraft
from tasks.pipeline.text.enclosure_marks import enclosure_marks


def no_enclosure_marks(draft: InspectedDraft) -> CheckOutcome:
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
    found = [(where, mark) for where, text in fields.items() for mark in enclosure_marks(text)]
    if not found:
        return passed("No mark of the prompt is in the text.")
    places = ", ".join(dict.fromkeys(where for where, _ in found))
    return failed(
        f"Marks that enclose sources for a model are in {places}: take them out.",
        [words for _, words in found],
    )


CHECK = Check("enclosure_marks", "veto", no_enclosure_marks, points=15)
