"""Presentations (.pptx)."""

from __future__ import annotations

from html import escape

from benchmarks.source_corpus.archives import OFFICE_RELATIONS, RELATIONS, archive, content_types, relations
from benchmarks.source_corpus.article import (
    Abilities,
    MadeArticle,
    MadeHeading,
    MadeItems,
    MadeParagraph,
    MadeTable,
    visible,
)

SLIDES = Abilities(raised=False, notes=False, quotations=False)
A = "http://schemas.openxmlformats.org/drawingml/2006/main"
P = "http://schemas.openxmlformats.org/presentationml/2006/main"


def pptx(article: MadeArticle) -> bytes:
    """A slide for each heading; ten slides and more are not in the order of their files' names."""
    slides: list[list[str]] = [[_shape(article.title, title=True)]]
    for element in article.elements:
        match element:
            case MadeHeading():
                slides.append([_shape(element.text, title=True)])
            case MadeParagraph():
                slides[-1].append(_shape(visible(element.line, article.language)))
            case MadeItems():
                slides[-1].append(_shape(*[visible(line, article.language) for line in element.lines]))
            case MadeTable():
                slides[-1] += [_shape(element.caption), _slide_table(element)]
    count = len(slides)
    kind = "application/vnd.openxmlformats-officedocument.presentationml"
    types = (
        f'<Override PartName="/ppt/presentation.xml" ContentType="{kind}.presentation.main+xml"/>'
        + "".join(
            f'<Override PartName="/ppt/slides/slide{number}.xml" ContentType="{kind}.slide+xml"/>'
            for number in range(1, count + 1)
        )
    )
    parts = {
        "[Content_Types].xml": content_types(types),
        "_rels/.rels": relations({"officeDocument": "ppt/presentation.xml"}),
    }
    ids = "".join(f'<p:sldId id="{256 + number}" r:id="s{number}"/>' for number in range(count))
    parts["ppt/presentation.xml"] = (
        f'<p:presentation xmlns:p="{P}" xmlns:r="{OFFICE_RELATIONS}"><p:sldIdLst>{ids}</p:sldIdLst>'
        "</p:presentation>"
    )
    links = "".join(
        f'<Relationship Id="s{number}" Type="{OFFICE_RELATIONS}/slide" '
        f'Target="slides/slide{count - number}.xml"/>'
        for number in range(count)
    )
    parts["ppt/_rels/presentation.xml.rels"] = f'<Relationships xmlns="{RELATIONS}">{links}</Relationships>'
    for number, shapes in enumerate(slides):
        parts[f"ppt/slides/slide{count - number}.xml"] = (
            f'<p:sld xmlns:p="{P}" xmlns:a="{A}"><p:cSld><p:spTree><p:nvGrpSpPr><p:cNvPr id="1" '
            'name=""/><p:cNvGrpSpPr/>'
            f"<p:nvPr/></p:nvGrpSpPr><p:grpSpPr/>{''.join(shapes)}</p:spTree></p:cSld></p:sld>"
        )
    return archive(parts)


def _shape(*texts: str, title: bool = False) -> str:
    place = '<p:ph type="title"/>' if title else '<p:ph idx="1"/>'
    paragraphs = "".join(f"<a:p><a:r><a:t>{escape(text)}</a:t></a:r></a:p>" for text in texts)
    return (
        f'<p:sp><p:nvSpPr><p:cNvPr id="2" name="x"/><p:cNvSpPr/><p:nvPr>{place}</p:nvPr></p:nvSpPr><p:spPr/>'
        f"<p:txBody><a:bodyPr/>{paragraphs}</p:txBody></p:sp>"
    )


def _slide_table(table: MadeTable) -> str:
    def cell(text: str) -> str:
        paragraph = f"<a:p><a:r><a:t>{escape(text)}</a:t></a:r></a:p>"
        return f"<a:tc><a:txBody><a:bodyPr/>{paragraph}</a:txBody><a:tcPr/></a:tc>"

    columns = "".join('<a:gridCol w="1000"/>' for _ in table.columns)
    rows = "".join(f'<a:tr h="1">{"".join(map(cell, row))}</a:tr>' for row in (table.columns, *table.rows))
    return (
        '<p:graphicFrame><p:nvGraphicFramePr><p:cNvPr id="4" name="t"/><p:cNvGraphicFramePr/><p:nvPr/>'
        '</p:nvGraphicFramePr><p:xfrm><a:off x="0" y="0"/><a:ext cx="1" cy="1"/></p:xfrm>'
        "<a:graphic><a:graphicData "
        f'uri="{A.replace("main", "table")}"><a:tbl><a:tblPr firstRow="1"/>'
        f"<a:tblGrid>{columns}</a:tblGrid>{rows}"
        "</a:tbl></a:graphicData></a:graphic></p:graphicFrame>"
    )
