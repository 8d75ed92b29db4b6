"""What sources were: bytes, snapshots and readings, stored with the brief or by the run that fetched them."""

from __future__ import annotations

import hashlib
import os
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.db import Error, connection, transaction
from django.test.utils import CaptureQueriesContext

from tasks import actions
from tasks.briefs import source_from_bytes
from tasks.engine import source_archive
from tasks.engine.checkpoints import Lease
from tasks.engine.mapping import brief_of
from tasks.engine.worker import write_one
from tasks.lifecycle import Status
from tasks.models import ContentTask, Source, SourceBytes, SourceFile, SourceReading, SourceSnapshot
from tasks.pipeline.errors import LeaseLost
from tasks.pipeline.providers import FetchedPage
from tasks.pipeline.reading.types import Block, Reading
from tasks.pipeline.types import BlockKind
from tasks.source_records import bytes_row, file_readings, record_prefetches, store_page
from tests.factories import make_task, make_user

NOW = datetime(2026, 11, 30, 12, 0, tzinfo=UTC)
NOTES = "# Street trees\n\nA row of trees cools the pavement below it by several degrees.\n\n* Shade * helps."


def reading_of(text: str = "Trees cool.", reader: str = "html 7", **fields: Any) -> Reading:
    block = Block(kind=BlockKind.PARAGRAPH, text=text)
    return Reading(blocks=(block,), media_type="text/html", reader=reader, **fields)


def page_of(body: bytes = b"<p>Trees cool.</p>", **fields: Any) -> FetchedPage:
    given = {"final_url": "https://x.example/b", "content_type": "text/html; charset=x", "fetched_at": NOW}
    return FetchedPage(body, **{**given, **fields})  # type: ignore[arg-type]


def a_source(**fields: Any) -> Source:
    return make_task().sources.create(**({"url": "https://x.example/a"} | fields))


def keep(source: Source, page: FetchedPage, reading: Reading | None = None) -> SourceSnapshot:
    return store_page(source, page, bytes_row(page.body), reading)[0]


def store_unread(body: bytes, **fields: Any) -> SourceSnapshot:
    """A fetched document that was not read."""
    return keep(a_source(), page_of(body, content_type="", **fields))


def nothing_is_stored() -> bool:
    return not any(model.objects.exists() for model in (SourceBytes, SourceSnapshot, SourceReading))


# --- Bytes ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "is_compressed"),
    [
        (b"Trees cool a street. " * 50_000, True),
        (os.urandom(300_000), False),
        (b"x", False),
        (b"%PDF" + os.urandom(200_000) + b"0" * 100, False),
    ],
    ids=["text", "random", "one byte", "packed already"],
)
def test_bytes_come_back_as_they_were(data: bytes, is_compressed: bool) -> None:
    row = bytes_row(data)
    assert (row.content, row.size, row.is_compressed) == (data, len(data), is_compressed)
    assert row.sha256 == hashlib.sha256(data).hexdigest()
    assert len(row.data) <= len(data)


def test_packed_bytes_never_unpack_to_more_than_their_size() -> None:
    row = bytes_row(b"a" * 1_000_000)
    row.size = 10
    assert row.content == b"a" * 10


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("text", "language", "length"),
    [
        ("Größere Bäume kühlen die Straße.", "de", "5 words"),
        ("木が街を冷やす。", "ja", "7 characters"),
        ("Shade.", "", "1 words"),
    ],
)
def test_a_reading_is_measured_as_its_language_is(text: str, language: str, length: str) -> None:
    reading = keep(a_source(), page_of(), reading_of(text, language=language)).readings.get()
    assert f"{reading.words} {reading.unit}" == length


# --- What a run fetches ---------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_fetched_page_is_stored_with_all_that_is_known_of_it() -> None:
    read = reading_of(
        title="Trees", author="Ada", published="2024-05", language="en", charset="windows-1252",
        charset_from="header", share_taken=0.8, warnings=("Tables are missing.",),
    )  # fmt: skip
    source = a_source()
    snapshot = keep(source, page_of(requested_url="https://x.example/a", name="b.html"), read)
    snapshot.refresh_from_db()
    assert (snapshot.origin, snapshot.media_type, snapshot.file_name) == (
        "fetched", "text/html; charset=x", "b.html",
    )  # fmt: skip
    assert (snapshot.requested_url, snapshot.final_url) == ("https://x.example/a", "https://x.example/b")
    assert (snapshot.fetched_at, snapshot.content.content) == (NOW, b"<p>Trees cool.</p>")
    reading = snapshot.readings.get()
    assert (reading.text, reading.kinds, reading.words) == ("Trees cool.", ["paragraph"], 2)
    assert (reading.title, reading.author, reading.published) == ("Trees", "Ada", "2024-05")
    assert (reading.charset, reading.charset_from, reading.language) == ("windows-1252", "header", "en")
    assert (reading.share_taken, reading.warnings) == (0.8, ["Tables are missing."])


