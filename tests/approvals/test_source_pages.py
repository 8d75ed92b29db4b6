"""The desk next to a source: what it was, what was read from it, and reading it again."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tasks.actions import read_again
from tasks.models import Source, SourceReading, StageRun
from tests.factories import make_draft, make_task, make_user
from tests.tasks.test_source_records import keep, page_of, reading_of

pytestmark = pytest.mark.django_db
PAGE = b"<html><body><p>Shade cools a street by several degrees.</p></body></html>"
WARNING = "2 tables are missing: compare its figures with the original."


def person(name: str, *groups: str) -> Client:
    client = Client()
    client.force_login(make_user(name, *groups, is_staff=True))
    return client


@pytest.fixture
def editor() -> Client:
    return person("erika", "Editors")


@pytest.fixture
def source() -> Source:
    return reviewed_source()


def reviewed_source() -> Source:
    """Of a draft that was checked against what an older reader read of a page."""
    task = make_task(topic="Street trees")
    source = task.sources.create(url="https://x.example/a", title="A study")
    read = reading_of(
        "Old words of the page.", "html 0", title="Cool streets", author="Ada Lovelace",
        published="2024-05-01", charset="windows-1252", charset_from="header", share_taken=0.85,
        warnings=(WARNING,),
    )  # fmt: skip
    page = page_of(PAGE, content_type="text/html; charset=iso-8859-1", requested_url="https://x.example/a")
    snapshot = keep(source, page, read)
    output = {"sources": [{"number": 1, "title": "A study", "url": "https://x.example/a", "reader": "html 0",
                           "text": "Old words of the page.", "sha256": snapshot.content.sha256}]}  # fmt: skip
    StageRun.objects.create(
        task=task, run=1, attempt=1, key="research", output=output, started_at=task.created_at
    )
    make_draft(task)
    return source


def review(client: Client, source: Source) -> str:
    return client.get(reverse("desk:review", args=[source.task.draft.pk])).content.decode()


def page(client: Client, source: Source, query: str = "") -> str:
    return client.get(reverse("desk:source", args=[source.pk]) + query).content.decode()


def test_the_review_says_what_each_source_was(editor: Client, source: Source) -> None:
    shown = review(editor, source)
    for words in (
        "Cool streets", "Ada Lovelace", "2024-05-01", "30 Nov 2026, 12:00 UTC", "https://x.example/b",
        "served as text/html; charset=iso-8859-1", "windows-1252 (header)", "html 0, 5 words",
        "85&nbsp;% of those in the document", SourceReading.objects.get().snapshot.content.sha256, WARNING,
    ):  # fmt: skip
        assert words in shown, words


def test_the_review_takes_as_many_statements_for_many_sources(
    editor: Client, source: Source, django_assert_max_num_queries: Any
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as one:
        review(editor, source)
    for number in range(8):
        keep(source.task.sources.create(url=f"https://x.example/{number}"), page_of(), reading_of())
    with django_assert_max_num_queries(len(one)):
        review(editor, source)


def test_after_reading_it_again_the_review_points_to_what_changed(editor: Client, source: Source) -> None:
    assert "read again by" not in review(editor, source)
    reading, _ = read_again(source.snapshots.get(), by=None)
    shown = review(editor, source)
    assert f"It was read again by {reading.reader}" in shown
    assert "The present text was checked against html 0." in shown
    assert "Old words of the page." in shown


def test_the_page_of_a_source_shows_both_readings_and_what_changed(editor: Client, source: Source) -> None:
    before = page(editor, source)
    assert "used by the present draft" in before
    assert 'id="changes"' not in before
    answer = editor.post(reverse("desk:reread-source", args=[source.snapshots.get().pk]), follow=True)
    shown = answer.content.decode()
    assert "Read again by html" in shown
    assert "From html 0 to html" in shown
    assert "<ins>Shade cools" in shown or "Shade cools" in shown
    assert "Old" in shown
    again = editor.post(reverse("desk:reread-source", args=[source.snapshots.get().pk]), follow=True)
    assert "Nothing changed: it was read before by" in again.content.decode()
    assert SourceReading.objects.count() == 2
    old = source.snapshots.get().readings.first()
    assert old is not None
    assert "Old words of the page." in page(editor, source, f"?new={old.pk}")


@pytest.mark.parametrize("query", ["?new=x", "?new=0", "?old=99999999999", "?new=-1&old=é", "?new=1&new=2"])
def test_odd_addresses_show_the_newest(editor: Client, source: Source, query: str) -> None:
    assert "Old words of the page." in page(editor, source, query)


def test_a_document_that_cannot_be_read_again_is_said(editor: Client, source: Source) -> None:
    broken = keep(source, page_of(b"%PDF-1.7 rubbish", content_type="application/pdf"))
    answer = editor.post(reverse("desk:reread-source", args=[broken.pk]), follow=True)
    assert 'class="error"' in answer.content.decode()
    assert not broken.readings.exists()
    assert "No reader could read it so far." in page(editor, source)


def test_the_document_is_a_download_and_nothing_a_browser_runs(editor: Client, source: Source) -> None:
    answer = editor.get(reverse("desk:source-document", args=[source.snapshots.get().pk]))
    assert (answer.content, answer["Content-Type"]) == (PAGE, "application/octet-stream")
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"] == "sandbox; default-src 'none'"


def test_what_a_document_says_of_itself_is_never_markup(editor: Client, source: Source) -> None:
    attack = '<img src=x onerror=alert(1)>"'
    read = reading_of(attack, "html 9", title=attack, author=attack, published=attack, charset=attack,
                      charset_from=attack, warnings=(attack,))  # fmt: skip
    keep(source, page_of(PAGE, content_type=attack, name=attack, final_url=f"javascript:{attack}"), read)
    StageRun.objects.all().delete()
    for shown in (review(editor, source), page(editor, source)):
        assert attack not in shown
        assert 'href="javascript' not in shown
        assert "&lt;img src=x" in shown


def test_who_may_not_use_these_pages_is_refused(source: Source) -> None:
    snapshot = source.snapshots.get()
    pages = [
        reverse("desk:source", args=[source.pk]),
        reverse("desk:source-document", args=[snapshot.pk]),
    ]
    again = reverse("desk:reread-source", args=[snapshot.pk])
    nobody, auditor = person("nora"), person("olga", "Auditors")
    for address in pages:
        assert nobody.get(address).status_code == 403
        assert auditor.get(address).status_code == 200
        assert Client().get(address).status_code == 302
        assert auditor.post(address).status_code == 405
    assert auditor.post(again).status_code == 403
    assert auditor.get(again).status_code == 405
    assert SourceReading.objects.count() == 1


def test_what_is_not_there_is_not_found(editor: Client) -> None:
    for name in ("desk:source", "desk:source-document"):
        assert editor.get(reverse(name, args=[1])).status_code == 404
    assert editor.post(reverse("desk:reread-source", args=[1])).status_code == 404


def test_the_page_of_the_task_shows_the_same(editor: Client, source: Source) -> None:
    shown = editor.get(reverse("admin:tasks_contenttask_change", args=[source.task_id])).content.decode()
    for words in (WARNING, "Ada Lovelace", "windows-1252 (header)", reverse("desk:source", args=[source.pk])):
        assert words in shown, words
    empty = make_task()
    empty.sources.create(url="https://x.example/")
    shown = editor.get(reverse("admin:tasks_contenttask_change", args=[empty.pk])).content.decode()
    assert "Nothing is stored yet" in shown
