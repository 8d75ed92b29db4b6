"""Word processor files in the OpenDocument format (.odt)."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from benchmarks.source_corpus.archives import archive
from benchmarks.source_corpus.article import (
    Line,
    MadeArticle,
    MadeHeading,
    MadeItems,
    MadeNotes,
    MadeParagraph,
    MadeQuotation,
    MadeTable,
    Mark,
    TextPiece,
    visible,
)

ODF = "urn:oasis:names:tc:opendocument:xmlns"


MIMETYPE = "application/vnd.oasis.opendocument.text"
SPACES = " ".join(f'xmlns:{name}="{ODF}:{name}:1.0"' for name in ("office", "text", "table", "style", "fo"))
RAISED_STYLE = (
    '<style:style style:name="T1" style:family="text">'
    '<style:text-properties style:text-position="super 58%"/></style:style>'
)
ANNOTATION = (
    "<text:p><office:annotation><dc:creator>B</dc:creator><text:p>Only 998 of us will read this.</text:p>"
    "</office:annotation></text:p>"
)
MANIFEST = (
    f'<manifest:manifest xmlns:manifest="{ODF}:manifest:1.0"><manifest:file-entry manifest:full-path="/" '
    f'manifest:media-type="{MIMETYPE}"/></manifest:manifest>'
)


def odt(article: MadeArticle) -> bytes:
    """Changes tracked outside the text, notes inside it, blanks as elements, an annotation."""
    deletions: list[str] = []
    body = "".join(_odf_body(article, deletions)) + ANNOTATION
    changes = "".join(
        f'<text:changed-region text:id="c{number}"><text:deletion><text:p>{text}</text:p></text:deletion>'
        "</text:changed-region>"
        for number, text in enumerate(deletions)
    )
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {SPACES} '
        f'xmlns:dc="http://purl.org/dc/elements/1.1/"><office:automatic-styles>{RAISED_STYLE}'
        "</office:automatic-styles><office:body><office:text>"
        f"<text:tracked-changes>{changes}</text:tracked-changes>{body}</office:text></office:body>"
        "</office:document-content>"
    )
    return archive({"content.xml": content, "META-INF/manifest.xml": MANIFEST}, first=("mimetype", MIMETYPE))


def _odf_body(article: MadeArticle, deletions: list[str]) -> list[str]:
    notes = next((element.lines for element in article.elements if isinstance(element, MadeNotes)), ())

    def runs(line: Line) -> str:
        return "".join(_odf_piece(piece, article, notes, deletions) for piece in line)

    body = [f'<text:p text:style-name="Title">{escape(article.title)}</text:p>']
    for element in article.elements:
        match element:
            case MadeHeading():
                body.append(f'<text:h text:outline-level="{element.level}">{escape(element.text)}</text:h>')
            case MadeParagraph():
                body.append(f'<text:p text:style-name="P1">{runs(element.line)}</text:p>')
            case MadeQuotation():
                body.append(f'<text:p text:style-name="Quotations">{runs(element.line)}</text:p>')
            case MadeItems():
                items = [f"<text:p>{runs(line)}</text:p>" for line in element.lines]
                items = [f"<text:list-item>{item}</text:list-item>" for item in items]
                body.append(f"<text:list>{''.join(items)}</text:list>")
            case MadeTable():
                body.append(f'<text:p text:style-name="Table">{escape(element.caption)}</text:p>')
                body.append(_odf_table(element))
    return body


def _odf_piece(piece: TextPiece, article: MadeArticle, notes: Sequence[Line], deletions: list[str]) -> str:
    text = escape(visible((piece,), article.language), quote=False)
    match piece.mark:
        case Mark.NOTE:
            note = escape(visible(notes[int(piece.text) - 1], article.language))
            return (
                f'<text:note text:note-class="footnote"><text:note-citation>{piece.text}</text:note-citation>'
                f"<text:note-body><text:p>{note}</text:p></text:note-body></text:note>"
            )
        case Mark.EXPONENT:
            return f'<text:span text:style-name="T1">{piece.text}</text:span>'
        case Mark.DELETED:
            deletions.append(escape(piece.text))
            return f'<text:change text:change-id="c{len(deletions) - 1}"/>'
        case Mark.STRONG:
            return f"<text:span>{text}</text:span>"
    return text.replace("  ", " <text:s/>")


def _odf_table(table: MadeTable) -> str:
    def row(cells: Sequence[str]) -> str:
        inner = "".join(
            f"<table:table-cell><text:p>{escape(cell)}</text:p></table:table-cell>" for cell in cells
        )
        return f"<table:table-row>{inner}</table:table-row>"

    head = f"<table:table-header-rows>{row(table.columns)}</table:table-header-rows>"
    return f"<table:table>{head}{''.join(map(row, table.rows))}</table:table>"
