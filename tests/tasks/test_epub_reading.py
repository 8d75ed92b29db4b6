"""Electronic books: their pages in the order of the spine."""

from __future__ import annotations

import pytest

from tasks.pipeline.errors import UnreadableText
from tasks.pipeline.reading.document import read_bytes
from tasks.pipeline.types import BlockKind
from tests.office_files import epub, xhtml

ONE = "<p>The harbour office counted 412 ships in the spring of 2024.</p>"
TWO = "<p>A storm in April closed the harbour for six days.</p>"
OBFUSCATED = "http://www.idpf.org/2008/embedding"


def encryption(method: str) -> dict[str, str]:
    return {
        "META-INF/encryption.xml": '<encryption xmlns="urn:oasis:names:tc:opendocument:xmlns:container" '
        'xmlns:enc="http://www.w3.org/2001/04/xmlenc#"><enc:EncryptedData>'
        f'<enc:EncryptionMethod Algorithm="{method}"/><enc:CipherData><enc:CipherReference URI="OEBPS/x"/>'
        "</enc:CipherData></enc:EncryptedData></encryption>"
    }


def test_pages_are_read_in_the_order_of_the_spine() -> None:
    book = epub(
        {"z%20one.xhtml": ONE, "notes.xhtml": "<p>A page apart.</p>", "a%C3%A4.xhtml": TWO},
        spine={"notes.xhtml": 'linear="no"'},
    )
    reading = read_bytes(book)
    assert reading.text.split("\n\n") == [
        "The harbour office counted 412 ships in the spring of 2024.",
        "A storm in April closed the harbour for six days.",
        "A page apart.",
    ]
    assert (reading.media_type, reading.title, reading.share_taken) == ("application/epub+zip", "Ships", 1.0)


def test_elements_that_end_at_once_swallow_nothing() -> None:
    """<title/> and <a/> are complete in XHTML; to a browser's parser all that follows is inside them."""
    page = (
        f'<a id="top"/><script src="x.js"/><h1 id="c"/>{ONE}<p><a id="x"/>37 ships waited&nbsp;outside.</p>'
    )
    assert "37 ships waited outside." in read_bytes(epub({"a.xhtml": page})).text


def test_a_page_that_is_no_xml_is_read_as_a_browser_reads_it() -> None:
    broken = xhtml(ONE).replace("</p>", "<br>And more.")
    assert "412 ships" in read_bytes(epub({"a.xhtml": broken})).text


def test_the_lines_of_a_poem_are_all_read() -> None:
    """Short lines with links among them look like a menu, but a book has none."""
    lines = [f"Winter kept us warm, line {number}" for number in range(40)]
    verses = "".join(f'<div class="line">{line}<a href="#l{line[-1]}"/></div>' for line in lines)
    verses = f'<section class="sidebar"><h2>The Burial</h2>{verses}</section>'
    page = f"{verses}<p>A note on the text by its editor.</p>"
    reading = read_bytes(epub({"a.xhtml": page}))
    assert [block.text for block in reading.blocks][1:-1] == lines
    assert reading.share_taken == 1.0


def test_a_table_of_contents_is_no_text() -> None:
    contents = '<h1>Contents</h1><p><a href="b.xhtml">The first chapter of the book of ships</a></p>'
    guide = '<guide><reference type="toc" href="c.xhtml#x"/></guide>'
    for book in (
        epub({"c.xhtml": contents, "b.xhtml": ONE}, manifest={"c.xhtml": 'properties="nav"'}),
        epub({"c.xhtml": contents, "b.xhtml": ONE}, guide=guide),
    ):
        kinds = {block.text: block.kind for block in read_bytes(book).blocks}
        assert kinds["The harbour office counted 412 ships in the spring of 2024."] == BlockKind.PARAGRAPH
        assert BlockKind.PARAGRAPH not in [kinds[text] for text in kinds if "first chapter" in text]


