"""Which office format a file is, and what becomes of those that are broken, hostile or not read."""

from __future__ import annotations

import io
import zipfile

import pytest

from tasks.pipeline.errors import UnreadableText
from tasks.pipeline.reading.document import declared_by, is_fast_to_read, media_type_of, read_bytes
from tasks.pipeline.reading.office.recognition import DOCX, EPUB, ODT, OLE_START, PPTX
from tests.office_files import archive, docx, epub, odt, p_shape, pptx, w_paragraph

SHIPS = "The office counted 412 ships."
DOCUMENTS = {
    DOCX: docx(w_paragraph(SHIPS)),
    ODT: odt(f"<text:p>{SHIPS}</text:p>"),
    PPTX: pptx(p_shape(SHIPS)),
    EPUB: epub({"a.xhtml": f"<p>{SHIPS}</p>"}),
}
ALL = pytest.mark.parametrize("media_type", DOCUMENTS)


def compound_file(stream: str) -> bytes:
    return OLE_START + b"\x00" * 504 + stream.encode("utf-16-le") + b"\x00" * 100


@ALL
@pytest.mark.parametrize(
    ("content_type", "name"), [("", ""), ("application/pdf", "x.pdf"), ("text/html", "x.txt")]
)
def test_the_format_is_known_by_what_is_in_the_file(media_type: str, content_type: str, name: str) -> None:
    data = DOCUMENTS[media_type]
    assert media_type_of(data, declared_by(content_type, name)) == media_type
    reading = read_bytes(data, content_type=content_type, name=name)
    assert (reading.media_type, reading.text) == (media_type, SHIPS)


@ALL
def test_an_archive_is_never_opened_where_a_short_text_is_read(media_type: str) -> None:
    assert not is_fast_to_read(DOCUMENTS[media_type], name="x.txt")


@pytest.mark.parametrize(
    ("types", "media_type"),
    [
        ("application/vnd.ms-word.document.macroEnabled.main+xml", DOCX),
        ("application/vnd.openxmlformats-officedocument.wordprocessingml.template.main+xml", DOCX),
        ("application/vnd.openxmlformats-officedocument.presentationml.slideshow.main+xml", PPTX),
        ("application/vnd.ms-powerpoint.presentation.macroEnabled.main+xml", PPTX),
    ],
)
def test_templates_and_documents_with_macros_are_read_like_others(types: str, media_type: str) -> None:
    main = "word/document.xml" if media_type == DOCX else "ppt/presentation.xml"
    content_types = f'<Types><Override PartName="/{main}" ContentType="{types}"/></Types>'
    source = zipfile.ZipFile(io.BytesIO(DOCUMENTS[media_type]))
    parts = {entry: source.read(entry) for entry in source.namelist()}
    data = archive({**parts, "[Content_Types].xml": content_types, "word/vbaProject.bin": b"912 boats"})
    assert read_bytes(data).text == SHIPS