@pytest.mark.django_db
def test_the_same_bytes_fetched_twice_are_two_fetches_and_stored_once() -> None:
    source = a_source()
    later = NOW.replace(hour=13)
    first, second = keep(source, page_of(), reading_of()), keep(source, page_of(fetched_at=later))
    assert first.content == second.content
    assert [row.fetched_at for row in source.snapshots.all()] == [NOW, later]
    other = a_source()
    keep(other, page_of())
    assert SourceBytes.objects.count() == 2


@pytest.mark.django_db
def test_a_typed_text_that_is_read_again_adds_nothing() -> None:
    source, typed = a_source(text="Trees."), page_of(b"Trees.", final_url="", content_type="; charset=utf-8")
    first = keep(source, typed, reading_of(reader="plain 1"))
    assert keep(source, typed, reading_of(reader="plain 1")) == first
    assert (first.origin, first.media_type, first.readings.count()) == ("typed", "", 1)
    keep(source, typed, reading_of(reader="plain 2"))
    assert [row.reader for row in first.readings.all()] == ["plain 1", "plain 2"]


@pytest.mark.django_db
def test_whatever_a_document_says_of_itself_can_be_stored() -> None:
    """NUL and lone surrogates, which PostgreSQL refuses, and names of any length."""
    odd = "a\0b\ud800" + "x" * 5000
    read = reading_of(title=odd, author=odd, published=odd, charset=odd, warnings=(odd,), reader=odd)
    page = page_of(final_url=f"https://x.example/{odd}", content_type=odd, name=odd)
    reading = keep(a_source(), page, read).readings.get()
    assert reading.title == ("ab" + "x" * 5000)[:1000]


