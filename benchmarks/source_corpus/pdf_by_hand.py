"""PDFs whose words and lines are placed one by one: columns painted row by row, words without blanks."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from reportlab.lib.pagesizes import A4
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas

from benchmarks.source_corpus.article import (
    Abilities,
    Line,
    MadeArticle,
    MadeHeading,
    MadeItems,
    MadeNotes,
    MadeParagraph,
    Mark,
    TextPiece,
    visible,
)

SET_BY_HAND = Abilities(quotations=False, tables=False)
LANGUAGES = ("en", "de", "fr", "es", "it")
"""Those whose letters the standard fonts have."""
FONT, BOLD, SIZE, LEADING = "Times-Roman", "Times-Bold", 10.0, 12.5
PAGE_WIDTH, PAGE_HEIGHT = A4
MARGIN, GUTTER = 60.0, 24.0


@dataclass(frozen=True)
class Glyphs:
    """Letters that belong together, with one font, size and height above the line."""

    text: str
    font: str = FONT
    size: float = SIZE
    rise: float = 0.0

    @property
    def width(self) -> float:
        return float(stringWidth(self.text, self.font, self.size))


Word = tuple[Glyphs, ...]


@dataclass
class SetLine:
    words: list[Word] = field(default_factory=list)
    is_last: bool = False
    space_above: float = 0.0

    @property
    def blank(self) -> float:
        """Between two words: a quarter of the size, as in most fonts."""
        return (self.words[0][0].size if self.words else SIZE) / 4

    @property
    def width(self) -> float:
        blanks = self.blank * max(0, len(self.words) - 1)
        return sum(glyphs.width for word in self.words for glyphs in word) + blanks


def set_lines(article: MadeArticle, width: float, *, hyphens: bool) -> list[SetLine]:
    """The whole article in lines of at most this width."""
    lines = _wrapped([(TextPiece(article.title),)], width, BOLD, 16.0, hyphens=False)
    for element in article.elements:
        match element:
            case MadeHeading():
                lines += _wrapped([(TextPiece(element.text),)], width, BOLD, 13.0, hyphens=False)
            case MadeParagraph():
                lines += _wrapped([element.line], width, FONT, SIZE, hyphens=hyphens, article=article)
            case MadeItems():
                marked = [(TextPiece("• "), *line) for line in element.lines]
                lines += _wrapped(marked, width, FONT, SIZE, hyphens=hyphens, article=article)
            case MadeNotes():
                marked = [(TextPiece(f"{n} "), *line) for n, line in enumerate(element.lines, 1)]
                lines += _wrapped(marked, width, FONT, 8.0, hyphens=False, article=article)
    return lines


def _wrapped(
    texts: Sequence[Line],
    width: float,
    font: str,
    size: float,
    *,
    hyphens: bool,
    article: MadeArticle | None = None,
) -> list[SetLine]:
    lines: list[SetLine] = []
    for text in texts:
        line = SetLine(space_above=0.6 * size)
        for word in _words(text, font, size, article):
            if line.words and line.width + line.blank + sum(glyphs.width for glyphs in word) > width:
                head, tail = _divided(word, width - line.width - line.blank) if hyphens else (None, word)
                if head:
                    line.words.append(head)
                lines.append(line)
                line, word = SetLine(), tail
            line.words.append(word)
        line.is_last = True
        lines.append(line)
    return lines


def _words(text: Line, font: str, size: float, article: MadeArticle | None) -> Iterator[Word]:
    word: list[Glyphs] = []
    for piece in text:
        if piece.mark in (Mark.NOTE, Mark.EXPONENT):
            word.append(Glyphs(piece.text, font, 0.62 * size, 0.35 * size))
            continue
        shown = visible((piece,), article.language) if article else piece.text
        face = BOLD if piece.mark is Mark.STRONG else font
        for number, part in enumerate(shown.replace("\u00a0", " ").split(" ")):
            if number and word:
                yield tuple(word)
                word = []
            if part:
                word.append(Glyphs(part, face, size))
    if word:
        yield tuple(word)


def _divided(word: Word, room: float) -> tuple[Word | None, Word]:
    """A long word in two, with a hyphen, where the first part fits."""
    glyphs = word[0]
    if len(word) > 1 or not glyphs.text.isalpha() or len(glyphs.text) < 8:
        return None, word
    for end in range(len(glyphs.text) - 3, 2, -1):
        head = Glyphs(glyphs.text[:end] + "-", glyphs.font, glyphs.size)
        if head.width <= room:
            return (head,), (Glyphs(glyphs.text[end:], glyphs.font, glyphs.size),)
    return None, word


def two_columns(article: MadeArticle) -> bytes:
    """Two columns, painted row by row across both, with hyphens at line ends."""
    column = (PAGE_WIDTH - 2 * MARGIN - GUTTER) / 2
    return _painted(article, set_lines(article, column, hyphens=True), columns=2, words_singly=False)


def three_columns(article: MadeArticle) -> bytes:
    column = (PAGE_WIDTH - 2 * MARGIN - 2 * GUTTER) / 3
    return _painted(article, set_lines(article, column, hyphens=False), columns=3, words_singly=False)


def words_placed_singly(article: MadeArticle) -> bytes:
    """No blanks anywhere: every word has its own place. A running head carries the number of the page."""
    lines = set_lines(article, 330.0, hyphens=True)
    return _painted(article, lines, columns=1, words_singly=True, height=260.0, head="Harbour Times")


def _painted(
    article: MadeArticle,
    lines: Sequence[SetLine],
    *,
    columns: int,
    words_singly: bool,
    height: float = PAGE_HEIGHT - 2 * MARGIN,
    head: str = "",
) -> bytes:
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=A4, invariant=True)
    canvas.setTitle(article.title)
    width = (PAGE_WIDTH - 2 * MARGIN - GUTTER * (columns - 1)) / columns
    pages = list(_pages(lines, columns, height))
    for number, page in enumerate(pages, 1):
        if head:
            canvas.setFont(FONT, 8)
            canvas.drawString(
                MARGIN, PAGE_HEIGHT - 34, f"{head} {number}" if number % 2 else f"{number} {head}"
            )
            canvas.drawCentredString(PAGE_WIDTH / 2, 30, f"– {number} –")
        placed = [
            (y, MARGIN + column * (width + GUTTER), line, width)
            for column, rows in enumerate(page)
            for y, line in rows
        ]
        for y, x, line, room in sorted(placed, key=lambda one: (-one[0], one[1])):
            _paint(canvas, x, y, line, room, words_singly)
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def _pages(
    lines: Sequence[SetLine], columns: int, height: float
) -> Iterator[list[list[tuple[float, SetLine]]]]:
    page: list[list[tuple[float, SetLine]]] = [[]]
    top = PAGE_HEIGHT - MARGIN
    # The columns of the last page are of one height, as a typesetter makes them.
    total = sum(_height(line) for line in lines)
    height = min(height, total / columns + 3 * LEADING) if columns > 1 else height
    y = top
    for line in lines:
        if y - _height(line) < top - height and page[-1]:
            if len(page) == columns:
                yield page
                page = []
            page.append([])
            y = top
        y -= _height(line)
        page[-1].append((y, line))
    yield page


def _height(line: SetLine) -> float:
    size = line.words[0][0].size if line.words else SIZE
    return size * LEADING / SIZE + line.space_above


def _paint(canvas: Canvas, x: float, y: float, line: SetLine, room: float, words_singly: bool) -> None:
    """Justified where it is not the last of its paragraph."""
    blank = line.blank
    if not line.is_last and len(line.words) > 1:
        blank += max(0.0, min(6.0, (room - line.width) / (len(line.words) - 1)))
    text = canvas.beginText(x, y)
    for number, word in enumerate(line.words):
        for glyphs in word:
            if words_singly:
                text.setTextOrigin(x, y)
            text.setFont(glyphs.font, glyphs.size)
            text.setRise(glyphs.rise)
            text.textOut(glyphs.text)
            x += glyphs.width
        if number < len(line.words) - 1:
            text.setRise(0)
            if not words_singly:
                text.setFont(FONT, SIZE)
                text.setWordSpace(blank - stringWidth(" ", FONT, SIZE))
                text.textOut(" ")
            x += blank
    canvas.drawText(text)
