"""Small office files, written part by part as the programs that export them do."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from urllib.parse import unquote
from xml.sax.saxutils import escape

W_NAMESPACES = (
    'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" '
    'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math" '
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape" '
    'xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing" '
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'xmlns:pic="http://schemas.openxmlformats.org/drawingml/2006/picture" '
    'xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office" '
    'xmlns:c="http://schemas.openxmlformats.org/drawingml/2006/chart" '
    'xmlns:dgm="http://schemas.openxmlformats.org/drawingml/2006/diagram" '
    'xmlns:w14="http://schemas.microsoft.com/office/word/2010/wordml"'
)
_RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_CONTENT_TYPES = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Override PartName="/{name}" '
    'ContentType="application/vnd.openxmlformats-officedocument.{main}.main+xml"/>'
    "</Types>"
)


def archive(parts: Mapping[str, str | bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in parts.items():
            method = zipfile.ZIP_STORED if name == "mimetype" else zipfile.ZIP_DEFLATED
            made.writestr(zipfile.ZipInfo(name), content, method)
    return file.getvalue()


def relations(targets: Mapping[str, tuple[str, str]]) -> str:
    """By id the type, without its namespace, and the target."""
    return (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        + "".join(
            f'<Relationship Id="{id_}" Type="{_RELATION}/{kind}" Target="{target}"/>'
            for id_, (kind, target) in targets.items()
        )
        + "</Relationships>"
    )


def core(
    title: str = "", *, creator: str = "", created: str = "", modified: str = "", language: str = ""
) -> str:
    fields = {
        "dc:title": title, "dc:creator": creator, "dcterms:created": created, "dcterms:modified": modified,
        "dc:language": language,
    }  # fmt: skip
    return (
        "<cp:coreProperties "
        'xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/">'
        + "".join(f"<{name}>{escape(value)}</{name}>" for name, value in fields.items() if value)
        + "</cp:coreProperties>"
    )


# --- Word -----------------------------------------------------------------------------------------------

STYLES = {
    "Title": "Title", "Heading1": "heading 1", "Heading2": "heading 2", "Caption": "caption",
    "Quote": "Quote",    "TOC1": "toc 1", "SourceCode": "Source Code", "FootnoteText": "footnote text",
}  # fmt: skip


def docx(body: str, *, styles: str | None = None, parts: Mapping[str, str | bytes] = {}) -> bytes:
    """A Word document with this content of its w:body; `parts` are further ones, by their names."""
    if styles is None:
        styles = "".join(
            f'<w:style w:type="paragraph" w:styleId="{id_}"><w:name w:val="{name}"/></w:style>'
            for id_, name in STYLES.items()
        )
        styles += (
            '<w:style w:type="character" w:styleId="FootnoteReference"><w:name w:val="footnote reference"/>'
            '<w:rPr><w:vertAlign w:val="superscript"/></w:rPr></w:style>'
        )
    return archive(
        {
            "[Content_Types].xml": _CONTENT_TYPES.format(
                name="word/document.xml", main="wordprocessingml.document"
            ),
            "_rels/.rels": relations({"rId1": ("officeDocument", "word/document.xml")}),
            "word/document.xml": '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
            f"<w:document {W_NAMESPACES}><w:body>{body}<w:sectPr/></w:body></w:document>",
            "word/styles.xml": f"<w:styles {W_NAMESPACES}>{styles}</w:styles>",
            **parts,
        }
    )


def w_run(text: str, properties: str = "") -> str:
    format_ = f"<w:rPr>{properties}</w:rPr>" if properties else ""
    return f'<w:r>{format_}<w:t xml:space="preserve">{escape(text)}</w:t></w:r>'


def w_paragraph(*content: str, style: str = "", properties: str = "") -> str:
    """Of runs; what begins with no `<` is one."""
    named = f'<w:pStyle w:val="{style}"/>' if style else ""
    runs = "".join(each if each.startswith("<") else w_run(each) for each in content)
    return f"<w:p><w:pPr>{named}{properties}</w:pPr>{runs}</w:p>"


def w_cell(*content: str, properties: str = "") -> str:
    inner = "".join(each if each.startswith("<w:p>") else w_paragraph(each) for each in content)
    return f"<w:tc><w:tcPr>{properties}</w:tcPr>{inner or '<w:p/>'}</w:tc>"


def w_table(*rows: str | tuple[str, ...], properties: str = "") -> str:
    """Of rows, each written out or as the texts of its cells."""
    written = (
        row if isinstance(row, str) else f"<w:tr>{''.join(w_cell(cell) for cell in row)}</w:tr>"
        for row in rows
    )
    return f"<w:tbl><w:tblPr>{properties}</w:tblPr>{''.join(written)}</w:tbl>"


def w_notes(kind: str, notes: Mapping[int, str]) -> str:
    """word/footnotes.xml or word/endnotes.xml, with its separator."""
    return (
        f'<w:{kind}s {W_NAMESPACES}><w:{kind} w:id="-1" w:type="separator"><w:p><w:r><w:separator/></w:r>'
        f"{w_run('SEPARATOR')}</w:p></w:{kind}>"
        + "".join(
            f'<w:{kind} w:id="{number}"><w:p><w:r><w:rPr><w:rStyle w:val="FootnoteReference"/></w:rPr>'
            f"<w:{kind}Ref/></w:r>{w_run(' ' + text)}</w:p></w:{kind}>"
            for number, text in notes.items()
        )
        + f"</w:{kind}s>"
    )


def w_note_mark(number: int, kind: str = "footnote") -> str:
    return (
        f'<w:r><w:rPr><w:rStyle w:val="FootnoteReference"/></w:rPr><w:{kind}Reference w:id="{number}"/></w:r>'
    )


def w_field(instruction: str, *result: str) -> str:
    """A complex field, in runs."""
    return (
        '<w:r><w:fldChar w:fldCharType="begin"/></w:r>'
        f'<w:r><w:instrText xml:space="preserve">{escape(instruction)}</w:instrText></w:r>'
        '<w:r><w:fldChar w:fldCharType="separate"/></w:r>'
        + "".join(each if each.startswith("<") else w_run(each) for each in result)
        + '<w:r><w:fldChar w:fldCharType="end"/></w:r>'
    )


# --- OpenDocument ---------------------------------------------------------------------------------------

ODT_TYPE = "application/vnd.oasis.opendocument.text"
_ODF = "urn:oasis:names:tc:opendocument:xmlns"
ODF_NAMESPACES = (
    " ".join(
        f'xmlns:{name}="{_ODF}:{name}:1.0"' for name in ("office", "text", "table", "style", "meta", "chart")
    )
    + f' xmlns:draw="{_ODF}:drawing:1.0" xmlns:fo="{_ODF}:xsl-fo-compatible:1.0"'
    f' xmlns:svg="{_ODF}:svg-compatible:1.0" xmlns:xlink="http://www.w3.org/1999/xlink"'
    ' xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:math="http://www.w3.org/1998/Math/MathML"'
)


def odt(body: str, *, automatic: str = "", styles: str = "", parts: Mapping[str, str | bytes] = {}) -> bytes:
    """A text of LibreOffice with this content of its office:text."""
    return archive(
        {
            "mimetype": ODT_TYPE,
            "content.xml": f'<?xml version="1.0" encoding="UTF-8"?>\n<office:document-content '
            f"{ODF_NAMESPACES}>"
            f"<office:automatic-styles>{automatic}</office:automatic-styles>"
            f"<office:body><office:text>{body}</office:text></office:body></office:document-content>",
            "styles.xml": f"<office:document-styles {ODF_NAMESPACES}><office:styles>{styles}</office:styles>"
            "</office:document-styles>",
            "META-INF/manifest.xml": f'<manifest:manifest xmlns:manifest="{_ODF}:manifest:1.0">'
            f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{ODT_TYPE}"/>'
            "</manifest:manifest>",
            **parts,
        }
    )


def odf_style(name: str, properties: str = "", *, family: str = "text", more: str = "") -> str:
    return (
        f'<style:style style:name="{name}" style:family="{family}" {more}>'
        f"<style:text-properties {properties}/>"
        "</style:style>"
    )


# --- PowerPoint -----------------------------------------------------------------------------------------

P_NAMESPACES = (
    'xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main" '
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" '
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    'xmlns:c="http://schemas.openxmlformats.org/drawingml/2006/chart" '
    'xmlns:dgm="http://schemas.openxmlformats.org/drawingml/2006/diagram" '
    'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"'
)


def pptx(*slides: str, hidden: int = 0, parts: Mapping[str, str | bytes] = {}) -> bytes:
    """A presentation of slides, each the content of its p:spTree; their files' names go backwards.

    `hidden` is the number of the one that is hidden.
    """
    count = len(slides)
    files = {number: f"ppt/slides/slide{count + 1 - number}.xml" for number in range(1, count + 1)}
    ids = "".join(f'<p:sldId id="{255 + number}" r:id="rId{number}"/>' for number in files)
    written = {
        files[number]: f'<p:sld {P_NAMESPACES} show="{int(number != hidden)}"><p:cSld><p:spTree>'
        f"<p:nvGrpSpPr/><p:grpSpPr/>{shapes}</p:spTree></p:cSld></p:sld>"
        for number, shapes in enumerate(slides, 1)
    }
    return archive(
        {
            "[Content_Types].xml": _CONTENT_TYPES.format(
                name="ppt/presentation.xml", main="presentationml.presentation"
            ),
            "_rels/.rels": relations({"rId1": ("officeDocument", "ppt/presentation.xml")}),
            "ppt/presentation.xml": f"<p:presentation {P_NAMESPACES}><p:sldIdLst>{ids}</p:sldIdLst>"
            '<p:sldSz cx="12192000" cy="6858000"/></p:presentation>',
            "ppt/_rels/presentation.xml.rels": relations(
                {f"rId{number}": ("slide", file.removeprefix("ppt/")) for number, file in files.items()}
            ),
            **written,
            **parts,
        }
    )


def a_paragraph(*content: str, properties: str = "") -> str:
    """Of runs; what begins with no `<` is one."""
    runs = "".join(each if each.startswith("<") else a_run(each) for each in content)
    return f"<a:p>{properties}{runs}</a:p>"


def a_run(text: str, properties: str = "") -> str:
    return f'<a:r><a:rPr lang="en-US" {properties}/><a:t>{escape(text)}</a:t></a:r>'


def p_shape(
    *paragraphs: str, placeholder: str | None = None, properties: str = "", attributes: str = ""
) -> str:
    """A shape with text; `placeholder` is "" for content of any kind."""
    kind = (
        "" if placeholder is None else f'<p:ph type="{placeholder}"/>' if placeholder else '<p:ph idx="1"/>'
    )
    inner = "".join(each if each.startswith("<") else a_paragraph(each) for each in paragraphs)
    return (
        f'<p:sp><p:nvSpPr><p:cNvPr id="2" name="x" descr="912 boats" {attributes}/><p:cNvSpPr/>'
        f"<p:nvPr>{kind}</p:nvPr></p:nvSpPr><p:spPr>{properties}</p:spPr>"
        f"<p:txBody><a:bodyPr/><a:lstStyle/>{inner}</p:txBody></p:sp>"
    )


def p_frame(content: str) -> str:
    return (
        '<p:graphicFrame><p:nvGraphicFramePr><p:cNvPr id="4" name="x"/><p:cNvGraphicFramePr/><p:nvPr/>'
        "</p:nvGraphicFramePr><a:graphic><a:graphicData>"
        f"{content}</a:graphicData></a:graphic></p:graphicFrame>"
    )


def a_cell(text: str, **merged: int) -> str:
    attributes = " ".join(f'{name}="{value}"' for name, value in merged.items())
    return f"<a:tc {attributes}><a:txBody><a:bodyPr/>{a_paragraph(text)}</a:txBody><a:tcPr/></a:tc>"


# --- Books ----------------------------------------------------------------------------------------------


def epub(
    pages: Mapping[str, str],
    *,
    metadata: str = "<dc:title>Ships</dc:title>",
    manifest: Mapping[str, str] = {},
    spine: Mapping[str, str] = {},
    guide: str = "",
    parts: Mapping[str, str | bytes] = {},
) -> bytes:
    """A book of pages, each the content of its body, by their addresses in the order of the spine.

    `manifest` and `spine` are further attributes of a page there.
    """
    items = "".join(
        f'<item id="i{number}" href="{href}" media-type="application/xhtml+xml" {manifest.get(href, "")}/>'
        for number, href in reversed(list(enumerate(pages)))
    )
    order = "".join(
        f'<itemref idref="i{number}" {spine.get(href, "")}/>' for number, href in enumerate(pages)
    )
    return archive(
        {
            "mimetype": "application/epub+zip",
            "META-INF/container.xml": '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container">'
            '<rootfiles><rootfile full-path="OEBPS/book.opf" media-type="application/oebps-package+xml"/>'
            "</rootfiles></container>",
            "OEBPS/book.opf": '<package xmlns="http://www.idpf.org/2007/opf" version="3.0">'
            '<metadata xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:opf="http://www.idpf.org/2007/opf">'
            f"{metadata}</metadata><manifest>{items}</manifest><spine>{order}</spine>{guide}</package>",
            **{
                f"OEBPS/{unquote(href)}": content if content.startswith("<?xml") else xhtml(content)
                for href, content in pages.items()
            },
            **parts,
        }
    )


def xhtml(body: str) -> str:
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.1//EN" '
        '"http://www.w3.org/TR/xhtml11/DTD/xhtml11.dtd">\n<html xmlns="http://www.w3.org/1999/xhtml" '
        f'xmlns:epub="http://www.idpf.org/2007/ops"><head><title/></head><body>{body}</body></html>'
    )
