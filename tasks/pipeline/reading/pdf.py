"""The text of a PDF, with the paragraphs that its lines once formed."""

from __future__ import annotations

import io
import re
import statistics
import time
from collections import Counter

import pypdf
from pypdf.errors import DependencyError

from tasks.pipeline.errors import UnreadableText
from tasks.pipeline.reading.types import MAX_CHARACTERS, Block, Declared, Reading
from tasks.pipeline.types import BlockKind

READER = "pdf 1"

MAX_PAGES = 200
# Of processor time: between pages the reader looks, and what it has by then is better than nothing.
MAX_SECONDS = 10.0

_SENTENCE_END = (".", "!", "?", ":", "”", '"', "»", ")")


def read(data: bytes, declared: Declared) -> Reading:
    """Raises UnreadableText when the file is damaged, protected or without text."""
    title, paragraphs = _title_and_paragraphs(data, MAX_CHARACTERS)
    return Reading(
        blocks=tuple(Block(kind=BlockKind.PARAGRAPH, text=text) for text in paragraphs),
        media_type="application/pdf",
        reader=READER,
        title=title,
    )


def _title_and_paragraphs(data: bytes, max_characters: int) -> tuple[str, list[str]]:
    try:
        document = pypdf.PdfReader(io.BytesIO(data))
        if document.is_encrypted and not document.decrypt(""):
            raise UnreadableText("The PDF is protected by a password; save it without one or paste its text.")
        pages = _pages(document, max_characters)
        title = str((document.metadata and document.metadata.title) or "")
    except UnreadableText:
        raise
    except DependencyError as error:
        raise UnreadableText(
            "The PDF is protected in a way that cannot be undone here; save it without protection or paste "
            "its text."
        ) from error
    except MemoryError:
        raise
    except Exception as error:
        # pypdf leaks plain errors of any kind on damaged files.
        raise UnreadableText(
            "The PDF is damaged and cannot be read; export it again or paste its text."
        ) from error
    if sum(len(line) for page in pages for line in page) < 20:
        raise UnreadableText(
            "The PDF holds pictures of text only; run text recognition on it or paste its text."
        )
    paragraphs = _paragraphs(_without_running_heads(pages))
    if not title and paragraphs and len(paragraphs[0]) <= 120:
        title = paragraphs[0]
    return title, paragraphs


def _pages(document: pypdf.PdfReader, max_characters: int) -> list[list[str]]:
    pages, size, until = list[list[str]](), 0, time.process_time() + MAX_SECONDS
    for page in document.pages[:MAX_PAGES]:
        lines = [line.strip() for line in page.extract_text().split("\n")]
        pages.append(lines)
        size += sum(map(len, lines))
        if size > max_characters or time.process_time() > until:
            break
    return pages


def _without_running_heads(pages: list[list[str]]) -> list[str]:
    """All lines in order, without page numbers and lines that most pages repeat."""
    often = Counter(line for page in pages for line in set(page) if line)
    least = max(3, len(pages) // 2)
    return [
        line
        for page in pages
        for line in page
        if often[line] < least and not re.fullmatch(r"\W*\d{1,4}\W*", line)
    ]


def _paragraphs(lines: list[str]) -> list[str]:
    """Join lines; a paragraph ends at a blank line, a heading, or a short last line of a sentence."""
    lengths = [len(line) for line in lines if line]
    width = statistics.quantiles(lengths, n=10)[8] if len(lengths) > 1 else 80
    words = Counter(re.findall(r"[^\W\d_]+(?:-[^\W\d_]+)*", " ".join(lines).lower()))
    paragraphs, current, previous = list[str](), "", ""
    for line in lines:
        if current and (not line or _ends_paragraph(current, previous, width, line)):
            paragraphs.append(current)
            current = ""
        if line:
            current = _continued(current, line, words) if current else line
        previous = line
    return [*paragraphs, current] if current else paragraphs


def _ends_paragraph(current: str, last_line: str, width: float, following: str) -> bool:
    if not current.endswith(_SENTENCE_END):
        # A short line without an end mark before a capital is a heading.
        return len(last_line) < 0.7 * width and following[:1].isupper()
    next_word = following.split(" ", 1)[0]
    # The next word would have fitted: the line was ended on purpose.
    return len(last_line) + len(next_word) + 4 < 0.93 * width


def _continued(current: str, line: str, words: Counter[str]) -> str:
    """Append a line; a hyphen at the break goes unless the document writes the word with one."""
    head, tail = re.search(r"([^\W\d_]+)-$", current[-60:]), re.match(r"[^\W\d_]+", line)
    if not head or not tail or not tail[0][0].islower():
        return f"{current} {line}"
    with_hyphen, without = f"{head[1]}-{tail[0]}".lower(), f"{head[1]}{tail[0]}".lower()
    keep = words[with_hyphen] > words[without]
    return current + line if keep else current[:-1] + line
