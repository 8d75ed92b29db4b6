"""Word processor files as the most common program writes them (.docx)."""

from __future__ import annotations

from html import escape

from benchmarks.source_corpus.archives import archive, content_types, relations
from benchmarks.source_corpus.article import (
    Abilities,
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
from benchmarks.source_corpus.pages import HIDDEN

OFFICE = Abilities(changes=True)
W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


PARTS = {"document": "document.main", "footnotes": "footnotes", "comments": "comments", "styles": "styles"}
TYPES = "application/vnd.openxmlformats-officedocument.wordprocessingml"
COMMENT = "<w:p><w:r><w:t>Only 998 of us will read this comment.</w:t></w:r></w:p>"
STYLES = ("Title", "Heading 2", "Quote", "List Bullet", "Caption")


def docx(article: MadeArticle) -> bytes:
    """Runs split in the middle of words, changes tracked, a comment, hidden text, notes in their own part."""
    hidden = f"<w:p><w:r><w:rPr><w:vanish/></w:rPr><w:t>{HIDDEN}</w:t></w:r></w:p>"
    inner = {
        "document": f"<w:body>{''.join(_w_body(article))}{hidden}<w:sectPr/></w:body>",
        "footnotes": _w_footnotes(article),
        "comments": f'<w:comment w:id="0" w:author="B">{COMMENT}</w:comment>',
        "styles": "".join(map(_w_style, STYLES)),
    }
    parts = {
        f"word/{name}.xml": f'<?xml version="1.0" encoding="UTF-8"?><w:{name} xmlns:w="{W}">{xml}</w:{name}>'
        for name, xml in inner.items()
    }
    types = "".join(
        f'<Override PartName="/word/{name}.xml" ContentType="{TYPES}.{kind}+xml"/>'
        for name, kind in PARTS.items()
    )
    linked = {name: f"{name}.xml" for name in inner if name != "document"}
    return archive(
        {
            "[Content_Types].xml": content_types(types),
            "_rels/.rels": relations({"officeDocument": "word/document.xml"}),
            "word/_rels/document.xml.rels": relations(linked),
            **parts,
        }
    )


def _w_body(article: MadeArticle) -> list[str]:
    body = [_w_paragraph((TextPiece(article.title),), article, "Title")]
    for element in article.elements:
        match element:
            case MadeHeading():
                body.append(_w_paragraph((TextPiece(element.text),), article, f"Heading{element.level}"))
            case MadeParagraph():
                body.append(_w_paragraph(element.line, article))
            case MadeQuotation():
                body.append(_w_paragraph(element.line, article, "Quote"))
            case MadeItems():
                body += [_w_paragraph(line, article, "ListBullet", numbered=True) for line in element.lines]
            case MadeTable():
                body.append(_w_paragraph((TextPiece(element.caption),), article, "Caption"))
                body.append(_w_table(element, article))
    return body


def _w_footnotes(article: MadeArticle) -> str:
    notes = next((element.lines for element in article.elements if isinstance(element, MadeNotes)), ())
    mark = '<w:r><w:rPr><w:vertAlign w:val="superscript"/></w:rPr><w:footnoteRef/></w:r>'
    separator = '<w:footnote w:type="separator" w:id="-1"><w:p><w:r><w:separator/></w:r></w:p></w:footnote>'
    return separator + "".join(
        f'<w:footnote w:id="{number}"><w:p>{mark}{_w_runs(line, article)}</w:p></w:footnote>'
        for number, line in enumerate(notes, 1)
    )


def _w_style(name: str) -> str:
    style_id = name.replace(" ", "")
    return f'<w:style w:type="paragraph" w:styleId="{style_id}"><w:name w:val="{name.lower()}"/></w:style>'


def _w_paragraph(line: Line, article: MadeArticle, style: str = "", *, numbered: bool = False) -> str:
    number = '<w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr>' if numbered else ""
    name = f'<w:pStyle w:val="{style}"/>' if style else ""
    properties = f"<w:pPr>{name}{number}</w:pPr>" if style or numbered else ""
    return f"<w:p>{properties}{_w_runs(line, article)}</w:p>"


def _w_runs(line: Line, article: MadeArticle) -> str:
    return "".join(_w_piece(piece, article) for piece in line)


def _w_piece(piece: TextPiece, article: MadeArticle) -> str:
    text = escape(visible((TextPiece(piece.text, piece.mark),), article.language), quote=False)
    match piece.mark:
        case Mark.NOTE:
            return (
                '<w:r><w:rPr><w:rStyle w:val="FootnoteReference"/></w:rPr>'
                f'<w:footnoteReference w:id="{piece.text}"/></w:r>'
            )
        case Mark.EXPONENT:
            return f'<w:r><w:rPr><w:vertAlign w:val="superscript"/></w:rPr><w:t>{piece.text}</w:t></w:r>'
        case Mark.STRONG:
            return f"<w:r><w:rPr><w:b/></w:rPr><w:t>{text}</w:t></w:r>"
        case Mark.DELETED:
            return (
                f'<w:del w:id="7" w:author="B"><w:r><w:delText>{escape(piece.text)}</w:delText></w:r></w:del>'
            )
        case Mark.INSERTED:
            return f'<w:ins w:id="8" w:author="B"><w:r><w:t>{text}</w:t></w:r></w:ins>'
    half = len(text) // 2 if "&" not in text else len(text)
    return "".join(
        f'<w:r><w:t xml:space="preserve">{part}</w:t></w:r><w:proofErr w:type="spellStart"/>'
        for part in (text[:half], text[half:])
        if part
    )


def _w_table(table: MadeTable, article: MadeArticle) -> str:
    rows = "".join(
        "<w:tr>"
        + ("<w:trPr><w:tblHeader/></w:trPr>" if number == 0 else "")
        + "".join(f"<w:tc>{_w_paragraph((TextPiece(cell),), article)}</w:tc>" for cell in row)
        + "</w:tr>"
        for number, row in enumerate((table.columns, *table.rows))
    )
    return f"<w:tbl><w:tblPr/>{rows}</w:tbl>"
