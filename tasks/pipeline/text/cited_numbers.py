"""Which sources a Markdown text cites, as readers see it: no number in code, and none that is a link."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

from tasks.pipeline.text.dialect import CITATION, parse

if TYPE_CHECKING:
    from markdown_it.token import Token


def cited_numbers(text: str) -> list[int]:
    """The numbers of all its citations, each once, in the order of the text."""
    if not CITATION.search(text) and "[" not in text:
        return []
    found = (number for token in _citations(parse(text)) for number in token.meta["numbers"])
    return list(dict.fromkeys(found))


def without_citations_of(text: str, unknown: Collection[int]) -> str:
    """The text without the citations that have an unknown number; one with a known number too keeps that."""
    for token in _citations(parse(text)):
        numbers = token.meta["numbers"]
        if not set(numbers) & set(unknown):
            continue
        known = " ".join(f"[{number}]" for number in numbers if number not in unknown)
        for written in (f" {token.content}", token.content):
            if written in text:
                text = text.replace(written, f" {known}" if known else "", 1)
                break
    return text


def _citations(tokens: list[Token]) -> Iterator[Token]:
    for token in tokens:
        yield from (child for child in token.children or () if child.type == "citation")
