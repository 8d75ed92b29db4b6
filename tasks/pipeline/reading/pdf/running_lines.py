"""Running heads, running feet and page numbers: they stand at the edge of many pages and in no sentence."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise, takewhile

from tasks.pipeline.reading.pdf.lines import text_of
from tasks.pipeline.reading.pdf.types import PlacedRow

EDGE_ROWS = 4
"""So many rows at the head and at the foot of a page are looked at."""
EDGE_SHARE = 0.17
"""Of the page's height, in which they stand."""
SAME_HEIGHT = 4.0
"""Points by which the place of a running line may differ from page to page."""
DISTANT = 1.45
"""Of the usual distance of rows: what is set apart from the text by more may be a running line."""

_ROMAN = r"[ivxlcdm]{1,8}"
_PAGE_WORD = (
    r"(?:page|pages|p\.|pg\.?|seite|s\.|blatt|página|pagina|pág\.|pag\.|strona|str\.|sivu|sida|side|oldal|strana|"
    r"страница|стр\.|с\.|σελίδα|sayfa|halaman|trang|第)"
)
_OF = r"(?:of|von|de|di|sur|van|av|af|out of|z|ze|из|/|\||-|–|—|・|共)"
_PAGE_NUMBER = re.compile(
    rf"[\W_]{{0,6}}(?:{_PAGE_WORD}[\W_]{{0,3}})?(?:\d{{1,4}}|{_ROMAN}|[٠-٩۰-۹]{{1,4}})"
    rf"(?:\s?(?:頁|页|ページ|쪽|页共))?(?:\s?{_OF}\s?\d{{1,4}}\s?(?:頁|页|ページ|쪽)?)?[\W_]{{0,6}}",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"\d{1,9}|[٠-٩۰-۹]{1,9}")
_ROMAN_ALONE = re.compile(rf"(?<!\w){_ROMAN}(?!\w)", re.IGNORECASE)
_BROWSER = re.compile(
    r"(?:https?|file)://\S{1,500}(?:\s+(?:Page )?\d{1,3}\s?(?:/|of)\s?\d{1,3})?|"
    r"\d{1,4}[./-]\d{1,2}[./-]\d{2,4},? \d{1,2}:\d{2}(?: ?[AP]M)?\b.{0,200}"
)
"""What browsers print at the head and foot of each page."""
_SENTENCE_END = re.compile(r"[.!?…。！？][\"'”’»)\]]{0,2}$")


@dataclass
class _Edge:
    """A row at the head or foot of a page."""

    page: int
    place: int
    """Of the row on its page."""
    rank: int
    """0 is nearest to the edge."""
    baseline: float
    text: str
    pattern: str
    """The text without figures."""
    is_apart: bool
    """Whether the distance to the text is larger than between its rows, or its size another."""
    is_large: bool
    """Whether it is larger than the text, as a heading is."""
    is_small: bool
    distance: float
    """To the row further inwards, in sizes."""


def without_running_lines(
    pages: Sequence[Sequence[PlacedRow]], heights: Sequence[float]
) -> list[list[PlacedRow]]:
    """The rows of each page, without what belongs to the page and not to its text."""
    dropped: list[set[int]] = [set() for _ in pages]
    size = _usual_size(pages)
    for at_head in (True, False):
        edges = [
            _edges(page, rows, height, size, at_head)
            for page, (rows, height) in enumerate(zip(pages, heights, strict=True))
        ]
        for edge in _running(edges, len(pages)):
            dropped[edge.page].add(edge.place)
    for page in _left_empty(pages, dropped):
        dropped[page] = {place for place in dropped[page] if _is_number(pages[page][place])}
    return [
        [row for place, row in enumerate(rows) if place not in dropped[page]]
        for page, rows in enumerate(pages)
    ]


