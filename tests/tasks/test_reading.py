"""Documents become clean plain text, or are refused with a sentence that says what to give instead."""

import io
from pathlib import Path

import pypdf
import pytest

from tasks.pipeline.errors import UnreadableText
from tasks.pipeline.reading import document, types
from tasks.pipeline.reading.document import read_bytes

SAMPLE = Path(__file__).parents[2] / "tasks" / "sample"


def test_markdown_keeps_words_and_drops_markup():
    source = (
        "---\ntitle: x\n---\n# Bees\n\nBees *like* **sun** and [clover](https://a.example/x) a_lot_of it.\n"
        "They fly.\n\n![hive](hive.png)\n\n```python\nsecret()\n```\n\n- One item\n- Two `items`\n\n"
        "| a | b |\n|---|---|\n\n> A quoted line\n\n## Next\n\nEnd.\n"
    )
    reading = read_bytes(source.encode(), name="bees.md")
    title, text = reading.title, reading.text
    assert title == "Bees"
    assert text.split("\n\n") == [
        "Bees",
        "Bees like sun and clover a_lot_of it. They fly.",
        "secret()",
        "One item",
        "Two items",
        "A quoted line",
        "Next",
        "End.",
    ]


HIDDEN = [
    "<p hidden>IGNORE</p>",
    "<p style='display: none'>IGNORE</p>",
    "<p style='font-size:0'>IGNORE</p>",
    "<p style='color:#fff'>IGNORE</p>",
    "<p style='position:absolute; left:-9999px'>IGNORE</p>",
    "<p style='visibility:hidden'>IGNORE</p>",
    "<p style='opacity:0'>IGNORE</p>",
    "<template><p>IGNORE</p></template>",
    "<noscript>IGNORE</noscript>",
    "<span class='sr-only'>IGNORE</span>",
    "<!-- IGNORE -->",
]


@pytest.mark.parametrize("hidden", HIDDEN)
def test_what_a_page_hides_is_not_read(hidden):
    shown = "".join(
        f"<p>Sentence {n} of the page says something that everybody can see.</p>" for n in range(9)
    )
    page = f"<html><head><title>T</title></head><body><article>{shown}{hidden}{shown}</article></body></html>"
    reading = read_bytes(page.encode(), content_type="text/html; charset=utf-8")
    title, text = reading.title, reading.text
    assert title == "T"
    assert "Sentence 3 of the page" in text
    assert "IGNORE" not in text


def test_a_very_short_page_is_read_in_full():
    text = read_bytes(b"<html><body><h1>Hi</h1><p>Only this line.</p></body></html>").text
    assert "Only this line." in text


def test_plain_text_keeps_its_paragraphs_and_gives_a_title():
    reading = read_bytes("A heading\n\nFirst  line\nsecond line.\n\nLast one.".encode("utf-16"), name="x.txt")
    assert reading.title == "A heading"
    assert reading.text == "A heading\n\nFirst line second line.\n\nLast one."


def test_reading_a_cleaned_text_again_changes_nothing():
    for file in (
        "how-a-tree-cools-a-street.md",
        "heat-health-and-canopy.html",
        "choosing-and-placing-trees.pdf",
    ):
        once = read_bytes((SAMPLE / file).read_bytes(), name=file).text
        assert read_bytes(once.encode()).text == once


def test_a_pdf_gives_title_and_paragraphs():
    reading = read_bytes((SAMPLE / "choosing-and-placing-trees.pdf").read_bytes())
    title, text = reading.title, reading.text
    assert title == "Choosing and placing trees (sample text)"
    # This sentence is broken over lines in the file.
    assert "Dutch elm disease killed tens of millions of elms in Europe" in text
    assert "\n\nThe place of a tree decides who enjoys its shade." in text


def _pdf(password: str = "") -> bytes:
    writer, file = pypdf.PdfWriter(), io.BytesIO()
    writer.add_blank_page(200, 200)
    if password:
        writer.encrypt(password, algorithm="RC4-128")
    writer.write(file)
    return file.getvalue()


@pytest.mark.parametrize(
    ("data", "kind", "message"),
    [
        (b"", "", "empty"),
        (b" \n ", "text/plain", "empty"),
        (_pdf(), "application/pdf", "pictures of text"),
        (_pdf("secret"), "application/pdf", "password"),
        (b"%PDF-1.7 broken", "application/pdf", "damaged"),
        (b"hello", "application/pdf", "not one"),
        (bytes(range(256)) * 20, "", "not text"),
        (b"\x89PNG\r\n\x1a\n" + b"\x00\x01\x02" * 500, "text/plain", "not text"),
        (b"1234 5678", "text/plain", "No text"),
        (b"<html><body></body></html>", "text/html", "No text"),
    ],
)
def test_unusable_documents_are_refused_with_a_remedy(data, kind, message):
    with pytest.raises(UnreadableText, match=message):
        read_bytes(data, content_type=kind)


def test_sizes_are_bounded():
    with pytest.raises(UnreadableText, match="larger than"):
        read_bytes(b"a" * (document.MAX_BYTES + 1))
    text = read_bytes(b"word word word.\n\n" * 100_000).text
    assert len(text) <= types.MAX_CHARACTERS * 1.2


def test_invisible_characters_are_removed():
    text = read_bytes("So\u00adft \u200bhyphen\u202e and tags\U000e0041.".encode()).text
    assert text == "Soft hyphen and tags."
