"""Paragraphs that editors locked: where they stand in a text, and how they get back into a revised one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from tasks.pipeline.text.paragraphs import heading_text, joined, paragraphs
from tasks.pipeline.types import LockedParagraph

ALIKE = 0.5
"""Share of words from which on a paragraph is taken for the new wording of another."""
WORD = re.compile(r"\w+")


def anchored(body: str, texts: Iterable[str]) -> tuple[LockedParagraph, ...]:
    """Those of `texts` that are paragraphs of the body, in its order, with what stands around each."""
    locked, found, section = set(texts), [], ""
    blocks = paragraphs(body)
    for index, block in enumerate(blocks):
        if block in locked:
            before = blocks[index - 1] if index else ""
            after = blocks[index + 1] if index + 1 < len(blocks) else ""
            found.append(LockedParagraph(text=block, before=before, after=after, section=section))
        section = heading_text(block) or section
    return tuple(found)


def lost(body: str, locked: Sequence[LockedParagraph]) -> tuple[str, ...]:
    """The locked paragraphs that the body does not have word for word."""
    if not locked:
        return ()
    present = set(paragraphs(body))
    return tuple(one.text for one in locked if one.text not in present)


def with_locked(revised: str, locked: Sequence[LockedParagraph], base: str = "") -> str:
    """The revised text with each locked paragraph word for word, in its place.

    Its place is that of its new wording; else between its neighbours in `base`, the text that was revised;
    else at the end of its section. One that has no place is left out: `lost` names it.
    """
    if not lost(revised, locked):
        return revised
    in_base = {one.text: one for one in anchored(base, (one.text for one in locked))}
    blocks = paragraphs(revised)
    for one in locked:
        if one.text not in blocks:
            _put_back(blocks, in_base.get(one.text, one), {other.text for other in locked})
    return joined(blocks)


def _put_back(blocks: list[str], one: LockedParagraph, locked: set[str]) -> None:
    reworded = most_alike(blocks, one.text, but=locked | {one.before, one.after})
    if reworded is not None:
        blocks[reworded] = one.text
        return
    place = place_of(blocks, one)
    if place is not None:
        blocks.insert(place, one.text)


def place_of(blocks: Sequence[str], one: LockedParagraph) -> int | None:
    """Before which block it belongs."""
    if one.before:
        before = most_alike(blocks, one.before)
        if before is not None:
            return before + 1
    if one.after:
        after = most_alike(blocks, one.after)
        if after is not None:
            return after
    if one.section:
        return _end_of_section(blocks, one.section)
    if not one.before:
        return 0
    return None


def _end_of_section(blocks: Sequence[str], section: str) -> int | None:
    headings = [(index, heading_text(block)) for index, block in enumerate(blocks) if heading_text(block)]
    for number, (_, text) in enumerate(headings):
        if text and text.casefold() == section.casefold():
            return headings[number + 1][0] if number + 1 < len(headings) else len(blocks)
    return None


def most_alike(blocks: Sequence[str], text: str, but: Iterable[str] = ()) -> int | None:
    """The block with these words or most of them; a heading is like headings only."""
    words, is_heading, excluded = _words(text), heading_text(text) is not None, set(but)
    best, best_likeness = None, 0.0
    for index, block in enumerate(blocks):
        if block == text:
            return index
        if block in excluded or (heading_text(block) is not None) != is_heading:
            continue
        others = _words(block)
        likeness = len(words & others) / (max(len(words), len(others)) or 1)
        if likeness >= ALIKE and likeness > best_likeness:
            best, best_likeness = index, likeness
    return best


def _words(text: str) -> frozenset[str]:
    return frozenset(WORD.findall(text.casefold()))
