"""What the editor is warned of: one sentence for each thing that is missing or doubtful."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from tasks.pipeline.reading.pdf.types import PageContent

if TYPE_CHECKING:
    from tasks.pipeline.reading.pdf import PagesRead

MANY = 12
"""Characters: fewer are a mark or a number."""
PICTURE = 0.2
"""The share of a page from which a picture may hold its text."""


def warnings_of(read: PagesRead, unmapped_words: int) -> list[str]:
    pages = read.pages
    found = [
        (
            [page.number for page, rows in zip(pages, read.rows, strict=True) if _is_picture(page, rows)],
            "{Pages} {hold} pictures of text only, which were not read; run text recognition on the file.",
        ),
        (read.damaged, "{Pages} {is} damaged and could not be read."),
        (
            [page.number for page in pages if page.is_cut],
            "{Pages} {has} too many characters to be read to the end.",
        ),
        (
            [page.number for page in pages if page.hidden >= MANY],
            "{Pages} {hold} text that no reader of the page sees, as white on white; it was left out.",
        ),
        (
            [page.number for page in pages if page.turned >= MANY],
            "{Pages} {hold} text that runs in another direction; it was left out.",
        ),
    ]
    warnings = [_sentence(numbers, words) for numbers, words in found if numbers]
    last = max([page.number for page in pages] + read.damaged, default=0)
    if last < read.count:
        warnings.insert(
            0,
            f"Only pages 1–{last} of {read.count} were read."
            if last > 1
            else f"Only page 1 of {read.count} was read.",
        )
    if unmapped_words:
        warnings.append(
            f"{unmapped_words} words stand in passages with letters that the fonts of the file do not name; "
            "these passages were left out."
        )
    return warnings


def _is_picture(page: PageContent, rows: Sequence[object]) -> bool:
    return page.letters < MANY and page.picture_share >= PICTURE


def _sentence(numbers: Sequence[int], words: str) -> str:
    is_one = len(numbers) == 1
    return words.format(
        Pages=f"Page {numbers[0]}" if is_one else f"Pages {listed(numbers)}",
        hold="holds" if is_one else "hold",
        has="has" if is_one else "have",
        **{"is": "is" if is_one else "are"},
    )


def listed(numbers: Iterable[int]) -> str:
    """`3 and 7–9`."""
    ranges = list[list[int]]()
    for number in sorted(set(numbers)):
        if ranges and number == ranges[-1][-1] + 1:
            ranges[-1].append(number)
        else:
            ranges.append([number])
    parts = [
        str(each[0])
        if len(each) == 1
        else f"{each[0]} and {each[1]}"
        if len(each) == 2 and len(ranges) == 1
        else f"{each[0]}–{each[-1]}"
        for each in ranges
    ]
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
