"""Presentations: what an audience sees, slide by slide, and nothing else."""

from __future__ import annotations

import pytest

from tasks.pipeline.reading.document import read_bytes
from tasks.pipeline.types import BlockKind
from tests.office_files import (
    P_NAMESPACES,
    a_cell,
    a_paragraph,
    a_run,
    core,
    p_frame,
    p_shape,
    pptx,
    relations,
)


def texts(*slides: str) -> list[str]:
    return [block.text for block in read_bytes(pptx(*slides)).blocks]


def test_slides_are_in_the_order_of_the_presentation_and_begin_with_their_title() -> None:
    first = p_shape("A talk", placeholder="subTitle") + p_shape("The harbour", placeholder="ctrTitle")
    second = p_shape("412 ships came", "37 waited", placeholder="") + p_shape(
        "In", "spring", placeholder="title"
    )
    third = p_shape("A storm closed it.") + p_shape("A storm", placeholder="title")
    reading = read_bytes(pptx(first, second, third))
    assert [(block.kind, block.level, block.text) for block in reading.blocks] == [
        (BlockKind.HEADING, 1, "The harbour"),
        (BlockKind.PARAGRAPH, 0, "A talk"),
        (BlockKind.HEADING, 2, "In spring"),
        (BlockKind.LIST_ITEM, 0, "412 ships came"),
        (BlockKind.LIST_ITEM, 0, "37 waited"),
        (BlockKind.HEADING, 2, "A storm"),
        (BlockKind.PARAGRAPH, 0, "A storm closed it."),
    ]
    assert (reading.title, reading.share_taken, reading.language) == ("The harbour", 1.0, "en-US")


def test_a_bullet_is_what_the_paragraph_says_of_itself() -> None:
    none, some = "<a:pPr><a:buNone/></a:pPr>", '<a:pPr><a:buChar char="•"/></a:pPr>'
    body = p_shape(a_paragraph("412 ships came.", properties=none), placeholder="body")
    box = p_shape(a_paragraph("37 waited.", properties=some))
    assert [block.kind for block in read_bytes(pptx(body + box)).blocks] == [
        BlockKind.PARAGRAPH,
        BlockKind.LIST_ITEM,
    ]


@pytest.mark.parametrize(
    "hidden",
    [
        p_shape("912", placeholder="sldNum"), p_shape("912 boats", placeholder="ftr"),
        p_shape("912 boats", placeholder="dt"), p_shape("912 boats", attributes='hidden="1"'),
        p_shape(
            "912 boats",
            properties='<a:xfrm><a:off x="-3000000" y="0"/><a:ext cx="2000000" cy="900000"/></a:xfrm>',
        ),
        p_shape(a_paragraph(a_run("912 boats", 'strike="sngStrike"'))),
        p_shape(a_paragraph('<a:fld id="x" type="slidenum"><a:t>912</a:t></a:fld>')),
    ],
)  # fmt: skip
def test_what_no_audience_sees_is_left_out(hidden: str) -> None:
    reading = read_bytes(pptx(p_shape("412 ships came.") + hidden))
    assert reading.text == "412 ships came."
    assert reading.share_taken == 1.0


def test_hidden_slides_and_notes_are_left_out_with_a_warning() -> None:
    shape = p_shape("912 boats", placeholder="body")
    notes = f"<p:notes {P_NAMESPACES}><p:cSld><p:spTree>{shape}</p:spTree></p:cSld></p:notes>"
    parts = {
        "ppt/slides/_rels/slide3.xml.rels": relations(
            {"rId1": ("notesSlide", "../notesSlides/notesSlide1.xml")}
        ),
        "ppt/notesSlides/notesSlide1.xml": notes,
    }
    reading = read_bytes(
        pptx(p_shape("412 ships."), p_shape("912 boats"), p_shape("37."), hidden=2, parts=parts)
    )
    assert reading.text == "412 ships.\n\n37."
    assert reading.warnings == (
        "Left out: 1 hidden slide.",
        "Left out: the speaker's notes of 1 slide, which an audience does not see.",
    )


def test_runs_are_joined_and_raised_figures_keep_their_meaning() -> None:
    body = a_paragraph(
        "The har", "bour counted 412", a_run("3", 'baseline="30000"'), " ships on 25 m",
        a_run("2", 'baseline="30000"'), "<a:br/>", "of CO", a_run("2", 'baseline="-25000"'), ".",
    )  # fmt: skip
    assert texts(p_shape(body)) == ["The harbour counted 412 ships on 25 m² of CO₂."]


