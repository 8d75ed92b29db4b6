"""`manage.py sources`: reading stored documents again."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from tasks.models import SourceReading
from tests.tasks.test_source_records import a_source, keep, page_of, reading_of, store_unread

pytestmark = pytest.mark.django_db
PAGE = b"<html><body><p>Shade cools a street by several degrees.</p></body></html>"


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("sources", *arguments, stdout=out)
    return out.getvalue()


def test_a_task_is_read_again_and_what_changed_is_said() -> None:
    source = a_source()
    keep(source, page_of(PAGE, content_type="text/html"), reading_of("Two words.", "html 0"))
    store_unread(PAGE)
    said = run("reread", "--task", str(source.task_id))
    assert f"Source 1 of task {source.task_id}" in said
    assert "html 0 → html" in said
    assert "2 → 7 words" in said
    assert "1 of 1 documents were read by a newer reader." in said
    assert SourceReading.objects.filter(snapshot__source=source).count() == 2
    assert "0 of 1 documents were read" in run("reread", "--task", str(source.task_id))


def test_a_dry_run_stores_nothing() -> None:
    store_unread(PAGE)
    assert "1 of 1 documents would be read by a newer reader." in run("reread", "--all", "--dry-run")
    assert not SourceReading.objects.exists()


def test_one_that_cannot_be_read_does_not_stop_the_others(capsys: pytest.CaptureFixture[str]) -> None:
    store_unread(b"%PDF-1.7 rubbish")
    store_unread(PAGE)
    with pytest.raises(CommandError, match="1 of 2 documents could not be read"):
        run("reread", "--all")
    assert SourceReading.objects.count() == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["reread"], "required"),
        (["reread", "--all", "--task", "1"], "not allowed"),
        (["reread", "--task", "1"], "Task 1 has no documents"),
        (["reread", "--all"], "No document is stored"),
    ],
)
def test_what_cannot_be_done_is_said(arguments: list[str], said: str) -> None:
    with pytest.raises(CommandError, match=said):
        run(*arguments)


def test_the_room_that_documents_take_is_said() -> None:
    store_unread(b"a" * 100_000)
    said = run("size")
    assert said.startswith("1 documents with 97.7")
    assert "0 readings" in said