def _left_empty(pages: Sequence[Sequence[PlacedRow]], dropped: Sequence[set[int]]) -> list[int]:
    """Pages of which all rows would go, when they are many: then these are their text."""
    empty = [page for page, rows in enumerate(pages) if rows and len(dropped[page]) == len(rows)]
    return empty if 2 * len(empty) >= sum(map(bool, pages)) else []


def _is_number(row: PlacedRow) -> bool:
    return bool(_PAGE_NUMBER.fullmatch(text_of(row.words)))


def _edges(page: int, rows: Sequence[PlacedRow], height: float, size: float, at_head: bool) -> list[_Edge]:
    """The outermost rows of one page, from its edge inwards."""
    order = range(len(rows)) if at_head else range(len(rows) - 1, -1, -1)
    usual = _usual_distance(rows)
    edges = list[_Edge]()
    for rank, place in enumerate(order):
        row = rows[place]
        from_edge = height - row.baseline if at_head else row.baseline
        if rank >= EDGE_ROWS or from_edge > EDGE_SHARE * height:
            break
        inner = place + 1 if at_head else place - 1
        is_apart, distance = True, 10.0 * row.size
        if 0 <= inner < len(rows):
            distance = abs(row.baseline - rows[inner].baseline)
            least = max(usual, 1.2 * row.size)
            is_apart = distance > DISTANT * least or abs(row.size - rows[inner].size) >= 1
        text = text_of(row.words)
        edges.append(
            _Edge(
                page, place, rank, row.baseline, text, _pattern(text), is_apart,
                is_large=row.size > 1.12 * size or all(word.style.is_bold for word in row.words),
                is_small=row.size < 0.95 * size,
                distance=distance / row.size,
            )
        )  # fmt: skip
    return edges


def _usual_size(pages: Sequence[Sequence[PlacedRow]]) -> float:
    sizes = Counter[float]()
    for rows in pages:
        for row in rows:
            sizes[row.size] += sum(len(word.text) for word in row.words)
    return sizes.most_common(1)[0][0] if sizes else 10.0


