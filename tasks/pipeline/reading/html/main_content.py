"""Which blocks of a page are the document, and which belong to the site around it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tasks.pipeline.reading.html.boilerplate import boilerplate
from tasks.pipeline.reading.html.hidden import is_at_some_widths
from tasks.pipeline.reading.html.placed import Container, PlacedBlock
from tasks.pipeline.reading.html.region import STOPS, inherited, inside, region_of, teasers_among
from tasks.pipeline.reading.html.tree import Element
from tasks.pipeline.types import BlockKind

PROSE_CHARACTERS = 80
SENTENCE_CHARACTERS = 40
MOST_IN_NOTICE = 300
_PROSE = frozenset((BlockKind.PARAGRAPH, BlockKind.LIST_ITEM, BlockKind.QUOTATION))


@dataclass
class _Part:
    """What a container holds, with all containers inside."""

    size: int = 0
    linked: int = 0
    prose: int = 0
    items: int = 0
    has_headline: bool = False
    grade: str = ""
    """Of boilerplate: "sure", "likely" or nothing."""


@dataclass(frozen=True)
class MainContent:
    """Which of the blocks of a page are taken, one truth value for each."""

    main: list[bool]
    outside_site_parts: list[bool]
    """All but menus, footers, notices of the site, comments and what is likely one of these."""
    site_parts: frozenset[Element]
    """Those that are surely parts of the site."""
    prose_taken: int
    prose_left_out: int
    """Characters in paragraphs outside those parts, and in no teaser for another page."""


def select_main_content(found: Sequence[PlacedBlock], containers: Sequence[Container]) -> MainContent:
    prose = _prose(found)
    parts = _measured(found, containers, prose)
    _grade_parts(containers, parts)
    dropped = inherited(containers, [bool(part.grade) for part in parts])
    teasers = teasers_among(found, containers, prose)
    region = region_of(found, containers, [part.has_headline for part in parts], prose, teasers, dropped)
    is_dense, is_in_region = inside(containers, region.dense), inside(containers, region.whole)
    taken = [
        (is_dense[placed.container] or (is_in_region[placed.container] and not is_teaser))
        and not dropped[placed.container]
        for placed, is_teaser in zip(found, teasers, strict=True)
    ]
    copies = _drop_second_copies(found, containers, taken)
    for index in range(1, len(found) - 1):
        if taken[index] and _is_mere_link(found[index]) and (prose[index - 1] and prose[index + 1]):
            taken[index] = False
    of_site = inherited(containers, [part.grade == "sure" for part in parts])
    _add_headline(found, containers, dropped, taken)
    _add_lead(found, prose, of_site, taken)
    outside = [not dropped[placed.container] for placed in found]
    return MainContent(
        main=taken,
        outside_site_parts=outside,
        site_parts=frozenset(
            container.element
            for container, part in zip(containers, parts, strict=True)
            if part.grade == "sure"
        ),
        prose_taken=sum(size for size, each in zip(prose, taken, strict=True) if each),
        prose_left_out=sum(
            size
            for size, each, other, is_teaser, is_copy in zip(
                prose, outside, taken, teasers, copies, strict=True
            )
            if each and not (other or is_teaser or is_copy)
        ),
    )


def _drop_second_copies(
    found: Sequence[PlacedBlock], containers: Sequence[Container], taken: list[bool]
) -> list[bool]:
    """A page may hold one text for narrow screens and the same for wide ones; which blocks are copies."""
    outermost = [-1] * len(containers)
    for index, container in enumerate(containers):
        outermost[index] = outermost[container.parent] if container.parent >= 0 else -1
        if outermost[index] < 0 and is_at_some_widths(container.element):
            outermost[index] = index
    seen: dict[str, int] = {}
    copies = [False] * len(found)
    for index, placed in enumerate(found):
        part = outermost[placed.container]
        if taken[index] and part >= 0:
            taken[index] = seen.setdefault(placed.block.text, part) == part
            copies[index] = not taken[index]
    return copies


def _prose(found: Sequence[PlacedBlock]) -> list[int]:
    """How many characters of each block are prose; of a page without any, all that is no link counts."""
    prose = [len(placed.block.text) - placed.linked if is_prose(placed) else 0 for placed in found]
    if any(prose):
        return prose
    return [0 if placed.block.level else len(placed.block.text) - placed.linked for placed in found]


def _is_mere_link(placed: PlacedBlock) -> bool:
    """ "Read also: …" between two paragraphs."""
    text, unlinked = placed.block.text, len(placed.block.text) - placed.linked
    if placed.block.kind != BlockKind.PARAGRAPH or len(text) >= 150:
        return False
    is_labelled = unlinked <= 25 and text[:unlinked].rstrip().endswith((":", "»", "：", "→", "|"))
    return unlinked <= 0.1 * len(text) or is_labelled


def is_prose(placed: PlacedBlock) -> bool:
    """A paragraph long enough to be distinguished from labels and teasers, and not a link as a whole."""
    text = placed.block.text
    if placed.block.kind not in _PROSE or placed.linked * 2 > len(text):
        return False
    if len(text) >= PROSE_CHARACTERS or (len(text) >= SENTENCE_CHARACTERS and text.endswith(STOPS)):
        return True
    return len(text) >= 20 and len(text.encode()) >= 2.2 * len(text)


def _measured(
    found: Sequence[PlacedBlock], containers: Sequence[Container], prose: Sequence[int]
) -> list[_Part]:
    parts = [_Part() for _ in containers]
    for placed, size in zip(found, prose, strict=True):
        part = parts[placed.container]
        part.size += len(placed.block.text)
        part.linked += placed.linked
        part.items += 1
        part.has_headline = part.has_headline or placed.block.level == 1
        part.prose += size
    for index in range(len(containers) - 1, 0, -1):
        part, above = parts[index], parts[containers[index].parent]
        above.size += part.size
        above.linked += part.linked
        above.prose += part.prose
        above.items += part.items
        above.has_headline = above.has_headline or part.has_headline
    return parts


def _grade_parts(containers: Sequence[Container], parts: Sequence[_Part]) -> None:
    whole = parts[0]
    for container, part in zip(containers[1:], parts[1:], strict=True):
        if not part.size or container.element.tag in ("body", "main"):
            continue
        grade = boilerplate(container.element)
        if not grade:
            part.grade = "likely" if _is_list_of_links(container, part) else ""
        elif grade == "sure":
            is_most = part.size > 0.5 * whole.size and part.prose >= 0.8 * whole.prose
            part.grade = "" if is_most or (part.has_headline and part.prose * 3 > whole.prose) else "sure"
        elif grade == "small":
            is_text = part.prose > max(0.2 * whole.prose, min(MOST_IN_NOTICE, 0.4 * whole.prose))
            part.grade = "" if part.has_headline or is_text else "sure"
        elif not part.has_headline and part.size <= 0.5 * whole.size:
            is_text = part.prose * 4 > part.size and part.prose > 0.25 * whole.prose
            part.grade = "" if is_text else "likely"


def _is_list_of_links(container: Container, part: _Part) -> bool:
    # A cell here is one of a table that arranges the page.
    return (
        container.element.tag in ("ul", "ol", "dl", "div", "section", "td")
        and (part.items >= 3 or container.element.tag == "td")
        and part.linked > 0.85 * part.size
        and not part.prose
    )


def _add_headline(
    found: Sequence[PlacedBlock], containers: Sequence[Container], dropped: Sequence[bool], taken: list[bool]
) -> None:
    """The headline of the document often stands above its container."""
    first = taken.index(True) if True in taken else 0
    while first and found[first - 1].block.level and not dropped[found[first - 1].container]:
        first -= 1
        taken[first] = not _is_logo(containers, found[first].container)
    for placed, is_taken in zip(found, taken, strict=True):
        if is_taken and placed.block.level == 1:
            return
    is_section = found[first].block.level == 2 and taken[first]
    for index in range(first - 1, -1, -1):
        if found[index].block.level == 1 and not dropped[found[index].container]:
            # Above a heading of the document it may be the name of the site.
            if is_section and not _share_article(containers, found[index].container, found[first].container):
                return
            if not _is_logo(containers, found[index].container):
                taken[index] = True
            return


def _share_article(containers: Sequence[Container], one: int, other: int) -> bool:
    """Whether the innermost article or main part around one container is around the other as well."""
    while one >= 0 and containers[one].element.tag not in ("article", "main"):
        one = containers[one].parent
    while other > one >= 0:
        other = containers[other].parent
    return one == other >= 0


def _add_lead(
    found: Sequence[PlacedBlock], prose: Sequence[int], of_site: Sequence[bool], taken: list[bool]
) -> None:
    """What introduces the document often stands between its headline and its container."""
    if True not in taken:
        return
    first = taken.index(True)
    start, end = first, first
    if found[first].block.level == 1:
        end = next((index for index in range(first + 1, len(found)) if taken[index]), first)
    else:
        before = range(first - 1, max(-1, first - 9), -1)
        start = next((index for index in before if 0 < found[index].block.level <= 2), first)
    for index in range(start, end):
        block = found[index].block
        is_subtitle = block.level > 0 and len(block.text) >= SENTENCE_CHARACTERS
        if (prose[index] or is_subtitle) and not of_site[found[index].container]:
            taken[index] = True


def _is_logo(containers: Sequence[Container], index: int) -> bool:
    for _ in range(4):
        if index <= 0:
            break
        names = (
            f"{containers[index].element.get('class', '')} {containers[index].element.get('id', '')}".lower()
        )
        if any(
            name in names for name in ("logo", "brand", "site-title", "site-name", "sitename", "blog-title")
        ):
            return True
        index = containers[index].parent
    return False
