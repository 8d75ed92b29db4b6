"""The part of a page that holds its document: named so by the page, or with the densest prose."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from tasks.pipeline.reading.html.boilerplate import is_article_body, is_main
from tasks.pipeline.reading.html.placed import Container, PlacedBlock
from tasks.pipeline.reading.html.tree import Element

LEAST_SHARE = 0.75
"""Of the prose of a page that names no main part."""
MOST_IN_TEASER = 400
MOST_LEVELS = 6

STOPS = (".", "!", "?", "”", "»", "。", "！", "？", "।", "؟")
_IMPRINT = re.compile(
    r"©|\(c\)|rights reserved|copyright|cookie|rechte vorbehalten|droits réservés", re.IGNORECASE
)
_OF_ONE_BLOCK = frozenset(("p", "li", "ul", "ol", "dd", "dl", "blockquote", "td", "tr", "tbody", "span"))


@dataclass(frozen=True)
class MainRegion:
    """Containers by their index."""

    dense: int
    """All in it is the document's."""
    whole: int
    """Around it; teasers for other pages in it are not the document's."""


def region_of(
    found: Sequence[PlacedBlock],
    containers: Sequence[Container],
    has_headline: Sequence[bool],
    prose: Sequence[int],
    teasers: Sequence[bool],
    dropped: Sequence[bool],
) -> MainRegion:
    held = [0] * len(containers)
    for placed, size, is_teaser in zip(found, prose, teasers, strict=True):
        held[placed.container] += 0 if dropped[placed.container] or is_teaser else size
    for index in range(len(containers) - 1, 0, -1):
        held[containers[index].parent] += held[index]
    region = 0
    for is_named, share in ((is_main, 0.85), (_is_article, 0.75), (is_article_body, 0.85)):
        is_inside = inside(containers, region)
        named = [
            index
            for index, container in enumerate(containers)
            if is_inside[index] and not dropped[index] and is_named(container.element)
        ]
        with_headline = [index for index in named if has_headline[index] and held[index]]
        best = max(named, key=lambda index: (held[index], -index), default=0)
        if len(with_headline) == 1 and held[with_headline[0]] > 0.15 * held[region]:
            region = with_headline[0]
        elif best and held[best] and held[best] >= share * held[region]:
            region = best
    if region and not is_main(containers[region].element):
        return MainRegion(region, region)
    scores = _scores(found, containers, prose, dropped, region)
    best = max(range(region, len(containers)), key=lambda index: scores[index])
    if not scores[best]:
        return MainRegion(region, region)
    if region:
        return MainRegion(best, region)
    dense = best
    while best > region and held[best] < LEAST_SHARE * held[region]:
        best = containers[best].parent
    return MainRegion(dense, _with_sentences_around(best, found, containers, dropped))


def _with_sentences_around(
    region: int, found: Sequence[PlacedBlock], containers: Sequence[Container], dropped: Sequence[bool]
) -> int:
    """The container around it, while that has only sentences and headings more."""
    for _ in range(MOST_LEVELS):
        if not region:
            break
        parent = containers[region].parent
        is_inside, is_around = inside(containers, region), inside(containers, parent)
        more = [
            placed
            for placed in found
            if is_around[placed.container] and not (is_inside[placed.container] or dropped[placed.container])
        ]
        if not all(_is_sentence_or_heading(placed) for placed in more) or sum(map(_is_link, more)):
            break
        region = parent
    return region


def _is_sentence_or_heading(placed: PlacedBlock) -> bool:
    text = placed.block.text
    if placed.block.level:
        return True
    is_sentence = text.endswith(STOPS) and (" " in text or not text.isascii())
    return is_sentence and placed.linked * 2 <= len(text) and not _IMPRINT.search(text)


def teasers_among(
    found: Sequence[PlacedBlock], containers: Sequence[Container], prose: Sequence[int]
) -> list[bool]:
    """Of each block whether it stands with a few others below a headline that links to another page.

    None where most of a page is made of them.
    """
    size, items = [0] * len(containers), [0] * len(containers)
    has_link = [False] * len(containers)
    for placed, characters in zip(found, prose, strict=True):
        size[placed.container] += characters
        items[placed.container] += 1
        has_link[placed.container] |= _is_link(placed)
    for index in range(len(containers) - 1, 0, -1):
        parent = containers[index].parent
        size[parent], items[parent] = size[parent] + size[index], items[parent] + items[index]
        has_link[parent] |= has_link[index]
    is_card = [
        has_link[index] and items[index] <= 6 and size[index] <= MOST_IN_TEASER and index > 0
        for index in range(len(containers))
    ]
    in_card = inherited(containers, is_card)
    teasers = [in_card[placed.container] for placed in found]
    in_teasers = sum(characters for characters, each in zip(prose, teasers, strict=True) if each)
    return teasers if 2 * in_teasers < sum(prose) else [False] * len(found)


def _is_link(placed: PlacedBlock) -> bool:
    return placed.block.level > 1 and placed.linked >= 0.9 * len(placed.block.text)


def inherited(containers: Sequence[Container], own: Sequence[bool]) -> list[bool]:
    """What holds for a container holds for all inside it."""
    result = list(own)
    for index, container in enumerate(containers):
        result[index] = own[index] or (container.parent >= 0 and result[container.parent])
    return result


def inside(containers: Sequence[Container], region: int) -> list[bool]:
    return inherited(containers, [index == region for index in range(len(containers))])


def _scores(
    found: Sequence[PlacedBlock],
    containers: Sequence[Container],
    prose: Sequence[int],
    dropped: Sequence[bool],
    region: int,
) -> list[float]:
    """Each paragraph counts for the container around it, half for the next one, and ever less further up."""
    scores = [0.0] * len(containers)
    for placed, size in zip(found, prose, strict=True):
        if not size or dropped[placed.container]:
            continue
        value = 1 + min(size / 100, 8)
        index = placed.container
        while index > region and containers[index].element.tag in _OF_ONE_BLOCK:
            index = containers[index].parent
        for divisor in (1, 2, 6, 9, 12, 15):
            if index < region:
                break
            scores[index] += value / divisor
            index = containers[index].parent
    return scores


def _is_article(element: Element) -> bool:
    return bool(element.tag == "article")
