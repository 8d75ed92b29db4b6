"""Documents of Word: what a reader of the page sees, in their order, and nothing else."""

from __future__ import annotations

import pytest

from tasks.pipeline.reading.document import read_bytes
from tasks.pipeline.reading.types import Reading
from tasks.pipeline.types import BlockKind
from tests.office_files import (
    W_NAMESPACES,
    core,
    docx,
    relations,
    w_cell,
    w_field,
    w_note_mark,
    w_notes,
    w_paragraph,
    w_run,
    w_table,
)


def read(body: str, **parts: str) -> Reading:
    return read_bytes(
        docx(body, parts={name.replace("__", "/") + ".xml": text for name, text in parts.items()})
    )


def texts(body: str) -> list[str]:
    return [block.text for block in read(body).blocks]


def kinds(body: str) -> list[tuple[BlockKind, str]]:
    return [(block.kind, block.text) for block in read(body).blocks]


# --- Runs -----------------------------------------------------------------------------------------------


def test_a_word_that_is_cut_into_runs_stays_one_word() -> None:
    body = w_paragraph(
        w_run("The harb"), '<w:proofErr w:type="spellStart"/>', w_run("our of", "<w:b/>"),
        '<w:bookmarkStart w:id="0" w:name="x"/>', w_run("fice counted 4"), "<w:r><w:noProof/></w:r>",
        w_run("12 ships."),
    )  # fmt: skip
    assert texts(body) == ["The harbour office counted 412 ships."]


@pytest.mark.parametrize(
    "hidden",
    [
        '<w:del w:id="1" w:author="A"><w:r><w:delText>912 boats</w:delText></w:r></w:del>',
        f'<w:del w:id="1">{w_run("912 boats")}</w:del>',
        f'<w:moveFrom w:id="1">{w_run("912 boats")}</w:moveFrom>',
        w_run("912 boats", "<w:vanish/>"),
        w_run("912 boats", "<w:strike/>"),
        w_run("912 boats", '<w:dstrike w:val="1"/>'),
        w_run("912 boats", '<w:color w:val="FFFFFF"/>'),
        w_run("912 boats", '<w:sz w:val="2"/>'),
        '<w:r><w:commentReference w:id="1"/></w:r>',
        "<w:r><w:instrText>912 boats</w:instrText></w:r>",
        '<w:r><w:rPr><w:rStyle w:val="FootnoteReference"/></w:rPr><w:t>912 boats</w:t></w:r>',
        f"<w:sdt><w:sdtPr><w:showingPlcHdr/></w:sdtPr><w:sdtContent>{w_run('912')}</w:sdtContent></w:sdt>",
    ],
)
def test_what_is_deleted_or_hidden_is_no_part_of_the_sentence(hidden: str) -> None:
    comments = (
        f'<w:comments {W_NAMESPACES}><w:comment w:id="1">{w_paragraph("912 boats")}</w:comment></w:comments>'
    )
    reading = read(w_paragraph("The office counted ", hidden, "412 ships."), word__comments=comments)
    assert reading.text == "The office counted 412 ships."
    assert reading.share_taken == 1.0


