"""RTF is read as its pages show it."""

from __future__ import annotations

import pytest

from tasks.pipeline.errors import UnreadableText
from tasks.pipeline.reading.document import read_bytes
from tasks.pipeline.reading.types import Reading

HEAD = (
    rb"{\rtf1\ansi\ansicpg1252\deff0{\fonttbl{\f0\fcharset0 A;}{\f1\fcharset204 B;}{\f2\fcharset128 C;}"
    rb"{\f3\fcharset2 S;}"
    rb"{\f4\fcharset238 D;}{\f5\fcharset134 E;}{\f6\fcharset161 G;}}{\colortbl;\red0;}"
    rb"{\stylesheet{\s0 Normal;}{\s1 heading 1;}{\s2\sbasedon0 heading 2;}{\*\cs10 Default;}}"
)


def read(body: bytes) -> Reading:
    return read_bytes(HEAD + body + b"}", name="a.rtf")


def blocks(body: bytes) -> list[tuple[str, str]]:
    return [(block.kind.value, block.text) for block in read(body).blocks]


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (rb"It\'92s \'93late\'94 \'96 \'80 5", "It’s “late” – € 5"),
        (rb"\ldblquote H\'e4fen\rdblquote\~\endash\emdash", "“Häfen” –—"),
        (rb"{\f1 \'cf\'f0\'e8\'e2\'e5\'f2}", "Привет"),
        (rb"{\f4 za\'bf\'f3\'b3\'e6}", "zażółć"),
        (rb"{\f2 \'8d\'60\'83e}", "港テ"),
        (rb"{\f5 \'b8\'db}", "港"),
        (rb"{\f6 \'cb\'e9\'ec\'dc\'ed\'e9}", "Λιμάνι"),
        (rb"{\f3 a\'b7b}", "α•β"),
        (rb"\u8364?5 and \u-10179?\u-8704?", "€5 and 😀"),
        (rb"\uc2\u28207\'8d\'60x", "港x"),
        (rb"\uc0 a \u8364 5", "a €5"),
        (rb"{\uc2 \u8364 ab}x\u8364 c5", "€x€5"),
        (rb"A \{brace\} and a \\ sign, co\-op", "A {brace} and a \\ sign, coop"),
        (rb"One\line two\tab three", "One two three"),
        (b"one wo\r\nrd", "one word"),
        (rb"412{\super 3} ships", "412 ships"),
        (rb"10{\super 6} crates", "10⁶ crates"),
        (rb"25 m\super 2\nosupersub  of CO{\sub 2}", "25 m² of CO₂"),
        (rb"10{\up6 6} crates", "10⁶ crates"),
    ],
)
def test_characters_are_those_that_the_page_shows(body, text):
    assert blocks(rb"\pard " + body + rb"\par")[0] == ("paragraph", text)


@pytest.mark.parametrize(
    "hidden",
    [
        rb"{\v SECRET}", rb"\v SECRET\v0 ", rb"{\deleted SECRET}", rb"{\strike SECRET}",
        rb"{\*\annotation SECRET}",
        rb"{\*\atnauthor SECRET}", rb"{\header SECRET}", rb"{\footerf SECRET}", rb"{\*\unknown SECRET}",
        rb"{\xe SECRET}", rb"{\field{\*\fldinst HYPERLINK SECRET}{\fldrslt link}}",
        rb"{\pict\pngblip 53454352}",
        rb"{\object{\*\objdata SECRET}}", rb"{\*\bkmkstart SECRET}", rb"{\upr{SECRET}{\*\ud{new}}}",
        b"{\\*\\blob\\bin8 SECRET}} }",
    ],
)  # fmt: skip
def test_what_pages_do_not_show_is_never_quoted(hidden):
    text = read(rb"\pard Before " + hidden + rb" and after.\par").text
    assert "SECRET" not in text
    assert "53454352" not in text
    assert text.startswith("Before ")
    assert text.endswith("and after.")


def test_a_table_is_rows_with_their_headings():
    row = rb"\trowd\cellx1\cellx2\pard\intbl %b\cell %b\cell\row"
    table = row % (b"Port", b"Ships") + row % (b"Bergen", rb"{\b 412}") + row % (b"Oslo", b"1,203")
    assert blocks(table + rb"\pard After it.\par") == [
        ("table_row", "Port: Bergen; Ships: 412"),
        ("table_row", "Port: Oslo; Ships: 1,203"),
        ("paragraph", "After it."),
    ]


def test_footnotes_stand_apart_and_leave_no_mark():
    body = rb"\pard Text{\super\chftn}{\footnote \pard\plain {\super\chftn} The note.} goes on.\par"
    assert blocks(body) == [("paragraph", "Text goes on."), ("footnote", "The note.")]


def test_headings_lists_and_contents_have_their_kinds():
    body = (
        rb"\pard\s1 The Harbour\par\pard\s2 Ships\par\pard\b Bold line\b0\par"
        rb"\pard{\listtext\'b7\tab}\ls1 An item\par\pard Text of it.\par"
        rb"{\field{\*\fldinst TOC \\o}{\fldrslt Intro\tab 3\par Next\tab 5\par}}"
    )
    reading = read(body)
    assert [(block.kind.value, block.level, block.text) for block in reading.blocks] == [
        ("heading", 1, "The Harbour"), ("heading", 2, "Ships"), ("heading", 2, "Bold line"),
        ("list_item", 0, "An item"), ("paragraph", 0, "Text of it."), ("contents", 0, "Intro 3"),
        ("contents", 0, "Next 5"),
    ]  # fmt: skip


def test_title_author_and_date_are_those_of_the_document():
    reading = read(
        rb"{\info{\title H\'e4fen}{\author A. Writer}{\creatim\yr2024\mo5\dy3\hr9}}\pard Text.\par"
    )
    assert (reading.title, reading.author, reading.published) == ("Häfen", "A. Writer", "2024-05-03")
    assert (reading.media_type, reading.charset) == ("application/rtf", "windows-1252")


def test_a_file_that_is_cut_is_read_to_its_end():
    assert read_bytes(HEAD + rb"\pard One two thr", name="x").blocks[0].text == "One two thr"


def test_a_document_nested_without_end_is_refused():
    with pytest.raises(UnreadableText, match="nested too deeply"):
        read(b"{" * 100_000)


def test_a_file_named_rtf_that_is_none_is_refused():
    with pytest.raises(UnreadableText, match="named RTF"):
        read_bytes(b"hello there", name="a.rtf")
