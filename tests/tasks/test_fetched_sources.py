"""A whole run with pages of a real server: what is stored, when, and what a stop or a restart leaves."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from django.db import connection

from approvals.models import AuditEntry
from tasks import actions
from tasks.engine import source_archive
from tasks.engine.mapping import research_of
from tasks.engine.worker import write_one
from tasks.jobs import inspect_draft
from tasks.lifecycle import Status
from tasks.models import ContentTask, SourceBytes, SourceReading, SourceSnapshot

pytestmark = pytest.mark.django_db(transaction=True)
SENTENCE = "A row of street trees cools the pavement below it by several degrees on a summer day. "
PAGE = f"<html><head><title>Trees</title></head><body><p>{SENTENCE * 4}</p></body></html>".encode()


class Pages:
    """A site that serves bytes by path: content type, body, and headers."""

    def __init__(self) -> None:
        self.answers: dict[str, tuple[int, dict[str, str], bytes]] = {}
        self.asked: list[str] = []
        pages = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                pages.asked.append(self.path)
                status, headers, body = pages.answers.get(self.path, (404, {}, b""))
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    def serve(self, path: str, body: bytes, content_type: str = "text/html", **headers: str) -> str:
        self.answers[path] = (200, {"Content-Type": content_type, **headers}, body)
        return self.url + path


@pytest.fixture
def pages(settings: Any) -> Iterator[Pages]:
    settings.FETCH_ALLOW_PRIVATE_NETWORKS = True
    made = Pages()
    yield made
    made.server.shutdown()
    made.server.server_close()


def written(*urls: str) -> ContentTask:
    task = actions.file_brief({"topic": "Street trees"}, [{"url": url} for url in urls], by=None)
    write_one(task.pk)
    task.refresh_from_db()
    return task


def test_a_page_is_stored_as_it_was_served_where_redirects_led(pages: Pages) -> None:
    final = pages.serve("/b", PAGE, "text/html; charset=utf-8")
    pages.answers["/a"] = (301, {"Location": "/b"}, b"")
    task = written(f"{pages.url}/a")
    assert task.status == Status.AWAITING_APPROVAL, task.error
    snapshot = SourceSnapshot.objects.get()
    assert (snapshot.requested_url, snapshot.final_url) == (f"{pages.url}/a", final)
    assert (snapshot.media_type, snapshot.content.content) == ("text/html; charset=utf-8", PAGE)
    assert task.started_at is not None
    assert task.started_at <= snapshot.fetched_at <= snapshot.readings.get().created_at
    (read,) = research_of(task).sources
    assert (read.sha256, read.reader) == (snapshot.content.sha256, snapshot.readings.get().reader)
    entry = AuditEntry.objects.get(action="source.stored", task_id=task.pk)
    assert entry.data["file"]["sha256"] == hashlib.sha256(PAGE).hexdigest()


def test_cited_pages_are_asked_for_again_when_a_person_has_changed_the_text(
    pages: Pages, settings: Any
) -> None:
    settings.CHECK_LINKS = True
    url = pages.serve("/a", PAGE)
    draft = written(url).draft

    def found() -> dict[str, Any]:
        results = draft.quality_reports.get(version=draft.version).results
        return next(one for one in results if one["check"] == "dead_links")

    assert found()["status"] == "passed"
    assert pages.asked == ["/robots.txt", "/a"]
    pages.answers.clear()
    draft.quality_reports.all().delete()
    inspect_draft(draft.pk)
    assert (found()["status"], found()["evidence"]) == ("failed", [f"{url}: 404"])


def test_a_document_of_no_declared_type_is_read_as_what_it_is(pages: Pages) -> None:
    url = pages.serve(
        "/get?id=5", f"# Trees\n\n{SENTENCE * 3}".encode(), "application/octet-stream",
        **{"Content-Disposition": 'attachment; filename="trees.md"'},
    )  # fmt: skip
    task = written(url)
    assert task.status == Status.AWAITING_APPROVAL, task.error
    assert SourceSnapshot.objects.get().file_name == "trees.md"
    assert SourceReading.objects.get().media_type == "text/markdown"


def test_one_that_cannot_be_read_is_stored_and_its_problem_said(pages: Pages) -> None:
    good, bad = pages.serve("/a", PAGE), pages.serve("/b", b"%PDF-1.7 rubbish", "application/pdf")
    task = written(good, bad)
    assert task.status == Status.AWAITING_APPROVAL, task.error
    second = task.sources.get(number=2)
    assert "could not be used" in second.problem
    assert second.snapshots.get().content.content == b"%PDF-1.7 rubbish"
    assert not second.snapshots.get().readings.exists()


def test_what_was_researched_is_not_fetched_again_by_the_same_run(pages: Pages) -> None:
    task = written(pages.serve("/a", PAGE))
    asked = len(pages.asked)
    task.stage_runs.exclude(key="research").delete()
    ContentTask.objects.filter(pk=task.pk).update(status=Status.PENDING)
    write_one(task.pk)
    assert len(pages.asked) == asked
    assert SourceSnapshot.objects.count() == 1


def test_another_run_fetches_again_and_shares_the_bytes(pages: Pages) -> None:
    task = written(pages.serve("/a", PAGE))
    ContentTask.objects.filter(pk=task.pk).update(status=Status.PENDING)
    actions.start_over(task)
    write_one(task.pk)
    assert (SourceSnapshot.objects.count(), SourceBytes.objects.count()) == (2, 1)


def test_a_task_that_is_cancelled_while_it_fetches_stores_nothing(
    pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = pages.serve("/a", PAGE)
    task = actions.file_brief({"topic": "Street trees"}, [{"url": url}], by=None)
    store: Callable[..., None] = source_archive.store
    outcomes: list[type[BaseException] | None] = []

    def cancel_first(*given: Any) -> None:
        """The row is cancelled after the page was read, and before it is stored."""
        actions.cancel(ContentTask.objects.get(pk=task.pk), by=None)
        try:
            store(*given)
            outcomes.append(None)
        except BaseException as error:
            outcomes.append(type(error))
            raise

    monkeypatch.setattr(source_archive, "store", cancel_first)
    worker = threading.Thread(target=_write_and_disconnect, args=(task.pk,))
    worker.start()
    worker.join(20)
    assert not worker.is_alive()
    task.refresh_from_db()
    assert task.status == Status.CANCELLED
    assert [outcome and outcome.__name__ for outcome in outcomes] == ["LeaseLost"]
    assert not SourceBytes.objects.exists()
    assert not SourceSnapshot.objects.exists()
    assert not task.stage_runs.exists()


def _write_and_disconnect(task_id: int) -> None:
    try:
        write_one(task_id)
    finally:
        connection.close()
