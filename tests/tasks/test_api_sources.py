"""Sources over the API: what was given, what it was, and reading it again."""

from __future__ import annotations

from typing import Any

import pytest

from approvals.models import AuditEntry
from tasks.actions import file_brief
from tasks.briefs import source_from_bytes
from tasks.models import SourceReading, SourceSnapshot
from tests.callers import caller, problem
from tests.factories import make_user
from tests.tasks.test_source_records import a_source, keep, page_of, reading_of, store_unread

pytestmark = pytest.mark.django_db
PAGE = b"<html><body><p>Shade cools a street by several degrees.</p></body></html>"


@pytest.fixture
def writer() -> Any:
    return caller("Writers")


def test_a_source_is_read_with_every_document_it_was_and_every_reading(writer: Any) -> None:
    source = a_source()
    keep(source, page_of(PAGE, requested_url="https://x.example/a"), reading_of(warnings=("No tables.",)))
    found = writer.get(f"/api/sources/{source.pk}/").json()
    assert (found["task"], found["number"], found["warnings"]) == (source.task_id, 1, ["No tables."])
    (snapshot,) = found["snapshots"]
    assert (snapshot["origin"], snapshot["size"]) == ("fetched", len(PAGE))
    assert (snapshot["final_url"], snapshot["fetched_at"]) == ("https://x.example/b", "2026-11-30T12:00:00Z")
    (reading,) = snapshot["readings"]
    assert (reading["reader"], reading["words"]) == ("html 7", 2)
    assert "text" not in reading
    at = found["links"]["readings"]
    assert writer.get(f"{at}{reading['id']}/").json()["text"] == "Trees cool."
    assert [row["id"] for row in writer.get(at).json()["results"]] == [reading["id"]]


def test_sources_are_filtered_by_task_and_by_what_is_doubtful(writer: Any) -> None:
    fine, doubtful, unread = a_source(), a_source(), a_source(problem="It is closed to robots.")
    keep(fine, page_of(), reading_of())
    keep(doubtful, page_of(), reading_of(warnings=("No tables.",)))

    def ids(query: str) -> list[int]:
        return [row["id"] for row in writer.get(f"/api/sources/?{query}").json()["results"]]

    assert ids("") == [unread.pk, doubtful.pk, fine.pk]
    assert ids("has_warnings=true") == [doubtful.pk]
    assert ids("has_warnings=false") == [unread.pk, fine.pk]
    assert ids("has_problem=true") == [unread.pk]
    assert ids(f"task={fine.task_id}") == [fine.pk]
    problem(writer.get("/api/sources/?has_warnings=perhaps"), 400)
    problem(writer.get("/api/sources/?number=1"), 400)


def test_only_the_newest_reading_says_what_is_doubtful(writer: Any) -> None:
    source = a_source()
    keep(source, page_of(), reading_of(warnings=("No tables.",)))
    keep(source, page_of(b"<p>Newer.</p>"), reading_of())
    assert writer.get(f"/api/sources/{source.pk}/").json()["warnings"] == []


def test_a_list_takes_as_many_statements_for_many_sources(
    writer: Any, django_assert_max_num_queries: Any
) -> None:
    for _ in range(12):
        keep(a_source(), page_of(), reading_of())
    with django_assert_max_num_queries(8):
        assert len(writer.get("/api/sources/").json()["results"]) == 12


def test_the_sources_of_a_task_are_in_their_order(writer: Any) -> None:
    given = [{"title": "A", "text": "Trees."}, {"url": "https://x.example/"}]
    task = file_brief({"topic": "Trees"}, given, by=None)
    rows = writer.get(f"/api/tasks/{task.pk}/sources/").json()["results"]
    assert [(row["number"], row["title"]) for row in rows] == [(1, "A"), (2, "")]
    problem(writer.get("/api/tasks/0/sources/"), 404)


# --- The bytes ------------------------------------------------------------------------------------------


def test_a_document_is_downloaded_and_never_shown(writer: Any) -> None:
    source = a_source()
    script = b"<script>alert(1)</script>"
    keep(source, page_of(script, name='straße "x"\r\nY: 1.html'))
    answer = writer.get(f"/api/sources/{source.pk}/snapshot/")
    assert (answer.status_code, answer.content) == (200, script)
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["Content-Disposition"].startswith("attachment; filename")
    assert "\n" not in answer["Content-Disposition"]
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"].startswith("sandbox")
    assert answer["Cache-Control"] == "private, no-store"


