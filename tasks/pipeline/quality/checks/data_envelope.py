"""Whether the text is wrapped in a data format, or part of one stands in it."""

from __future__ import annotations

import re

from tasks.pipeline.quality.check import Check
from tasks.pipeline.quality.check_results import CheckOutcome, failed, failed_at, passed
from tasks.pipeline.quality.inspected_draft import InspectedDraft
from tasks.pipeline.quality.pattern_files import finds_of

_KEYS = (
    r"(?:title|headline|body|summary|content|sections?|slug|seo_title|seo_description|meta_title"
    r"|meta_description|article|draft|tags|keywords|citations|heading|paragraphs?|markdown|text)"
)
_OPENED_FENCE = re.compile(r"\A\s{0,50}(`{3,9}|~{3,9})[^\n`]{0,40}\n")
# JSON, XML, fields of YAML, and a label at the very beginning.
_FIELDS = r"---[ \t]{0,9}\n(?:[\w-]{1,40}:[^\n]{0,300}\n(?:[ \t-][^\n]{0,300}\n){0,9}){1,20}---"
_START = re.compile(
    rf"\A\s{{0,50}}(?:\{{\s{{0,20}}[\"'\w]|\[\s{{0,20}}\{{|<\?xml|<!DOCTYPE|{_FIELDS}|{_KEYS}\s?:\s)",
    re.IGNORECASE,
)
_ESCAPED_QUOTE = re.compile(r"\\\"(?=[^\"\n]{1,300}\\\")")


def data_envelope(draft: InspectedDraft) -> CheckOutcome:
    """The text is Markdown, and neither JSON, YAML, XML nor one large block of code."""
    if wrapped := _wrapper(draft.body):
        return failed("The whole text is wrapped in a data format or a block of code.", [wrapped])
    found = [
        one for one in finds_of("data_envelope", draft.reader_text) if not draft.is_of_sources(one.words)
    ]
    found += [one for one in draft.reader_text.finds(_ESCAPED_QUOTE) if not draft.is_of_sources(one.context)]
    if found:
        return failed_at(
            found,
            one="1 part of a data format is in the text",
            many="{n} parts of a data format are in the text",
        )
    return passed("The text is in no envelope of a data format.")


def _wrapper(body: str) -> str:
    if start := _START.match(body):
        return start[0].strip()
    fence = _OPENED_FENCE.match(body)
    if not fence:
        return ""
    rest = body[fence.end() :].rstrip()
    closed = re.search(rf"^ {{0,3}}{re.escape(fence[1])}[ \t]*$", rest, re.MULTILINE)
    is_whole = closed is None or not rest[closed.end() :].strip()
    return fence[0].strip() if is_whole else ""


CHECK = Check("data_envelope", "veto", data_envelope, points=15)
