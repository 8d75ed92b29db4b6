"""Post-processing of a model's prose: unwrapping, citations and locked paragraphs."""

from __future__ import annotations

import re

from tasks.pipeline.errors import ParagraphLocked, ProviderUnavailable
from tasks.pipeline.text.addresses import without_unknown_addresses
from tasks.pipeline.text.enclosure_marks import enclosure_marks
from tasks.pipeline.text.locked_paragraphs import lost, with_locked
from tasks.pipeline.text.unwrapping import without_wrapping
from tasks.pipeline.types import Brief, Citation, Research

TITLE_LINE = re.compile(r"\A#[ \t]+[^\n]*(?:\n|\Z)")
CITED_TOGETHER = re.compile(r"\[(\d{1,3}(?:\s*[,;]\s*\d{1,3})+)\](?!\()")
CITED_SIDE_BY_SIDE = re.compile(r"(?<=\d\])(?=\[\d{1,3}\](?!\())")
CITED = re.compile(r"\[(\d{1,3})\](?!\()")


def cleaned_body(reply: str, research: Research) -> str:
    """The Markdown in a model's reply, without addresses that are no source's. Raises ProviderUnavailable."""
    body = without_unknown_addresses(markdown_of(reply), [source.url for source in research.sources])
    return _required(body)


def markdown_of(reply: str) -> str:
    """The Markdown in a model's reply, with each citation as a separate `[n]`.

    Takes off what is around it, such as a fence or marks, and a first line with the title. Raises
    ProviderUnavailable when nothing is left.
    """
    body = _required(TITLE_LINE.sub("", without_wrapping(_without_marks_around(reply.strip()))))
    body = CITED_TOGETHER.sub(_one_by_one, body)
    # Side by side, [1][2] would be a reference link in Markdown.
    return CITED_SIDE_BY_SIDE.sub(" ", body)


def citations_in(body: str, research: Research) -> tuple[Citation, ...]:
    """The sources that the body cites, by number; a number without a source is left to the checks."""
    cited = {int(number) for number in CITED.findall(body)}
    return tuple(
        Citation(number=source.number, title=source.title, url=source.url)
        for source in sorted(research.sources, key=lambda source: source.number)
        if source.number in cited
    )


def with_all_locked(body: str, brief: Brief) -> str:
    """A new text with the locked paragraphs of the current one. Raises ParagraphLocked."""
    body = with_locked(body, brief.locked)
    for text in lost(body, brief.locked):
        raise ParagraphLocked(text)
    return body


def _required(body: str) -> str:
    if not body.strip():
        raise ProviderUnavailable("The language model returned an empty text.")
    return body.strip()


def _without_marks_around(reply: str) -> str:
    """Without the enclosure that a model put around its reply. Marks inside of it are left to the checks."""
    lines = reply.split("\n")
    while lines and (not lines[0].strip() or lines[0].strip() in enclosure_marks(lines[0])):
        lines.pop(0)
    while lines and (not lines[-1].strip() or lines[-1].strip() in enclosure_marks(lines[-1])):
        lines.pop()
    return "\n".join(lines)


def _one_by_one(match: re.Match[str]) -> str:
    return " ".join(f"[{number}]" for number in re.findall(r"\d+", match[1]))