def test_groups_tables_and_alternatives_are_read_once() -> None:
    group = f"<p:grpSp><p:nvGrpSpPr/><p:grpSpPr/>{p_shape('In a group.')}</p:grpSp>"
    rows = (
        f"<a:tr>{a_cell('Port')}{a_cell('Ships', gridSpan=2)}{a_cell('', hMerge=1)}</a:tr>"
        f"<a:tr>{a_cell('Bergen', rowSpan=2)}{a_cell('400')}{a_cell('412')}</a:tr>"
        f"<a:tr>{a_cell('', vMerge=1)}{a_cell('36')}{a_cell('37')}</a:tr>"
    )
    table = p_frame(f'<a:tbl><a:tblPr firstRow="1"/>{rows}</a:tbl>')
    ten, six = "<m:r><m:t>10</m:t></m:r>", "<m:r><m:t>6</m:t></m:r>"
    formula = f"<m:oMath><m:sSup><m:e>{ten}</m:e><m:sup>{six}</m:sup></m:sSup></m:oMath>"
    alternative = (
        '<mc:AlternateContent><mc:Choice Requires="a14">'
        + p_shape(a_paragraph("About ", f'<a14:m xmlns:a14="x">{formula}</a14:m>', " crates."))
        + f"</mc:Choice><mc:Fallback>{p_shape('912 boats')}</mc:Fallback></mc:AlternateContent>"
    )
    assert texts(group + table + alternative) == [
        "In a group.",
        "Port: Bergen; Ships: 400; Ships: 412",
        "Port: Bergen; Ships: 36; Ships: 37",
        "About 10⁶ crates.",
    ]


def chart(values: str, code: str = "General", name: str = "Ships") -> str:
    points = "".join(
        f'<c:pt idx="{index}"><c:v>{value}</c:v></c:pt>' for index, value in enumerate(values.split())
    )
    return (
        f"<c:chartSpace {P_NAMESPACES}><c:chart><c:plotArea><c:barChart><c:ser><c:tx><c:strRef><c:strCache>"
        f'<c:pt idx="0"><c:v>{name}</c:v></c:pt></c:strCache></c:strRef></c:tx><c:cat><c:strRef><c:strCache>'
        '<c:pt idx="0"><c:v>Bergen</c:v></c:pt><c:pt idx="1"><c:v>Oslo</c:v></c:pt>'
        "</c:strCache></c:strRef></c:cat>"
        f"<c:val><c:numRef><c:numCache><c:formatCode>{code}</c:formatCode>{points}</c:numCache></c:numRef></c:val>"
        "</c:ser></c:barChart></c:plotArea></c:chart></c:chartSpace>"
    )


@pytest.mark.parametrize(
    ("xml", "right"),
    [
        (chart("412 37.100000000000001"), ["Bergen; Ships: 412", "Oslo; Ships: 37.1"]),
        (chart("0.125 0.5", "0.0%"), ["Bergen; Ships: 12.5%", "Oslo; Ships: 50%"]),
        (chart("412 37", name=""), ["Bergen: 412", "Oslo: 37"]),
        (chart("45000 45001", "yyyy-mm-dd"), []),
    ],
)
def test_the_data_of_a_chart_are_rows(xml: str, right: list[str]) -> None:
    frame = p_frame('<c:chart r:id="rId7"/>')
    parts = {"ppt/slides/_rels/slide1.xml.rels": relations({"rId7": ("chart", "/ppt/charts/chart1.xml")})}
    reading = read_bytes(
        pptx(p_shape("Ships by port.") + frame, parts={**parts, "ppt/charts/chart1.xml": xml})
    )
    assert [block.text for block in reading.blocks[1:]] == right
    assert bool(reading.warnings) == (not right)


def test_a_diagram_is_read_in_its_order() -> None:
    def point(id_: str, text: str = "", kind: str = "node") -> str:
        return f'<dgm:pt modelId="{id_}" type="{kind}"><dgm:t>{a_paragraph(text)}</dgm:t></dgm:pt>'

    def link(source: str, target: str, order: int, kind: str = "parOf") -> str:
        return f'<dgm:cxn type="{kind}" srcId="{source}" destId="{target}" srcOrd="{order}"/>'

    model = (
        f"<dgm:dataModel {P_NAMESPACES}><dgm:ptLst>{point('0', kind='doc')}{point('3', 'Third')}"
        f"{point('1', 'First')}{point('2', 'Second')}{point('9', '912 boats', 'pres')}</dgm:ptLst>"
        f"<dgm:cxnLst>{link('0', '3', 1)}"
        f"{link('0', '1', 0)}{link('1', '2', 0)}{link('1', '9', 0, 'presOf')}</dgm:cxnLst></dgm:dataModel>"
    )
    parts = {
        "ppt/slides/_rels/slide1.xml.rels": relations({"rId7": ("diagramData", "../diagrams/data1.xml")}),
        "ppt/diagrams/data1.xml": model,
    }
    reading = read_bytes(pptx(p_frame('<dgm:relIds r:dm="rId7"/>'), parts=parts))
    assert reading.text.split("\n\n") == ["First", "Second", "Third"]


@pytest.mark.parametrize("date", ["2013-01-27T09:15:58Z", ""])
def test_the_date_of_a_template_is_no_date_of_the_document(date: str) -> None:
    """python-pptx leaves the dates of its own template in what it makes."""
    data = pptx(
        p_shape("412 ships."), parts={"docProps/core.xml": core("PowerPoint Presentation", modified=date)}
    )
    reading = read_bytes(data, name="ships.pptx")
    assert (reading.title, reading.published) == ("ships", "")