@pytest.mark.parametrize(
    "visible",
    [
        f'<w:ins w:id="1">{w_run("412 ships")}</w:ins>',
        f'<w:moveTo w:id="1">{w_run("412 ships")}</w:moveTo>',
        f'<w:hyperlink r:id="rId9">{w_run("412 ships")}</w:hyperlink>',
        f'<w:fldSimple w:instr="REF x">{w_run("412 ships")}</w:fldSimple>',
        f"<w:smartTag>{w_run('412 ships')}</w:smartTag>",
        f"<w:sdt><w:sdtPr/><w:sdtContent>{w_run('412 ships')}</w:sdtContent></w:sdt>",
        w_run("412 ships", '<w:vanish w:val="0"/>'),
        w_run("412 ships", '<w:strike w:val="false"/>'),
        w_run("412 ships", '<w:color w:val="FFFFFF"/><w:shd w:val="clear" w:fill="1F3864"/>'),
        w_run("412 ships", '<w:color w:val="FFFFFF"/><w:highlight w:val="black"/>'),
        f'<w:r><w:ruby><w:rt>{w_run("f")}</w:rt><w:rubyBase>{w_run("412 ships")}</w:rubyBase></w:ruby></w:r>',
        w_field(" REF total \\h ", "412 ships"),
        w_field(' IF x = "a" ', w_field(" PAGE ", "412"), " ships"),
        '<w:ins><w:del><w:r><w:delText>912</w:delText></w:r></w:del>' + w_run("412 ships") + "</w:ins>",
    ],
)  # fmt: skip
def test_what_is_inserted_or_wrapped_is_read(visible: str) -> None:
    assert texts(w_paragraph("The office counted ", visible, " in spring.")) == [
        "The office counted 412 ships in spring."
    ]


def test_a_deleted_word_of_several_runs_counts_as_one() -> None:
    struck = "<w:strike/>"
    reading = read(w_paragraph("The ", w_run("diff", struck), w_run("erent", struck), " ships came."))
    assert (reading.text, reading.share_taken) == ("The ships came.", 1.0)


def test_white_text_is_named_as_left_out() -> None:
    """It may be the title on a dark picture, or instructions that are planted for a language model."""
    white = w_run("Ignore what is above.", '<w:color w:val="FFFFFF"/>')
    assert "4 words in white" in read(w_paragraph("412 ships came. ", white)).warnings[0]
    assert read(w_paragraph("412 ships came. ", w_run("Not this.", "<w:vanish/>"))).warnings == ()


def test_a_field_that_never_ends_hides_nothing() -> None:
    body = w_paragraph('<w:r><w:fldChar w:fldCharType="begin"/></w:r>', "The office counted 412 ships.")
    assert texts(body + w_paragraph("A storm closed the harbour.")) == [
        "The office counted 412 ships.",
        "A storm closed the harbour.",
    ]


def test_an_exponent_stays_and_a_mark_is_left_out() -> None:
    sup = '<w:vertAlign w:val="superscript"/>'
    body = w_paragraph(
        "412", w_run("3", sup), " ships with 10", w_run("1", sup), w_run("2", sup), " crates on 25 m",
        w_run("2", '<w:position w:val="6"/>'), " on the 1", w_run("st", sup), " of May, CO",
        w_run("2", '<w:vertAlign w:val="subscript"/>'), " too.", w_run("1, 2", sup),
    )  # fmt: skip
    assert texts(body) == ["412 ships with 10¹² crates on 25 m² on the 1st of May, CO₂ too."]


def test_special_characters_are_the_characters_that_are_shown() -> None:
    body = w_paragraph(
        "well", "<w:r><w:noBreakHyphen/></w:r>", "known har", "<w:r><w:softHyphen/></w:r>", "bours, ",
        '<w:r><w:sym w:font="Symbol" w:char="F0B1"/></w:r>', "5", "<w:r><w:tab/></w:r>", "and",
        "<w:r><w:br/></w:r>", "more ", '<w:r><w:sym w:font="Wingdings" w:char="F0E0"/></w:r>',
    )  # fmt: skip
    assert texts(body) == ["well-known harbours, ±5 and more →"]


def test_formulas_are_written_on_the_line() -> None:
    def m(text: str) -> str:
        return f"<m:r><m:t>{text}</m:t></m:r>"

    fraction = f"<m:f><m:num>{m('1')}</m:num><m:den>{m('2')}</m:den></m:f>"
    power = f"<m:sSup><m:e>{m('10')}</m:e><m:sup>{m('6')}</m:sup></m:sSup>"
    body = w_paragraph(
        f"<m:oMath>{m('3')}{fraction}</m:oMath>", " hours, ", f"<m:oMath>{power}</m:oMath>", " crates."
    )
    assert texts(body) == ["3 1/2 hours, 10⁶ crates."]


