"""Texts of LibreOffice: what a reader of the page sees, in their order, and nothing else."""

from __future__ import annotations

import pytest

from tasks.pipeline.errors import UnreadableText
from tasks.pipeline.reading.document import read_bytes
from tasks.pipeline.reading.types import Reading
from tasks.pipeline.types import BlockKind
from tests.office_files import ODF_NAMESPACES, archive, odf_style, odt

AUTOMATIC = (
    odf_style("T1", 'style:text-position="super 58%"')
    + odf_style("T2", 'text:display="none"')
    + odf_style("T3", 'style:text-line-through-style="solid"')
    + odf_style("T4", 'fo:color="#ffffff"')
    + odf_style("T5", 'fo:color="#ffffff" fo:background-color="#000080"')
    + odf_style("T6", 'style:text-position="-33% 58%"')
    + odf_style("T7", 'fo:font-weight="bold"')
    + odf_style("P1", family="paragraph", more='style:parent-style-name="Heading_20_1"')
    + odf_style("P2", family="paragraph", more='style:parent-style-name="Quotations"')
    + odf_style("P3", family="paragraph", more='style:parent-style-name="Preformatted_20_Text"')
    + odf_style("P4", 'text:display="none"', family="paragraph")
    + odf_style("P5", family="paragraph", more='style:parent-style-name="Kapitel"')
)
STYLES = (
    odf_style("Title", family="paragraph", more='style:display-name="Title"')
    + odf_style("Heading_20_1", family="paragraph", more='style:display-name="Heading 1"')
    + odf_style("Kapitel", family="paragraph", more='style:parent-style-name="Heading_20_1"')
    + odf_style("Quotations", family="paragraph")
    + odf_style("Preformatted_20_Text", family="paragraph", more='style:display-name="Preformatted Text"')
    + odf_style("Caption", family="paragraph")
    + odf_style("Illustration", family="paragraph", more='style:parent-style-name="Caption"')
)


def read(body: str, **parts: str) -> Reading:
    named = {name.replace("__", "/") + ".xml": text for name, text in parts.items()}
    return read_bytes(odt(body, automatic=AUTOMATIC, styles=STYLES, parts=named))


def texts(body: str) -> list[str]:
    return [block.text for block in read(body).blocks]


def kinds(body: str) -> list[tuple[BlockKind, str]]:
    return [(block.kind, block.text) for block in read(body).blocks]


def p(text: str, style: str = "Standard") -> str:
    return f'<text:p text:style-name="{style}">{text}</text:p>'


def span(text: str, style: str) -> str:
    return f'<text:span text:style-name="{style}">{text}</text:span>'


def cells(*texts: str) -> str:
    return "".join(f"<table:table-cell>{p(text)}</table:table-cell>" for text in texts)


def row(*texts: str) -> str:
    return f"<table:table-row>{cells(*texts)}</table:table-row>"


# --- Runs -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "hidden",
    [
        span("912 boats", "T2"), span("912 boats", "T3"), span("912 boats", "T4"),
        "<office:annotation><dc:creator>B</dc:creator><text:p>912 boats</text:p></office:annotation>",
        '<text:hidden-text text:condition="x" text:is-hidden="true">912 boats</text:hidden-text>',
        '<text:change text:change-id="c1"/>', '<text:change-start text:change-id="c2"/>',
        '<text:variable-set text:display="none" text:name="x">912 boats</text:variable-set>',
        "<text:placeholder>912 boats</text:placeholder>", "<text:bookmark-start text:name='912 boats'/>",
        "<text:script script:language='x' xmlns:script='x'>912 boats</text:script>",
    ],
)  # fmt: skip
def test_what_is_deleted_or_hidden_is_no_part_of_the_sentence(hidden: str) -> None:
    deletion = (
        '<text:tracked-changes><text:changed-region text:id="c1"><text:deletion><text:p>912 boats</text:p>'
        "</text:deletion></text:changed-region></text:tracked-changes>"
    )
    reading = read(deletion + p(f"The office counted {hidden}412 ships."))
    assert reading.text == "The office counted 412 ships."
    assert reading.share_taken == 1.0


@pytest.mark.parametrize(
    "visible",
    [
        span("412 ships", "T5"),
        '<text:a xlink:href="https://example.org/">412 ships</text:a>',
        "<text:ruby><text:ruby-base>412 ships</text:ruby-base><text:ruby-text>x</text:ruby-text></text:ruby>",
        "412<text:s/>ships", "412<text:tab/>ships", "412<text:line-break/>ships",
        "4<text:soft-page-break/>12 ships", "<text:bookmark-ref>412</text:bookmark-ref> ships",
        f"4{span('12 sh', 'T7')}ips", "412\n      ships",
        '<text:conditional-text text:condition="x">412 ships</text:conditional-text>',
    ],
)  # fmt: skip
def test_what_is_wrapped_is_read(visible: str) -> None:
    assert texts(p(f"The office counted {visible} in spring.")) == ["The office counted 412 ships in spring."]