@pytest.mark.parametrize(
    ("mark", "note"),
    [
        (
            '<a epub:type="noteref" href="#n1">1</a>',
            '<aside epub:type="footnote" id="n1" hidden="hidden">{}</aside>',
        ),
        (
            '<sup><a role="doc-noteref" href="n.xhtml#n1">[1]</a></sup>',
            '<section role="doc-endnotes">{}</section>',
        ),
        ('<a epub:type="noteref" href="#n1"><sup>*</sup></a>', '<div epub:type="rearnotes">{}</div>'),
    ],
)
def test_notes_are_notes_and_their_marks_are_no_part_of_the_sentence(mark: str, note: str) -> None:
    notes = note.format("<p>Counted by hand, in a book.</p>")
    page = f"<p>The office counted 412{mark} ships in spring.</p>{notes}{TWO}"
    assert [(block.kind, block.text) for block in read_bytes(epub({"a.xhtml": page})).blocks] == [
        (BlockKind.PARAGRAPH, "The office counted 412 ships in spring."),
        (BlockKind.PARAGRAPH, "A storm in April closed the harbour for six days."),
        (BlockKind.FOOTNOTE, "Counted by hand, in a book."),
    ]


@pytest.mark.parametrize(
    ("metadata", "right"),
    [
        (
            '<dc:title id="t2">A History</dc:title><dc:title id="t1">Ships</dc:title>'
            '<meta refines="#t1" property="title-type">main</meta><dc:creator id="c1">Anna Berg</dc:creator>'
            '<dc:creator id="c2">Ola Nor</dc:creator><meta refines="#c2" property="role">ill</meta>'
            '<dc:date>2024-05-01</dc:date><dc:language>nb</dc:language>'
            '<meta property="dcterms:modified">2025</meta>',
            ("Ships", "Anna Berg", "2024-05-01", "nb"),
        ),
        (
            '<dc:title>Ships</dc:title><dc:creator opf:role="aut">Anna Berg</dc:creator>'
            '<dc:creator opf:role="aut">Ola Nor</dc:creator>'
            '<dc:date opf:event="modification">2025-01-01</dc:date>'
            '<dc:date opf:event="publication">1987</dc:date><dc:language>en-GB</dc:language>',
            ("Ships", "Anna Berg, Ola Nor", "1987", "en-GB"),
        ),
    ],
)  # fmt: skip
def test_a_book_says_who_wrote_it_and_when(metadata: str, right: tuple[str, ...]) -> None:
    reading = read_bytes(epub({"a.xhtml": ONE}, metadata=metadata))
    assert (reading.title, reading.author, reading.published, reading.language) == right


def test_a_book_with_copy_protection_is_refused_and_one_with_obfuscated_fonts_is_not() -> None:
    assert "412 ships" in read_bytes(epub({"a.xhtml": ONE}, parts=encryption(OBFUSCATED))).text
    with pytest.raises(UnreadableText, match=r"protected against copying.*paste its text"):
        read_bytes(epub({"a.xhtml": ONE}, parts=encryption("http://www.w3.org/2001/04/xmlenc#aes128-cbc")))


def test_pages_that_are_missing_or_listed_twice_do_no_harm() -> None:
    book = epub({"a.xhtml": ONE, "b.xhtml": TWO})
    package = (
        '<package xmlns="http://www.idpf.org/2007/opf"><manifest><item id="a" href="a.xhtml"/>'
        '<item id="c" href="gone.xhtml"/></manifest><spine><itemref idref="a"/><itemref idref="a"/>'
        '<itemref idref="c"/><itemref idref="nowhere"/></spine></package>'
    )
    assert read_bytes(epub({"a.xhtml": ONE}, parts={"OEBPS/book.opf": package})).text.count("412 ships") == 1
    assert book


def test_a_picture_is_named_as_left_out() -> None:
    assert (
        "1 picture" in read_bytes(epub({"a.xhtml": f'{ONE}<p><img src="x.png" alt="912"/></p>'})).warnings[0]
    )
