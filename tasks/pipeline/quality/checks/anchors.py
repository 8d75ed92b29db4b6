"""Whether links within the text lead to its headings, sources and footnotes."""

from __future__ import annotations

import re

from tasks.pipeline.quality.check import Check
from tasks.pipeline.quality.check_results import CheckOutcome, not_applicable, passed_unless
from tasks.pipeline.quality.inspected_draft import InspectedDraft
from tasks.pipeline.text.dialect import heading_ids, heading_of_anchor, parse

_NOTE = re.compile(r"(?:user-content-)?fn(?:ref)?[-:]?[\w-]{1,60}|footnote-\d{1,4}(?:-mark(?:-\d{1,4})?)?")


def anchors(draft: InspectedDraft) -> CheckOutcome:
    """Every link within the text leads to a heading, a source or a footnote that it has."""
    links = list(dict.fromkeys(link for link in draft.links if link.startswith("#") and len(link) > 1))
    if not links:
        return not_applicable("The text has no links to its own parts.")
    ids = heading_ids(parse(draft.body))
    sources = {f"source-{one.number}" for one in draft.article.citations}
    missing = [link for link in links if not _is_there(link[1:], ids, sources, draft.body)]
    return passed_unless(
        missing,
        ok="Every link within the text leads to a part of it.",
        one=f"1 link leads to no part of the text: {', '.join(missing)}.",
        bad=f"{{n}} links lead to no part of the text: {', '.join(missing[:3])}.",
    )


def _is_there(anchor: str, ids: list[str], sources: set[str], body: str) -> bool:
    if anchor in sources or anchor.lower() == "top":  # every browser knows the top of a page
        return True
    return bool(heading_of_anchor(anchor, ids)) or ("[^" in body and bool(_NOTE.fullmatch(anchor)))


CHECK = Check("anchors", "advisory", anchors)
