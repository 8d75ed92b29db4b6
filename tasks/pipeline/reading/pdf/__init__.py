"""The text of a PDF, which knows only characters and places: words, columns and paragraphs are found again.

`characters` and `visibility` ask pdfium what a page shows; `lines` makes words of it; `running_lines` takes
out what belongs to the page; `gutters` and `columns` find the order of reading; `tables`, `paragraphs`,
`blocks` make the text. docs/decisions/0065-read-pdfs-by-their-layout.md says why.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pypdfium2.raw as pdfium
from pypdfium2.version import PYPDFIUM_INFO

from tasks.pipeline.errors import UnreadableText
from tasks.pipeline.reading.pdf import metadata
from tasks.pipeline.reading.pdf.blocks import blocks_of
from tasks.pipeline.reading.pdf.characters import content_of
from tasks.pipeline.reading.pdf.line_numbers import without_line_numbers
from tasks.pipeline.reading.pdf.lines import rows_of
from tasks.pipeline.reading.pdf.regions import regions_in_order
from tasks.pipeline.reading.pdf.running_lines import without_running_lines
from tasks.pipeline.reading.pdf.types import PageContent, PlacedRow
from tasks.pipeline.reading.pdf.unmapped import without_unmapped
from tasks.pipeline.reading.pdf.warnings import warnings_of
from tasks.pipeline.reading.pdf.watermarks import without_watermarks
from tasks.pipeline.reading.types import MAX_CHARACTERS, Declared, Reading

READER = f"pdf 2 (pypdfium2 {PYPDFIUM_INFO.version})"

MAX_PAGES = 200
MAX_SECONDS = 8.0
"""Of processor time: between pages the reader looks, and what it has by then is better than nothing."""
LEAST_CHARACTERS = 20


@dataclass
class PagesRead:
    """What was read of a file, before its layout is looked at."""

    count: int
    """Of the pages of the file."""
    pages: list[PageContent] = field(default_factory=list)
    rows: list[list[PlacedRow]] = field(default_factory=list)
    damaged: list[int] = field(default_factory=list)


def read(data: bytes, declared: Declared) -> Reading:
    """Raises UnreadableText when the file is damaged, protected or without text."""
    with _opened(data) as document:
        about = metadata.metadata_of(document, data)
        pages = _pages(document)
    if not pages.pages:
        raise UnreadableText("The PDF is damaged and cannot be read; export it again or paste its text.")
    if sum(len(word.text) for rows in pages.rows for row in rows for word in row.words) < LEAST_CHARACTERS:
        raise UnreadableText(
            "The PDF holds pictures of text only; run text recognition on it or paste its text."
        )
    heights = [page.height for page in pages.pages]
    body_rows = without_running_lines(pages.rows, heights)
    regions = regions_in_order(body_rows, pages.pages)
    blocks, dropped = without_unmapped(blocks_of(regions, {page.number: page.height for page in pages.pages}))
    every, taken = _words(pages.rows), _words(body_rows) - dropped
    return Reading(
        blocks=tuple(blocks),
        media_type="application/pdf",
        reader=READER,
        title=about.title or metadata.title_from(blocks),
        author=about.author,
        published=about.published,
        language=about.language,
        share_taken=max(0.0, min(1.0, taken / every)) if every else None,
        warnings=tuple(warnings_of(pages, dropped)),
    )


@contextmanager
def _opened(data: bytes) -> Iterator[Any]:
    document = pdfium.FPDF_LoadMemDocument64(data, len(data), None)
    if not document:
        raise _refusal(pdfium.FPDF_GetLastError())
    try:
        yield document
    finally:
        pdfium.FPDF_CloseDocument(document)


def _refusal(error: int) -> UnreadableText:
    if error == pdfium.FPDF_ERR_PASSWORD:
        return UnreadableText("The PDF is protected by a password; save it without one or paste its text.")
    if error == pdfium.FPDF_ERR_SECURITY:
        return UnreadableText(
            "The PDF is protected in a way that cannot be undone here; save it without protection or paste "
            "its text."
        )
    return UnreadableText("The PDF is damaged and cannot be read; export it again or paste its text.")


def _pages(document: Any) -> PagesRead:
    read, size, until = PagesRead(pdfium.FPDF_GetPageCount(document)), 0, time.process_time() + MAX_SECONDS
    for place in range(min(read.count, MAX_PAGES)):
        page = pdfium.FPDF_LoadPage(document, place)
        if not page:
            read.damaged.append(place + 1)
            continue
        try:
            content = content_of(page, place + 1)
        finally:
            pdfium.FPDF_ClosePage(page)
        rows = without_line_numbers(rows_of(without_watermarks(content.glyphs)))
        size += len(content.glyphs)
        content.glyphs = []
        read.pages.append(content)
        read.rows.append(rows)
        if size > MAX_CHARACTERS or time.process_time() > until:
            break
    return read


def _words(pages: list[list[PlacedRow]]) -> int:
    return sum(len(row.words) for rows in pages for row in rows)