@pytest.mark.parametrize(
    ("data", "name", "words"),
    [
        (compound_file("WordDocument"), "a.doc", r"old Word document \(\.doc\).*save it as \.docx or PDF"),
        (compound_file("PowerPoint Document"), "a.ppt", r"\.ppt"),
        (compound_file("Workbook"), "a.xls", r"\.xls"),
        (compound_file("EncryptedPackage"), "a.docx", "protected by a password"),
        (compound_file("Unknown"), "a.docx", "old office format"),
        (archive({"[Content_Types].xml": "<T>spreadsheetml.sheet.main</T>"}), "a", "Excel"),
        (archive({"Index/Document.iwa": b"x"}), "a.pages", "Pages document"),
        (archive({"Index/Document.iwa": b"x"}), "a.key", "Keynote"),
        (archive({"mimetype": "application/vnd.oasis.opendocument.presentation"}), "a.odp", r"\.odp"),
        (archive({"notes.txt": "412 ships"}), "a.docx", "ZIP archive"),
        (DOCUMENTS[DOCX][:700], "a.docx", "damaged"),
        (DOCUMENTS[DOCX].replace(b"PK\x01\x02", b"PK\x09\x09"), "a.docx", "damaged"),
        (docx("", parts={"word/document.xml": "<w:document"}), "a.docx", "damaged"),
        (docx("", parts={"word/document.xml": "<!DOCTYPE w [<!ENTITY x 'y'>]><w/>"}), "", "entities"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_named_with_a_remedy(data: bytes, name: str, words: str) -> None:
    with pytest.raises(UnreadableText, match=words) as refused:
        read_bytes(data, name=name)
    assert "paste its text" in str(refused.value) or "save it again" in str(refused.value)


@ALL
def test_a_file_that_is_cut_or_altered_anywhere_is_read_or_refused(media_type: str) -> None:
    data = DOCUMENTS[media_type]
    for place in range(0, len(data), 37):
        for broken in (data[:place], data[:place] + bytes([data[place] ^ 0x55]) + data[place + 1 :]):
            try:
                read_bytes(broken, name="x.docx")
            except UnreadableText:
                continue


def test_a_part_that_is_there_twice_is_refused() -> None:
    file = io.BytesIO(DOCUMENTS[DOCX])
    with zipfile.ZipFile(file, "a") as opened:
        opened.writestr("Word/Document.xml", "<w/>")
    with pytest.raises(UnreadableText, match="damaged"):
        read_bytes(file.getvalue())


@pytest.mark.parametrize("limit", ["MAX_PART_BYTES", "MAX_BYTES_IN_ALL", "MAX_PARTS"])
def test_sizes_and_numbers_of_parts_are_bounded(monkeypatch: pytest.MonkeyPatch, limit: str) -> None:
    data = docx(w_paragraph(SHIPS * 400))
    assert SHIPS in read_bytes(data).text
    monkeypatch.setattr(
        f"tasks.pipeline.reading.office.archive.{limit}", 3 if limit == "MAX_PARTS" else 9_000
    )
    with pytest.raises(UnreadableText, match="unpacks to more"):
        read_bytes(data)


def test_a_part_that_unpacks_to_far_more_than_text_does_is_refused() -> None:
    with pytest.raises(UnreadableText, match="unpacks to more"):
        read_bytes(docx(w_paragraph("a" * 20_000_000)))


def test_a_paragraph_of_very_many_runs_takes_no_quadratic_time() -> None:
    run = "<w:r><w:t>a </w:t></w:r>"
    read_bytes(docx(f"<w:p>{run * 100_000}</w:p>"))


def test_a_document_that_is_too_long_says_so() -> None:
    reading = read_bytes(docx(w_paragraph(SHIPS) * 12_000))
    assert "longer than its first" in reading.warnings[-1]
    assert (reading.share_taken or 1) < 0.9


@pytest.mark.parametrize("depth", [40, 100, 5_000])
def test_tables_in_tables_are_read_to_a_depth_and_do_no_harm(depth: int) -> None:
    inner = w_paragraph("Too deep.")
    for _ in range(depth):
        inner = f"<w:tbl><w:tr><w:tc>{inner}</w:tc></w:tr></w:tbl>"
    try:
        assert SHIPS in read_bytes(docx(w_paragraph(SHIPS) + inner)).text
    except UnreadableText as error:
        if "nested too deeply" not in str(error):
            raise


@pytest.mark.parametrize("depth", [40, 80, 5_000])
def test_lists_in_lists_are_read_to_a_depth_and_do_no_harm(depth: int) -> None:
    inner = (
        f"{'<text:list><text:list-item>' * depth}<text:p>x</text:p>{'</text:list-item></text:list>' * depth}"
    )
    try:
        assert SHIPS in read_bytes(odt(f"<text:p>{SHIPS}</text:p>{inner}")).text
    except UnreadableText as error:
        if "nested too deeply" not in str(error):
            raise


@pytest.mark.parametrize("depth", [40, 80])
def test_spans_in_spans_do_no_harm(depth: int) -> None:
    span = f"{'<text:span>' * depth}412{'</text:span>' * depth}"
    assert read_bytes(odt(f"<text:p>The office counted {span} ships.</text:p>")).text == SHIPS