def test_an_exponent_stays_and_a_mark_is_left_out() -> None:
    body = p(
        f"412{span('3', 'T1')} ships, 10{span('6', 'T1')} crates, 25 m{span('2', 'T1')}, CO{span('2', 'T6')}."
    )
    assert texts(body) == ["412 ships, 10⁶ crates, 25 m², CO₂."]


def test_whole_paragraphs_and_sections_may_be_hidden() -> None:
    body = (
        p("912 boats", "P4")
        + p('<text:hidden-paragraph text:condition="x" text:is-hidden="true"/>912 boats')
        + f'<text:section text:name="S" text:display="none">{p("912 boats")}</text:section>'
        + f'<text:section text:name="T">{p("412 ships.")}</text:section>'
    )
    assert texts(body) == ["412 ships."]


def test_a_formula_is_written_on_the_line() -> None:
    formula = '<draw:frame><draw:object xlink:href="./Object 1"/><draw:image xlink:href="x"/></draw:frame>'
    math = (
        '<math xmlns="http://www.w3.org/1998/Math/MathML"><semantics><mrow><mn>3</mn><mfrac><mn>1</mn><mn>2</mn></mfrac>'
        '</mrow><annotation encoding="StarMath 5.0">3 1 over 2</annotation></semantics></math>'
    )
    reading = read(p(f"It took {formula} hours."), **{"Object 1__content": math})
    assert (reading.text, reading.warnings) == ("It took 3 1/2 hours.", ())


# --- Blocks ---------------------------------------------------------------------------------------------


def test_blocks_are_named_for_what_they_are() -> None:
    nested = f"<text:list><text:list-item>{p('37 waited.')}</text:list-item></text:list>"
    body = (
        p("The harbour", "Title")
        + '<text:h text:outline-level="2"><text:number>1.1</text:number>In spring</text:h>'
        + p("A part", "P1")
        + p("Another part", "P5")
        + f"<text:list><text:list-item>{p('412 ships came.')}{nested}</text:list-item></text:list>"
        + p("“We counted them.”", "P2")
        + p("print(412)", "P3")
        + "<text:table-of-content><text:table-of-content-source><text:index-title-template>x"
        "</text:index-title-template></text:table-of-content-source>"
        f"<text:index-body>{p('Spring 3')}</text:index-body></text:table-of-content>"
        + p("A storm closed it.")
    )
    reading = read(body)
    assert [(block.kind, block.level) for block in reading.blocks] == [
        (BlockKind.HEADING, 1), (BlockKind.HEADING, 2), (BlockKind.HEADING, 1), (BlockKind.HEADING, 1),
        (BlockKind.LIST_ITEM, 0), (BlockKind.LIST_ITEM, 0), (BlockKind.QUOTATION, 0), (BlockKind.CODE, 0),
        (BlockKind.CONTENTS, 0), (BlockKind.PARAGRAPH, 0),
    ]  # fmt: skip
    assert (reading.title, reading.blocks[1].text) == ("The harbour", "In spring")


def test_notes_follow_the_text_and_their_marks_are_no_part_of_it() -> None:
    def note(text: str, kind: str = "footnote") -> str:
        return (
            f'<text:note text:note-class="{kind}"><text:note-citation>1</text:note-citation>'
            f"<text:note-body>{p(text, 'Footnote')}</text:note-body></text:note>"
        )

    body = p(f"In spring 412{note('Counted by hand.')} ships came.") + p(
        f"A storm{note('In April.', 'endnote')} came."
    )
    assert kinds(body) == [
        (BlockKind.PARAGRAPH, "In spring 412 ships came."),
        (BlockKind.PARAGRAPH, "A storm came."),
        (BlockKind.FOOTNOTE, "Counted by hand."),
        (BlockKind.FOOTNOTE, "In April."),
    ]


def test_a_frame_is_read_after_the_sentence_that_it_stands_in() -> None:
    picture = '<draw:frame><draw:image xlink:href="x"/><svg:title>912 boats</svg:title></draw:frame>'
    caption = p(f"{picture}Figure 1: the quay", "Illustration")
    frame = f"<draw:frame><draw:text-box>{caption}</draw:text-box></draw:frame>"
    shape = f"<draw:custom-shape>{p('A shape.')}</draw:custom-shape>"
    reading = read(p(f"The office {frame}counted 412 ships.{shape}"))
    assert [(block.kind, block.text) for block in reading.blocks] == [
        (BlockKind.PARAGRAPH, "The office counted 412 ships."),
        (BlockKind.CAPTION, "Figure 1: the quay"),
        (BlockKind.PARAGRAPH, "A shape."),
    ]
    assert "1 picture" in reading.warnings[0]