@pytest.mark.django_db
@pytest.mark.parametrize("table", ["sourcebytes", "sourcesnapshot", "sourcereading"])
def test_what_a_source_was_is_never_changed(table: str) -> None:
    keep(a_source(), page_of(), reading_of())
    with pytest.raises(Error, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE tasks_{table} SET id = id")


@pytest.mark.django_db
def test_it_is_deleted_with_its_source() -> None:
    source = a_source()
    keep(source, page_of(), reading_of())
    source.delete()
    assert nothing_is_stored()


@pytest.mark.django_db
def test_an_account_that_is_removed_stays_named() -> None:
    user = make_user("walter", "Writers")
    source = filed(by=user).sources.get()
    user.delete()
    assert source.snapshots.get().uploaded_by_name == "walter"


# --- Fencing --------------------------------------------------------------------------------------------


def running(**fields: Any) -> tuple[ContentTask, Lease]:
    task = make_task(status=Status.IN_PROGRESS, lease_epoch=4, **fields)
    task.sources.create(url="https://x.example/a")
    return task, Lease(task.pk, 4)


@pytest.mark.django_db
def test_a_run_stores_its_pages_while_it_has_its_lease() -> None:
    task, lease = running()
    source_archive.store(lease, 1, page_of(), bytes_row(page_of().body), reading_of())
    assert task.sources.get().snapshots.get().readings.get().text == "Trees cool."


@pytest.mark.django_db
@pytest.mark.parametrize(
    "change", [{"lease_epoch": 5}, {"status": Status.CANCELLED}, {"status": Status.PENDING}], ids=str
)
def test_a_run_that_has_lost_its_lease_stores_nothing(change: dict[str, Any]) -> None:
    task, lease = running()
    ContentTask.objects.filter(pk=task.pk).update(**change)
    with pytest.raises(LeaseLost):
        source_archive.store(lease, 1, page_of(), bytes_row(page_of().body), reading_of())
    assert nothing_is_stored()


@pytest.mark.django_db
def test_what_cannot_be_stored_whole_is_not_stored_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    _, lease = running()
    monkeypatch.setattr("tasks.source_records.reading_row", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        source_archive.store(lease, 1, page_of(), bytes_row(page_of().body), reading_of())
    assert nothing_is_stored()


# --- Files ----------------------------------------------------------------------------------------------


def filed(name: str = "notes.md", data: bytes = NOTES.encode(), by: Any = None) -> ContentTask:
    return actions.file_brief({"topic": "Street trees"}, [source_from_bytes(data, name)], by=by)


@pytest.mark.django_db
def test_a_file_is_stored_with_its_brief() -> None:
    source = filed(by=make_user("walter", "Writers")).sources.get()
    snapshot = source.snapshots.get()
    assert (snapshot.origin, snapshot.file_name, source.file_name) == ("uploaded", "notes.md", "notes.md")
    assert (snapshot.media_type, snapshot.uploaded_by_name) == ("text/markdown", "walter")
    assert snapshot.content.content == NOTES.encode()
    reading = snapshot.readings.get()
    assert reading.text == source.text
    assert reading.charset.startswith("utf-8")
    assert reading.charset_from == "valid UTF-8"


@pytest.mark.django_db(transaction=True)
def test_no_task_is_without_the_file_it_was_filed_with(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tasks.source_records.reading_row", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        filed()
    assert not ContentTask.objects.exists()
    assert not SourceBytes.objects.exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("count", [1, 5])
def test_files_take_three_statements_more_however_many_there_are(count: int) -> None:
    files = [source_from_bytes(NOTES.encode(), f"{number}.md") for number in range(count)]
    with CaptureQueriesContext(connection) as queries:
        actions.file_brief({"topic": "Street trees"}, files, by=make_user())
    insert = 'INSERT INTO "tasks_source'
    assert sum(query["sql"].startswith(insert) for query in queries) == 4
    assert SourceReading.objects.count() == count


@pytest.mark.django_db
def test_a_run_uses_a_file_as_it_was_read_and_not_as_if_its_text_were_typed() -> None:
    task = filed()
    (given,) = brief_of(task, file_readings(task.sources.all())).sources
    reading = SourceReading.objects.get()
    assert given.text == reading.text
    assert [str(kind) for kind in given.kinds] == reading.kinds
    assert (given.sha256, given.reader) == (hashlib.sha256(NOTES.encode()).hexdigest(), reading.reader)


@pytest.mark.django_db
def test_a_text_that_was_edited_by_hand_is_read_as_typed() -> None:
    task = filed()
    task.sources.update(text="Another text.")
    (given,) = brief_of(task, file_readings(task.sources.all())).sources
    assert (given.text, given.kinds, given.reader) == ("Another text.", (), "")


@pytest.mark.django_db
def test_a_newer_reading_of_a_file_is_used_as_long_as_its_text_was_not_edited() -> None:
    task = filed()
    snapshot = SourceSnapshot.objects.get()
    SourceReading.objects.create(
        snapshot=snapshot, reader="markdown 99", media_type="text/markdown", text="Read better.",
        kinds=["quotation"], words=2, warnings=["A table is missing."],
    )  # fmt: skip
    (given,) = brief_of(task, file_readings(task.sources.all())).sources
    assert (given.text, given.reader) == ("Read better.", "markdown 99")
    assert (given.kinds, given.warnings) == ((BlockKind.QUOTATION,), ("A table is missing.",))


@pytest.mark.django_db
def test_sources_without_files_ask_the_database_for_nothing(django_assert_num_queries: Any) -> None:
    sources = [a_source(), a_source(text="Trees.")]
    with django_assert_num_queries(0):
        assert file_readings(sources) == {}


@pytest.mark.django_db(transaction=True)
def test_a_run_stores_typed_texts_and_names_what_it_read() -> None:
    text = "Trees cool a street by shade. " * 3
    task = actions.file_brief({"topic": "Trees"}, [{"title": "A", "text": text}], by=None)
    write_one(task.pk)
    task.refresh_from_db()
    assert task.status == Status.AWAITING_APPROVAL, task.error
    snapshot = SourceSnapshot.objects.get()
    assert (snapshot.origin, snapshot.content.content.decode()) == ("typed", text)
    (read,) = task.stage_runs.get(key="research").output["sources"]
    assert (read["sha256"], read["reader"]) == (snapshot.content.sha256, snapshot.readings.get().reader)


@pytest.mark.django_db(transaction=True)
def test_a_run_of_a_file_stores_it_no_second_time() -> None:
    task = filed()
    write_one(task.pk)
    snapshot = SourceSnapshot.objects.get()
    (read,) = task.stage_runs.get(key="research").output["sources"]
    assert (snapshot.origin, read["sha256"]) == ("uploaded", snapshot.content.sha256)
    assert read["text"] == snapshot.readings.get().text


# --- Large documents ------------------------------------------------------------------------------------


def peak_mb() -> float:
    """The most memory that this process has had since `reset_peak`."""
    status = Path("/proc/self/status").read_text()
    return int(re.findall(r"VmHWM:\s+(\d+) kB", status)[0]) / 1024


def resident_mb() -> float:
    """Resets the peak as well."""
    Path("/proc/self/clear_refs").write_text("5")
    return peak_mb()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("kind", ["text", "packed"])
def test_a_file_of_ten_megabytes_takes_a_few_times_its_size(kind: str) -> None:
    """Reading it happens in another process; this is what storing and downloading it takes."""
    data = (b"Trees cool a street. " * 500_000)[:10_000_000] if kind == "text" else os.urandom(10_000_000)
    before = resident_mb()
    file = SourceFile("large.txt", data, "text/plain", reading_of())
    task = actions.file_brief({"topic": "T"}, [{"title": "A", "text": "Trees.", "file": file}], by=None)
    assert peak_mb() - before < 80
    before = resident_mb()
    assert task.sources.get().snapshots.select_related("content").get().content.content == data
    assert peak_mb() - before < 80
    before = resident_mb()
    list(Source.objects.prefetch_related(*record_prefetches()))
    assert peak_mb() - before < 5, "a list never loads the bytes"