def test_an_earlier_document_is_named_by_its_hash(writer: Any) -> None:
    source = a_source()
    first = keep(source, page_of(b"<p>First.</p>"))
    keep(source, page_of(b"<p>Second.</p>"))
    at = f"/api/sources/{source.pk}/snapshot/"
    assert writer.get(at).content == b"<p>Second.</p>"
    assert writer.get(f"{at}?sha256={first.content.sha256}").content == b"<p>First.</p>"
    problem(writer.get(f"{at}?sha256={'0' * 64}"), 404)
    problem(writer.get(f"/api/sources/{a_source().pk}/snapshot/"), 404)
    other = a_source()
    keep(other, page_of(b"<p>Other.</p>"))
    problem(writer.get(f"/api/sources/{other.pk}/snapshot/?sha256={first.content.sha256}"), 404)


def test_a_reading_of_another_source_is_not_found_here(writer: Any) -> None:
    keep(a_source(), page_of(), reading_of())
    problem(writer.get(f"/api/sources/{a_source().pk}/readings/{SourceReading.objects.get().pk}/"), 404)


@pytest.mark.parametrize("path", ["", "readings/", "snapshot/", "readings/1/"])
def test_who_may_not_see_tasks_sees_no_source(path: str) -> None:
    source = store_unread(PAGE).source
    problem(caller().get(f"/api/sources/{source.pk}/{path}"), 403)
    problem(caller().get("/api/sources/"), 403)


# --- Reading it again -----------------------------------------------------------------------------------


def test_it_is_read_again_as_a_new_reading_and_recorded() -> None:
    source = a_source()
    snapshot = keep(source, page_of(PAGE, content_type="text/html"), reading_of("Old words.", "html 0"))
    user = make_user("wim", "Writers")
    client = caller(user=user)
    answer = client.post(f"/api/sources/{source.pk}/reread/")
    assert answer.status_code == 201
    assert [row.text for row in snapshot.readings.all()] == [
        "Old words.", "Shade cools a street by several degrees.",
    ]  # fmt: skip
    entry = AuditEntry.objects.get(action="source.read_again")
    assert (entry.actor_name, entry.object_id, entry.task_id) == ("wim", source.pk, source.task_id)
    assert entry.data["file"]["reader"] == answer.json()["reader"] == snapshot.readings.last().reader
    again = client.post(f"/api/sources/{source.pk}/reread/")
    assert (again.status_code, again.json()["id"]) == (200, answer.json()["id"])
    assert AuditEntry.objects.filter(action="source.read_again").count() == 1


def test_an_earlier_document_can_be_read_again(writer: Any) -> None:
    source = a_source()
    first = keep(source, page_of(PAGE, content_type="text/html"))
    keep(source, page_of(b"<p>Second, and with some words.</p>"))
    at = f"/api/sources/{source.pk}/reread/"
    assert writer.post(at, {"snapshot": first.pk}).json()["snapshot"] == first.pk
    problem(writer.post(at, {"snapshot": store_unread(PAGE).pk}), 404)
    problem(writer.post(at, {"snapshot": "first"}), 400)
    problem(writer.post(at, {"reader": "html 1"}), 400)


def test_what_still_cannot_be_read_is_said_and_nothing_is_stored(writer: Any) -> None:
    snapshot = store_unread(b"%PDF-1.7 rubbish")
    found = problem(writer.post(f"/api/sources/{snapshot.source_id}/reread/"), 409)
    assert found["type"] == "urn:problem:document-unreadable"
    assert not SourceReading.objects.exists()


def test_an_uploaded_file_is_read_again_by_its_name() -> None:
    task = file_brief({"topic": "Trees"}, [source_from_bytes(b"* Shade\n* Water", "list.md")], by=None)
    SourceSnapshot.objects.get().readings.all().delete()
    answer = caller("Editors").post(f"/api/sources/{task.sources.get().pk}/reread/")
    assert (answer.status_code, answer.json()["media_type"]) == (201, "text/markdown")