# --- Tables ---------------------------------------------------------------------------------------------


def test_a_row_names_the_column_of_each_cell() -> None:
    header = f"<table:table-header-rows>{row('Port', 'Ships')}</table:table-header-rows>"
    assert kinds(f"<table:table>{header}{row('Bergen', '412')}{row('Oslo', '37')}</table:table>") == [
        (BlockKind.TABLE_ROW, "Port: Bergen; Ships: 412"),
        (BlockKind.TABLE_ROW, "Port: Oslo; Ships: 37"),
    ]


def test_merged_and_repeated_cells_stand_where_they_are_shown() -> None:
    two = f'<table:table-cell table:number-columns-spanned="2">{p("Ships")}</table:table-cell>'
    covered = "<table:covered-table-cell/>"
    down = f'<table:table-cell table:number-rows-spanned="2">{p("Bergen")}</table:table-cell>'
    repeated = f'<table:table-cell table:number-columns-repeated="2">{p("9")}</table:table-cell>'
    body = (
        f"<table:table><table:table-header-rows><table:table-row>{cells('Port')}{two}{covered}</table:table-row>"
        f"{row('', '2023', '2024')}</table:table-header-rows>"
        f"<table:table-row>{down}{cells('400', '412')}</table:table-row>"
        f"<table:table-row>{covered}{repeated}</table:table-row></table:table>"
    )
    assert texts(body) == [
        "Port: Bergen; Ships 2023: 400; Ships 2024: 412",
        "Port: Bergen; Ships 2023: 9; Ships 2024: 9",
    ]


def test_covered_cells_that_are_not_written_and_rows_that_are_not_shown_move_nothing() -> None:
    two = f'<table:table-cell table:number-columns-spanned="2">{p("Ships")}</table:table-cell>'
    first = f"<table:table-row>{two}{cells('Year')}</table:table-row>"
    header = f"<table:table-header-rows>{first}</table:table-header-rows>"
    hidden = row("9", "1", "2").replace("<table:table-row>", '<table:table-row table:visibility="collapse">')
    reading = read(f"<table:table>{header}{hidden}{row('400', '412', '2024')}</table:table>")
    assert (reading.text, reading.share_taken) == ("Ships: 400; Ships: 412; Year: 2024", 1.0)


def test_a_table_that_repeats_its_cells_without_end_is_bounded() -> None:
    cell = f'<table:table-cell table:number-columns-repeated="99999999">{p("9")}</table:table-cell>'
    wide = (
        f'<table:table-row table:number-rows-repeated="99999999">{cells("412 ships")}{cell}</table:table-row>'
    )
    assert len(read(f"<table:table>{wide}{wide}</table:table>").text) < 5_000


# --- The document ---------------------------------------------------------------------------------------


def test_the_properties_of_the_file_are_those_of_the_reading() -> None:
    meta = (
        f"<office:document-meta {ODF_NAMESPACES}><office:meta><dc:title>Ships</dc:title>"
        "<meta:initial-creator>Anna Berg</meta:initial-creator><dc:creator>Ola</dc:creator>"
        "<meta:creation-date>2024-01-02T03:04:05</meta:creation-date><dc:date>2024-05-01T10:00:00.123456789</dc:date>"
        "<dc:language>nb-NO</dc:language></office:meta></office:document-meta>"
    )
    reading = read(p("412 ships."), meta=meta)
    assert (reading.title, reading.author, reading.language) == ("Ships", "Anna Berg", "nb-NO")
    assert reading.published == "2024-05-01T10:00:00.123456789"


def test_the_language_is_that_of_most_characters() -> None:
    default = (
        '<style:default-style style:family="paragraph"><style:text-properties '
        'fo:language="en" fo:country="GB" '
        'style:language-asian="ja" style:country-asian="JP"/></style:default-style>'
    )
    assert read_bytes(odt(p("港の事務所"), styles=default)).language == "ja-JP"
    assert read_bytes(odt(p("412 ships"), styles=default)).language == "en-GB"


def test_a_protected_file_is_refused_as_one() -> None:
    manifest = (
        '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
        '<manifest:file-entry manifest:full-path="content.xml"><manifest:encryption-data/>'
        "</manifest:file-entry>"
        "</manifest:manifest>"
    )
    with pytest.raises(UnreadableText, match="protected by a password"):
        read_bytes(odt(p("412 ships."), parts={"META-INF/manifest.xml": manifest}))


def test_a_spreadsheet_is_refused_by_its_name() -> None:
    with pytest.raises(UnreadableText, match=r"spreadsheet \(\.ods\).*paste its text"):
        read_bytes(
            archive({"mimetype": "application/vnd.oasis.opendocument.spreadsheet", "content.xml": "<a/>"})
        )
