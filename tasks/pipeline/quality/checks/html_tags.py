"""Whether tags of HTML are in the text, which readers would see as they are written."""

from __future__ import annotations

import re

from tasks.pipeline.quality.check import Check
from tasks.pipeline.quality.check_results import CheckOutcome, passed_unless_at
from tasks.pipeline.quality.inspected_draft import InspectedDraft

_TAG = re.compile(
    r"</?(?:p|div|span|br|hr|b|i|u|em|strong|a|img|h[1-6]|ul|ol|li|table|t[rdh]|thead|tbody|center|font|blockquote|script"
    r"|style|iframe|video|figure|figcaption|section|small|big|s|del|ins|sup|sub|mark|details|summary|form|input|button|meta"
    r"|link)(?:\s[^<>\n]{0,300})?\s?/?>|<!--|-->|\[/?(?:b|i|u|url|img|quote|code)\]",
    re.IGNORECASE,
)


def html_tags(draft: InspectedDraft) -> CheckOutcome:
    """The text has no tags of HTML, which would be shown as they are written."""
    found = [one for one in draft.reader_text.finds(_TAG) if not draft.is_of_sources(one.words)]
    return passed_unless_at(
        found,
        ok="The text has no tags of HTML.",
        one="1 tag of HTML would be shown as it is written",
        many="{n} tags of HTML would be shown as they are written",
    )


CHECK = Check("html_tags", "advisory", html_tags, points=3)