def _usual_distance(rows: Sequence[PlacedRow]) -> float:
    distances = sorted(
        before.baseline - after.baseline
        for before, after in pairwise(rows)
        if before.baseline - after.baseline > 0.6 * after.size
    )
    return distances[len(distances) // 3] if distances else 12.0


def _pattern(text: str) -> str:
    return _ROMAN_ALONE.sub("#", _NUMBER.sub("#", text.casefold())).strip()


def _running(edges: Sequence[Sequence[_Edge]], pages: int) -> list[_Edge]:
    """Which of these rows run through the pages."""
    everything = [edge for page in edges for edge in page]
    running = {id(edge): edge for edge in _repeated(everything, pages)}
    running |= {id(edge): edge for edge in _numbers(everything, pages)}
    running |= {id(edge): edge for edge in _of_changing_text(everything, pages)}
    # What stands further inwards than a row of the text is text as well.
    result, repeats = list[_Edge](), Counter(edge.pattern for edge in everything)
    for page in edges:
        outer = list(takewhile(lambda edge: id(edge) in running, page))
        goes_on = len(outer) < len(page) and repeats[page[len(outer)].pattern] > 1
        if len(outer) == EDGE_ROWS or goes_on:
            # These are no running lines but pages that begin with the same text.
            outer = list(takewhile(lambda edge: edge.is_apart, outer))[: EDGE_ROWS - 1]
        result += outer
    return result


def _repeated(edges: Sequence[_Edge], pages: int) -> list[_Edge]:
    """Rows with the same words at the same height, on several pages or on those of one side."""
    groups = defaultdict[str, list[_Edge]](list)
    for edge in edges:
        groups[edge.pattern].append(edge)
    running = list[_Edge]()
    for group in groups.values():
        on_pages = {edge.page for edge in group}
        if len(on_pages) < 2 or not _enough(on_pages, pages):
            continue
        heights = sorted(edge.baseline for edge in group)
        middle = heights[len(heights) // 2]
        counts_up = _counts_up(group)
        if group[0].is_large and (len(on_pages) < 0.6 * pages or "#" in group[0].pattern):
            continue
        for edge in group:
            is_sentence = bool(_SENTENCE_END.search(edge.text)) and len(edge.text.split()) > 3
            is_set_apart = edge.is_apart and (not is_sentence or edge.is_small or len(on_pages) > 2)
            is_level = abs(edge.baseline - middle) <= SAME_HEIGHT
            if counts_up or (is_level and (is_set_apart or not is_sentence)):
                running.append(edge)
    return running


def _enough(on_pages: set[int], pages: int) -> bool:
    """Whether a line is on enough pages: two of two, or a third of those of one side, and at least two."""
    if len(on_pages) >= max(2, 0.3 * pages):
        return True
    for side in (0, 1):
        of_side = {page for page in on_pages if page % 2 == side}
        if len(of_side) == len(on_pages) and len(of_side) >= max(2, 0.3 * pages / 2):
            return True
    # The title of a chapter: on consecutive pages, or on every second.
    ordered = sorted(on_pages)
    near = sum(after - before <= 2 for before, after in pairwise(ordered))
    return len(ordered) >= 2 and near >= 0.7 * (len(ordered) - 1)


def _counts_up(group: Sequence[_Edge]) -> bool:
    """Whether a figure in these rows grows as the pages do."""
    offsets = defaultdict[int, set[int]](set)
    for edge in group:
        for offset in _offsets(edge):
            offsets[offset].add(edge.page)
    return any(len(on_pages) >= 2 for on_pages in offsets.values())


def _numbers(edges: Sequence[_Edge], pages: int) -> list[_Edge]:
    """Rows that hold nothing but the number of their page."""
    candidates = [edge for edge in edges if _PAGE_NUMBER.fullmatch(edge.text)]
    if pages == 1:
        of_browser = [edge for edge in edges if edge.is_small and _BROWSER.fullmatch(edge.text)]
        return [edge for edge in candidates + of_browser if edge.rank == 0 and edge.is_apart]
    offset = _usual_offset(candidates)
    levels = sorted(edge.baseline for edge in candidates)
    middle = levels[len(levels) // 2] if levels else 0.0
    return [
        edge
        for edge in candidates
        if edge.rank <= 1
        and (edge.is_apart or abs(edge.baseline - middle) <= SAME_HEIGHT)
        and (offset is None or offset in _offsets(edge) or not _NUMBER.search(edge.text))
    ]


def _usual_offset(candidates: Sequence[_Edge]) -> int | None:
    """By how much the numbers of pages differ from their places in the file."""
    counts = Counter(offset for edge in candidates for offset in _offsets(edge))
    return counts.most_common(1)[0][0] if len(candidates) >= 3 and counts else None


def _offsets(edge: _Edge) -> set[int]:
    return {int(number) - edge.page for number in _NUMBER.findall(edge.text)[:8]}


def _of_changing_text(edges: Sequence[_Edge], pages: int) -> list[_Edge]:
    """Rows set apart at the same height of most pages, short: titles of chapters, of odd and even pages."""
    levels = defaultdict[int, list[_Edge]](list)
    for edge in edges:
        if edge.rank == 0 and edge.is_apart and not edge.is_large:
            levels[round(edge.baseline / SAME_HEIGHT)].append(edge)
    running = list[_Edge]()
    for level, group in levels.items():
        near = group + levels.get(level + 1, [])
        if len({edge.page for edge in near}) < max(2, 0.5 * pages):
            continue
        offset = _usual_offset(near)
        short = [
            edge
            for edge in near
            if len(edge.text) <= 110
            and not _SENTENCE_END.search(edge.text)
            and (edge.is_small or edge.distance >= 2.0 or offset in _offsets(edge))
        ]
        if len(short) >= 0.8 * len(near):
            running += short
    return running
