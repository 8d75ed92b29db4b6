"""Whether the title looks like a title."""

from __future__ import annotations

from tasks.pipeline.quality.check import Check, Threshold
from tasks.pipeline.quality.check_results import CheckOutcome, passed_unless, skipped
from tasks.pipeline.quality.inspected_draft import InspectedDraft

LONGEST = Threshold(
    "title_style", "longest", 110, 40, 200, "More characters than this are too long for a title."
)
_PAIRS = ('""', "''", "“”", "„“", "„”", "«»", "»«", "‘’", "「」", "『』", "《》", "”“", "””")


def title_style(draft: InspectedDraft) -> CheckOutcome:
    """The title is not quoted, not in capitals, not a sentence and not too long."""
    title = " ".join(draft.article.title.split())
    if not title:
        return skipped("The text has no title yet.")
    wrong = []
    if len(title) > 2 and title[0] + title[-1] in _PAIRS and title.count(title[-1]) <= 2:
        wrong.append(f"In quotation marks: {title}")
    letters = [letter for letter in title if letter.isalpha()]
    if len(title.split()) > 3 and len(letters) > 12 and all(map(str.isupper, letters)):
        wrong.append(f"In capitals: {title}")
    if title.endswith((".", "。", "।")) and not title.endswith(("...", "etc.", "Inc.", "Ltd.", "Co.", "Jr.")):
        wrong.append(f"Ends like a sentence: {title}")
    if len(title) > draft.limit(LONGEST):
        wrong.append(f"{len(title)} characters: {title}")
    what = "The title does not look like one: change what is named below."
    return passed_unless(wrong, ok="The title looks like a title.", bad=what)


CHECK = Check("title_style", "advisory", title_style, points=2, thresholds=(LONGEST,))