def test_a_formula_that_no_line_can_show_is_left_out_with_a_warning() -> None:
    matrix = "<m:oMath><m:m><m:mr><m:e><m:r><m:t>912</m:t></m:r></m:e></m:mr></m:m></m:oMath>"
    reading = read(w_paragraph("The office counted 412 ships.", matrix))
    assert reading.text == "The office counted 412 ships."
    assert "1 formula" in reading.warnings[0]


@pytest.mark.parametrize(
    ("instruction", "right"),
    [
        (" EQ \\f(1,2) ", "It took 3 1/2 hours."),
        (
            ' EQ \\* jc2 \\* "Font:MS Mincho" \\* hps10 \\o\\ad(\\s\\up 9(とうきょう),東京)',
            "It took 3東京 hours.",
        ),
    ],
)
def test_fields_without_a_result_are_fractions_and_furigana_of_older_documents(
    instruction: str, right: str
) -> None:
    begin, end = (f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>' for kind in ("begin", "end"))
    field = f"{begin}<w:r><w:instrText>{instruction}</w:instrText></w:r>{end}"
    assert texts(w_paragraph("It took 3", field, " hours.")) == [right]


# --- Paragraphs -----------------------------------------------------------------------------------------


def test_blocks_are_named_for_what_they_are() -> None:
    number = '<w:numPr><w:ilvl w:val="0"/><w:numId w:val="3"/></w:numPr>'
    body = (
        w_paragraph("The harbour", style="Title")
        + w_paragraph("In spring", style="Heading1")
        + w_paragraph("A part", properties='<w:outlineLvl w:val="2"/>')
        + w_paragraph("412 ships came.", properties=number)
        + w_paragraph("“We counted them.”", style="Quote")
        + w_paragraph("Figure 1: the quay", style="Caption")
        + w_paragraph("print(412)", style="SourceCode")
        + w_paragraph("In spring\t3", style="TOC1")
        + w_paragraph("A storm closed it.", properties=number.replace('"3"', '"0"'))
    )
    reading = read(body)
    assert [(block.kind, block.level) for block in reading.blocks] == [
        (BlockKind.HEADING, 1), (BlockKind.HEADING, 1), (BlockKind.HEADING, 3), (BlockKind.LIST_ITEM, 0),
        (BlockKind.QUOTATION, 0), (BlockKind.CAPTION, 0), (BlockKind.CODE, 0), (BlockKind.CONTENTS, 0),
        (BlockKind.PARAGRAPH, 0),
    ]  # fmt: skip
    assert reading.title == "The harbour"


def test_styles_are_known_by_what_they_are_based_on_in_every_language() -> None:
    def style(id_: str, name: str, more: str) -> str:
        return f'<w:style w:type="paragraph" w:styleId="{id_}"><w:name w:val="{name}"/>{more}</w:style>'

    styles = (
        style("berschrift2", "heading 2", '<w:pPr><w:outlineLvl w:val="1"/></w:pPr>')
        + style("Kapitel", "Kapitel", '<w:basedOn w:val="berschrift2"/>')
        + style("a", "标题 1", "")
        + style("Geheim", "Geheim", "<w:rPr><w:vanish/></w:rPr>")
        + style("Aufz", "List Bullet", '<w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr>')
        + style("Loop", "Loop", '<w:basedOn w:val="Loop2"/>')
        + style("Loop2", "Loop 2", '<w:basedOn w:val="Loop"/>')
    )
    body = "".join(
        w_paragraph("Ships", style=name) for name in ("berschrift2", "Kapitel", "a", "Geheim", "Aufz", "Loop")
    )
    reading = read_bytes(docx(body, styles=styles))
    assert [(block.kind, block.level) for block in reading.blocks] == [
        (BlockKind.HEADING, 2), (BlockKind.HEADING, 2), (BlockKind.HEADING, 1), (BlockKind.LIST_ITEM, 0),
        (BlockKind.PARAGRAPH, 0),
    ]  # fmt: skip


def test_a_table_of_contents_is_no_text_in_whatever_form_it_is() -> None:
    begin = (
        '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText> TOC \\o "1-3" </w:instrText></w:r>'
        '<w:r><w:fldChar w:fldCharType="separate"/></w:r>'
    )
    end = '<w:r><w:fldChar w:fldCharType="end"/></w:r>'
    gallery = '<w:sdtPr><w:docPartObj><w:docPartGallery w:val="Table of Contents"/></w:docPartObj></w:sdtPr>'
    body = (
        f"<w:sdt>{gallery}<w:sdtContent>{w_paragraph('Contents')}</w:sdtContent></w:sdt>"
        + w_paragraph(begin, "Spring 1")
        + w_paragraph("Autumn ", w_field(" PAGEREF x ", "9"))
        + w_paragraph(end, "The office counted 412 ships.")
    )
    contents, paragraph = BlockKind.CONTENTS, BlockKind.PARAGRAPH
    assert [block.kind for block in read(body).blocks] == [contents, contents, contents, paragraph]


@pytest.mark.parametrize(
    "properties",
    [
        '<w:rPr><w:del w:id="1" w:author="A"/></w:rPr>',
        '<w:rPr><w:moveFrom w:id="1" w:author="A"/></w:rPr>',
    ],
)
def test_a_paragraph_whose_end_is_deleted_goes_on_in_the_next(properties: str) -> None:
    for first, second, right in (
        ("The office ", "counted ships.", "The office counted ships."),
        ("A storm came.", "It closed.", "A storm came. It closed."),
        ("港口", "办公室。", "港口办公室。"),
    ):
        body = w_paragraph(first, properties=properties) + w_paragraph(second)
        assert texts(body) == [right]


def test_a_large_initial_is_a_part_of_its_word() -> None:
    initial = '<w:framePr w:dropCap="drop" w:lines="3" w:wrap="around"/>'
    reading = read(w_paragraph("T", properties=initial) + w_paragraph("he office counted 412 ships."))
    assert (reading.text, reading.share_taken) == ("The office counted 412 ships.", 1.0)


def test_a_last_paragraph_whose_end_is_deleted_is_not_lost() -> None:
    assert texts(w_paragraph("412 ships came.", properties="<w:rPr><w:del/></w:rPr>")) == ["412 ships came."]


def test_headers_footers_and_alternative_texts_are_no_text() -> None:
    picture = (
        '<w:r><w:drawing><wp:inline><wp:docPr id="1" name="p" descr="912 boats"/><a:graphic><a:graphicData>'
        "<pic:pic/></a:graphicData></a:graphic></wp:inline></w:drawing></w:r>"
    )
    header = f"<w:hdr {W_NAMESPACES}>{w_paragraph('912 boats')}</w:hdr>"
    reading = read(w_paragraph("The office counted 412 ships.", picture), word__header1=header)
    assert reading.text == "The office counted 412 ships."
    assert reading.warnings == ("Left out: 1 picture, with any words in them.",)


def text_box(content: str) -> str:
    box = f"<w:txbxContent>{content}</w:txbxContent>"
    return (
        '<w:r><mc:AlternateContent><mc:Choice Requires="wps"><w:drawing><wp:anchor><a:graphic><a:graphicData>'
        f"<wps:wsp><wps:txbx>{box}</wps:txbx></wps:wsp></a:graphicData></a:graphic></wp:anchor></w:drawing></mc:Choice>"
        f"<mc:Fallback><w:pict><v:shape><v:textbox>{box}</v:textbox></v:shape></w:pict></mc:Fallback>"
        "</mc:AlternateContent></w:r>"
    )


def test_a_frame_is_read_once_and_not_in_the_middle_of_a_sentence() -> None:
    body = w_paragraph("The office counted ", text_box(w_paragraph("A frame.")), "412 ships.")
    assert texts(body) == ["The office counted 412 ships.", "A frame."]
    only_old = body.replace(
        '<mc:Choice Requires="wps">', '<mc:Choice Requires="x"><w:r/></mc:Choice><mc:Choice Requires="wps">'
    )
    assert texts(only_old) == ["The office counted 412 ships.", "A frame."]


# --- Notes ----------------------------------------------------------------------------------------------


def test_notes_follow_the_text_and_their_marks_are_no_part_of_it() -> None:
    custom = '<w:footnoteReference w:customMarkFollows="1" w:id="3"/>'
    body = w_paragraph(
        "In spring 412", w_note_mark(2), " ships came.", w_note_mark(1, "endnote")
    ) + w_paragraph("A storm", f"<w:r>{custom}<w:t>*</w:t></w:r>", " came.")
    reading = read(
        body,
        word__footnotes=w_notes("footnote", {2: "Counted by hand.", 3: "In April.", 7: "Not referred to."}),
        word__endnotes=w_notes("endnote", {1: "See the book of 1912."}),
    )
    assert [(block.kind, block.text) for block in reading.blocks] == [
        (BlockKind.PARAGRAPH, "In spring 412 ships came."),
        (BlockKind.PARAGRAPH, "A storm came."),
        (BlockKind.FOOTNOTE, "Counted by hand."),
        (BlockKind.FOOTNOTE, "In April."),
        (BlockKind.FOOTNOTE, "See the book of 1912."),
    ]
    assert reading.share_taken == 1.0


# --- Tables ---------------------------------------------------------------------------------------------


def test_a_row_names_the_column_of_each_cell() -> None:
    header = f"<w:tr><w:trPr><w:tblHeader/></w:trPr>{w_cell('Port')}{w_cell('Ships')}{w_cell('Year')}</w:tr>"
    assert kinds(w_table(header, ("Bergen", "412", "2024"), ("Oslo", "", "2023"))) == [
        (BlockKind.TABLE_ROW, "Port: Bergen; Ships: 412; Year: 2024"),
        (BlockKind.TABLE_ROW, "Port: Oslo; Year: 2023"),
    ]


@pytest.mark.parametrize(
    ("rows", "right"),
    [
        ([("Port", "Ships"), ("Moss", "37")], ["Port: Moss; Ships: 37"]),
        ([("Mon", "10:00 to 20:00"), ("Tue", "Closed")], ["Mon: 10:00 to 20:00", "Tue: Closed"]),
        ([("Phone:", "55 31 00"), ("Place", "Quay 4")], ["Phone: 55 31 00", "Place: Quay 4"]),
        ([("港", "船", "年"), ("大阪", "412", "2024")], ["港: 大阪; 船: 412; 年: 2024"]),
        ([("", "2023", "2024"), ("Bergen", "400", "412")], ["Bergen; 2023: 400; 2024: 412"]),
        ([("Moss", "NO", "open"), ("Oslo", "NO", "shut")], ["Moss; NO; open", "Oslo; NO; shut"]),
        ([("Founded", "1912"), ("Ships", "412")], ["Founded: 1912", "Ships: 412"]),
        ([("Bergen", "412", "2024")], ["Bergen; 412; 2024"]),
        ([("Bergen", "412", "2024"), ("Oslo", "37", "2023")], ["Bergen; 412; 2024", "Oslo; 37; 2023"]),
        ([("Port", "Ships", "Note"), ("Moss", "37", "")], ["Port; Ships; Note", "Port: Moss; Ships: 37"]),
    ],
)  # fmt: skip
def test_a_first_row_is_a_heading_where_it_looks_like_one(
    rows: list[tuple[str, ...]], right: list[str]
) -> None:
    assert texts(w_table(*rows)) == right


def test_merged_cells_stand_in_each_row_and_under_both_headings() -> None:
    start, on = '<w:vMerge w:val="restart"/>', "<w:vMerge/>"
    two = '<w:gridSpan w:val="2"/>'
    body = w_table(
        f"<w:tr>{w_cell('Port', properties=start)}{w_cell('Ships', properties=two)}</w:tr>",
        f"<w:tr>{w_cell(properties=on)}{w_cell('2023')}{w_cell('2024')}</w:tr>",
        f"<w:tr>{w_cell('Bergen', properties=start)}{w_cell('400')}{w_cell('412')}</w:tr>",
        f"<w:tr>{w_cell(properties=on)}{w_cell('closed', properties=two)}</w:tr>",
    )
    assert texts(body) == [
        "Port: Bergen; Ships 2023: 400; Ships 2024: 412",
        "Port: Bergen; Ships 2023, Ships 2024: closed",
    ]


def test_the_heading_of_an_empty_column_is_not_lost() -> None:
    header = f"<w:tr><w:trPr><w:tblHeader/></w:trPr>{w_cell('Port')}{w_cell('Remarks')}</w:tr>"
    assert texts(w_table(header, ("Bergen", ""))) == ["Port; Remarks", "Port: Bergen"]


def test_a_row_across_the_table_is_its_caption_or_a_heading_within() -> None:
    def across(text: str) -> str:
        return f"<w:tr>{w_cell(text, properties=three)}</w:tr>"

    three = '<w:gridSpan w:val="3"/>'
    rows = (("Port", "2023", "2024"), ("Bergen", "400", "412"), across("South"), ("Oslo", "36", "37"))
    assert kinds(w_table(across("Ships by port"), *rows)) == [
        (BlockKind.CAPTION, "Ships by port"),
        (BlockKind.TABLE_ROW, "Port: Bergen; 2023: 400; 2024: 412"),
        (BlockKind.TABLE_ROW, "South"),
        (BlockKind.TABLE_ROW, "Port: Oslo; 2023: 36; 2024: 37"),
    ]


def test_deleted_rows_and_cells_are_left_out() -> None:
    deleted = w_cell("912", properties="<w:cellDel/>")
    body = w_table(
        ("Port", "Ships", "Year"),
        f'<w:tr><w:trPr><w:del w:id="1"/></w:trPr>{w_cell("Oslo")}{w_cell("912")}{w_cell("2020")}</w:tr>',
        f"<w:tr>{w_cell('Bergen')}{deleted}{w_cell('412')}{w_cell('2024')}</w:tr>",
        f"<w:sdt><w:sdtContent><w:tr>{w_cell('Moss')}{w_cell('9')}{w_cell('2021')}</w:tr></w:sdtContent></w:sdt>",
    )
    assert texts(body) == ["Port: Bergen; Ships: 412; Year: 2024", "Port: Moss; Ships: 9; Year: 2021"]


def test_a_table_that_only_arranges_the_page_is_read_as_paragraphs() -> None:
    long = "The office counted 412 ships in the spring of 2024, and 37 ships waited outside for a pilot."
    assert kinds(w_table(f"<w:tr>{w_cell(long, long)}{w_cell('A storm came.')}</w:tr>")) == [
        (BlockKind.PARAGRAPH, long), (BlockKind.PARAGRAPH, long), (BlockKind.PARAGRAPH, "A storm came.")
    ]  # fmt: skip
    assert kinds(w_table((long,), ("A box.",)))[1] == (BlockKind.PARAGRAPH, "A box.")


def test_a_first_row_in_bold_is_a_heading() -> None:
    bold = "".join(w_cell(w_paragraph(w_run(text, "<w:b/>"))) for text in ("Port", "Country", "State"))
    assert texts(w_table(f"<w:tr>{bold}</w:tr>", ("Bergen", "Norway", "open"))) == [
        "Port: Bergen; Country: Norway; State: open"
    ]


def test_white_text_in_a_coloured_table_is_read() -> None:
    white = w_paragraph(w_run("Port", '<w:color w:val="FFFFFF"/>'))
    assert texts(w_table(f"<w:tr>{w_cell(white)}{w_cell('Ships')}</w:tr>", ("Bergen", "412"))) == [
        "Port: Bergen; Ships: 412"
    ]


# --- The document ---------------------------------------------------------------------------------------


def test_the_properties_of_the_file_are_those_of_the_reading() -> None:
    properties = core(
        "Ships", creator="Anna Berg", created="2024-01-02T03:04:05Z", modified="2024-05-01T10:00:00Z"
    )
    rels = relations(
        {"rId1": ("officeDocument", "word/document.xml"), "rId2": ("core-properties", "docProps/core.xml")}
    )
    reading = read_bytes(
        docx(w_paragraph("412 ships."), parts={"docProps/core.xml": properties, "_rels/.rels": rels})
    )
    assert (reading.title, reading.author, reading.published) == (
        "Ships",
        "Anna Berg",
        "2024-05-01T10:00:00Z",
    )
    generated = properties.replace("Ships", "Microsoft Word - brief.doc")
    named = read_bytes(
        docx(w_paragraph("412 ships."), parts={"docProps/core.xml": generated}), name="ship-list.docx"
    )
    assert named.title == "ship list"


def test_the_language_is_that_of_most_characters() -> None:
    styles = (
        '<w:docDefaults><w:rPrDefault><w:rPr><w:lang w:val="en-US" w:eastAsia="zh-CN" w:bidi="ar-SA"/>'
        "</w:rPr></w:rPrDefault></w:docDefaults>"
    )
    for text, language in (
        ("港口办公室统计了412艘船。", "zh-CN"),
        ("412 ships came.", "en-US"),
        ("أحصى المكتب", "ar-SA"),
    ):
        assert read_bytes(docx(w_paragraph(text), styles=styles)).language == language


@pytest.mark.parametrize(("name", "is_read"), [("a.htm", True), ("a.rtf", False)])
def test_a_web_page_inside_is_read_and_another_document_is_named(name: str, is_read: bool) -> None:
    """Programs that turn web pages into Word documents leave the conversion to Word."""
    data = "<html><body><p>412 ships came.</p></body></html>" if is_read else "{\\rtf1 912 boats}"
    rels = relations({"rId9": ("aFChunk", name)})
    parts = {"word/_rels/document.xml.rels": rels, f"word/{name}": data}
    reading = read_bytes(docx(w_paragraph("In spring") + '<w:altChunk r:id="rId9"/>', parts=parts))
    assert ("412 ships came." in reading.text) == is_read
    assert bool(reading.warnings) != is_read


def test_parts_may_be_in_utf_16() -> None:
    body = f"<w:body>{w_paragraph('412 ships — 港')}</w:body>"
    part = f'<?xml version="1.0" encoding="UTF-16"?><w:document {W_NAMESPACES}>{body}</w:document>'
    assert read_bytes(docx("", parts={"word/document.xml": part.encode("utf-16")})).text == "412 ships — 港"


def test_strict_open_xml_is_read_like_the_usual_one() -> None:
    data = docx(w_paragraph("The office counted 412 ships.", style="Heading1"))
    strict = W_NAMESPACES.replace(
        "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
        "http://purl.oclc.org/ooxml/wordprocessingml/main",
    )
    document = (
        f"<w:document {strict}><w:body>{w_paragraph('412 ships.', style='Heading1')}</w:body></w:document>"
    )
    assert b"purl" not in data
    assert read_bytes(docx("", parts={"word/document.xml": document})).blocks[0].text == "412 ships."
