"""PDFs as two libraries set them, with tables and running lines."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

from fpdf import FPDF
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, Flowable, Frame, PageTemplate, TableStyle
from reportlab.platypus import Paragraph as PdfParagraph
from reportlab.platypus import Table as PdfTable

from benchmarks.source_corpus.article import (
    Abilities,
    Line,
    MadeArticle,
    MadeHeading,
    MadeItems,
    MadeNotes,
    MadeParagraph,
    MadeTable,
    Mark,
    TextPiece,
    visible,
)
from benchmarks.source_corpus.pdf_by_hand import (
    GUTTER,
    MARGIN,
    PAGE_HEIGHT,
    PAGE_WIDTH,
    SET_BY_HAND,
    three_columns,
    two_columns,
    words_placed_singly,
)

PRINTED = Abilities(quotations=False)


def typeset(article: MadeArticle) -> bytes:
    """Two columns, one after the other, with a ruled table."""
    buffer = io.BytesIO()
    column = (PAGE_WIDTH - 2 * MARGIN - GUTTER) / 2
    frames = [
        Frame(MARGIN + n * (column + GUTTER), MARGIN, column, PAGE_HEIGHT - 2 * MARGIN, 0, 0, 0, 0)
        for n in range(2)
    ]
    document = BaseDocTemplate(
        buffer, pagesize=A4, invariant=True, title=article.title, author=article.author
    )
    document.addPageTemplates([PageTemplate(frames=frames, onPage=_running_lines)])
    document.build(list(_flowables(article)))
    return buffer.getvalue()


def _running_lines(canvas: Canvas, document: BaseDocTemplate) -> None:
    canvas.setFont("Helvetica", 8)
    canvas.drawString(MARGIN, PAGE_HEIGHT - 40, "Harbour Times, special issue")
    canvas.drawRightString(PAGE_WIDTH - MARGIN, 36, f"Page {document.page}")


def _flowables(article: MadeArticle) -> Iterator[Flowable]:
    body = ParagraphStyle("body", fontName="Helvetica", fontSize=9.5, leading=12, spaceAfter=6, alignment=4)
    head = ParagraphStyle("head", body, fontName="Helvetica-Bold", fontSize=13, leading=16, alignment=0)
    small = ParagraphStyle("small", body, fontSize=7.5, leading=9)
    yield PdfParagraph(article.title, ParagraphStyle("title", head, fontSize=17, leading=20))
    for element in article.elements:
        match element:
            case MadeHeading():
                yield PdfParagraph(element.text, head)
            case MadeParagraph():
                yield PdfParagraph(_tagged(element.line, article), body)
            case MadeItems():
                yield from (PdfParagraph(f"• {_tagged(line, article)}", body) for line in element.lines)
            case MadeTable():
                yield PdfParagraph(
                    element.caption, ParagraphStyle("caption", body, fontName="Helvetica-Oblique")
                )
                rows = [list(row) for row in (element.columns, *element.rows)]
                ruled = TableStyle(
                    [
                        ("GRID", (0, 0), (-1, -1), 0.5, "black"),
                        ("FONTNAME", (0, 0), (-1, 0), "Helvetica-Bold"),
                    ]
                )
                yield PdfTable(rows, style=ruled, spaceAfter=8)
            case MadeNotes():
                for number, line in enumerate(element.lines, 1):
                    yield PdfParagraph(f"{number} {_tagged(line, article)}", small)


def _tagged(line: Line, article: MadeArticle) -> str:
    def tagged(piece: TextPiece) -> str:
        if piece.mark in (Mark.NOTE, Mark.EXPONENT):
            return f"<super>{piece.text}</super>"
        text = visible((piece,), article.language)
        return f"<b>{text}</b>" if piece.mark is Mark.STRONG else text

    return "".join(map(tagged, line))


class _Report(FPDF):
    def header(self) -> None:
        self.set_font("Helvetica", size=8)
        self.cell(
            0,
            6,
            f"Annual report of the harbours | {self.page_no()}",
            align="R",
            new_x="LMARGIN",
            new_y="NEXT",
        )

    def footer(self) -> None:
        self.set_y(-14)
        self.set_font("Helvetica", size=8)
        self.cell(0, 6, str(self.page_no()), align="C")


def report(article: MadeArticle) -> bytes:
    """One column of flowing text with running lines on small pages."""
    pdf = _Report(format=(148, 210))
    pdf.set_creation_date(datetime(2020, 1, 1, tzinfo=UTC))
    pdf.set_title(article.title)
    pdf.add_page()
    pdf.set_font("Helvetica", "B", 15)
    pdf.write(7, article.title)
    pdf.ln(10)
    for element in article.elements:
        match element:
            case MadeHeading():
                pdf.set_font("Helvetica", "B", 12)
                pdf.ln(3)
                pdf.write(6, element.text)
                pdf.ln(8)
            case MadeParagraph():
                _write(pdf, element.line, article, 10)
            case MadeItems():
                for line in element.lines:
                    _write(pdf, (TextPiece("- "), *line), article, 10)
            case MadeTable():
                _write(pdf, (TextPiece(element.caption),), article, 9)
                with pdf.table(text_align="LEFT") as grid:
                    for cells in (element.columns, *element.rows):
                        row = grid.row()
                        for cell in cells:
                            row.cell(cell)
                pdf.ln(4)
            case MadeNotes():
                for number, line in enumerate(element.lines, 1):
                    _write(pdf, (TextPiece(f"{number} "), *line), article, 8)
    return bytes(pdf.output())


def _write(pdf: FPDF, line: Line, article: MadeArticle, size: int) -> None:
    def tagged(piece: TextPiece) -> str:
        if piece.mark in (Mark.NOTE, Mark.EXPONENT):
            return f"<sup>{piece.text}</sup>"
        text = re.sub("[“”„]", '"', visible((piece,), article.language))
        return f"<b>{text}</b>" if piece.mark is Mark.STRONG else text

    pdf.set_font("Helvetica", "", size)
    pdf.write_html(f"<p>{''.join(map(tagged, line))}</p>")


PRODUCERS: dict[str, tuple[Callable[[MadeArticle], bytes], Abilities]] = {
    "two columns, row by row": (two_columns, SET_BY_HAND),
    "three columns": (three_columns, SET_BY_HAND),
    "words placed singly": (words_placed_singly, SET_BY_HAND),
    "typeset in columns": (typeset, PRINTED),
    "report with running lines": (report, PRINTED),
}
