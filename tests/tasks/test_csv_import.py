"""Briefs from CSV files: what spreadsheets write is read, and mistakes are named by row and column."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from tasks.filing import csv_import
from tasks.filing.csv_import import CsvUnreadable, check, read_table
from tasks.models import ContentTask, StagedUpload
from tests.factories import make_task, make_user

pytestmark = pytest.mark.django_db

PAGE = "/admin/tasks/contenttask/import/"
HEADER = "Topic,Due,Category,Tags,Words,Sources\n"
RIGHT = "Street trees,2030-01-31 17:00,City,trees;heat,800,https://example.org/a https://example.org/b\n"
WRONG = ",31.1.2030,City,,many,nowhere\n"


@pytest.fixture
def writer(client: Client) -> Client:
    client.force_login(make_user("walter", "Writers"))
    return client


def uploaded(client: Client, text: str | bytes) -> Any:
    data = text if isinstance(text, bytes) else text.encode()
    return client.post(PAGE, {"file": SimpleUploadedFile("briefs.csv", data)})


def test_separators_and_encodings_are_recognised() -> None:
    table = "topic{0}category{0}audience\nStraßenbäume{0}Städte{0}Łódź, and others\n"
    for delimiter in csv_import.DELIMITERS:
        quoted = table.replace("Łódź, and others", '"Łódź, and others"').format(delimiter)
        for encoding in ("utf-8", "utf-8-sig", "utf-16"):
            found = read_table(quoted.encode(encoding))
            assert found.columns == ["topic", "category", "audience"], (delimiter, encoding)
            assert found.rows == [["Straßenbäume", "Städte", "Łódź, and others"]]
    assert read_table("Title;Due\r\nBäume;2030-01-31\r\n".encode("cp1252")).rows[0][0] == "Bäume"
    assert read_table(b"topic\nTrees, heat; and more\n").rows == [["Trees, heat; and more"]]
    assert read_table(b'topic,brief\n"Trees","Two\r\nlines"\n,,\n').rows == [["Trees", "Two\nlines"]]


def test_a_file_of_which_nothing_can_be_taken_says_why() -> None:
    cases = {
        b"": "empty", b"name,colour\na,b\n": "topic", b"topic,title\na,b\n": "Two columns",
        b"topic\n": "no row",
        b"PK\x03\x04xyz": "workbook", b"topic\n" + b"x\n" * 501: "500 are the most",
        b"x" * 2_000_001: "larger than 2 MB", b"topic,brief\na,b,c\n": "3 cells",
        b"\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR": "not text",
    }  # fmt: skip
    for data, words in cases.items():
        with pytest.raises(CsvUnreadable, match=words):
            read_table(data)


def test_each_mistake_has_its_row_and_column() -> None:
    cases = {
        "target_words": ["many", "0", "1e9", "-5", "20001"], "language": ["x" * 11], "topic": ["x" * 201],
        "due_at": ["31.1.2030", "tomorrow", "2030-02-30", "9999-12-31T23:59-12:00"],
        "priority": ["1.5", "99999"],
        "tags": ["x" * 101, ";".join(map(str, range(51)))], "sources": ["nowhere", "ftp://x.example/"],
        "budget_usd": ["-1", "much"], "quality_threshold": ["101"], "brief": ["x" * 20_001],
    }  # fmt: skip
    for column, values in cases.items():
        for value in values:
            cells = {"topic": "Trees"} | {column: value}
            (row,) = check(csv_import.CsvTable(list(cells), [list(cells.values())]))
            assert set(row.errors) == {column}, (column, value, row.errors)
    right = {"target_words": "1 200", "priority": "2.0", "budget_usd": "0,5", "due_at": "2030-01-31"}
    (row,) = check(csv_import.CsvTable(["topic", *right], [["Trees", *right.values()]]))
    assert not row.errors
    assert row.task is not None
    assert (row.task.target_words, row.task.priority, str(row.task.budget_usd)) == (1200, 2, "0.5")
    assert row.task.due_at.isoformat() == "2030-01-31T17:00:00+00:00"


def test_a_mistake_is_corrected_on_the_page_and_what_was_uploaded_survives(writer: Client) -> None:
    preview = uploaded(writer, HEADER + RIGHT + WRONG)["Location"]
    page = writer.get(preview).content.decode()
    assert "4 mistakes in 1 row" in page
    for cell in ("cell-3-topic", "cell-3-due_at", "cell-3-target_words", "cell-3-sources"):
        assert f'name="{cell}"' in page
    assert "File 1 brief<" in page
    corrected = {"cell-3-topic": "Squares", "cell-3-due_at": "2030-02-01", "cell-3-target_words": "600"}
    assert writer.post(preview, corrected | {"_check": "1"})["Location"] == preview
    assert "1 mistake in 1 row" in writer.get(preview).content.decode()
    assert not ContentTask.objects.exists()
    writer.post(preview, {"_file": "1", "mode": "all"})
    assert not ContentTask.objects.exists(), "all or none"
    answer = writer.post(preview, {"_file": "1", "mode": "all", "cell-3-sources": ""}, follow=True)
    assert "2 briefs were filed" in answer.content.decode()
    first, second = ContentTask.objects.order_by("pk")
    assert (first.tags, first.sources.count(), first.created_by.username) == (["trees", "heat"], 2, "walter")
    assert (second.topic, second.target_words) == ("Squares", 600)
    assert not StagedUpload.objects.exists()
    assert writer.post(preview, {"_file": "1"}).status_code == 400, "sent twice, filed once"
    assert ContentTask.objects.count() == 2


def test_only_the_right_rows_are_filed_if_that_is_chosen(writer: Client) -> None:
    preview = uploaded(writer, HEADER + RIGHT + WRONG)["Location"]
    answer = writer.post(preview, {"_file": "1", "mode": "right"}, follow=True)
    assert "1 with mistakes was left out" in answer.content.decode()
    assert ContentTask.objects.get().topic == "Street trees"


def test_doubts_are_pointed_out_and_refuse_nothing(writer: Client) -> None:
    make_task(topic="Old", category="Cities")
    preview = uploaded(writer, "topic,category,colour\nOld,City,red\nNew,,blue\nnew,,\n")["Location"]
    page = writer.get(preview).content.decode()
    for words in (
        "“Cities” is in use already",
        "is filed already",
        "Another row has the same topic",
        "colour",
    ):
        assert words in page, words
    writer.post(preview, {"_file": "1"})
    assert ContentTask.objects.count() == 4


def test_one_failure_undoes_all(writer: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    preview = uploaded(writer, "topic\nOne\nTwo\n")["Location"]
    file_task = csv_import.actions.file_task

    def fail_at_two(task: ContentTask, *given: Any, **more: Any) -> None:
        if task.topic == "Two":
            raise RuntimeError("the database is gone")
        file_task(task, *given, **more)

    monkeypatch.setattr(csv_import.actions, "file_task", fail_at_two)
    with pytest.raises(RuntimeError):
        writer.post(preview, {"_file": "1"})
    assert not ContentTask.objects.exists()
    assert StagedUpload.objects.exists()


def test_who_may_not_file_briefs_imports_none_and_nobody_sees_the_file_of_another(client: Client) -> None:
    walter = Client()
    walter.force_login(make_user("walter", "Writers"))
    preview = uploaded(walter, "topic\nSecret plans\n")["Location"]
    client.force_login(make_user("olga", "Writers"))
    assert "Secret plans" not in client.get(preview).content.decode()
    client.force_login(make_user("audrey", "Auditors"))
    assert client.get(PAGE).status_code == 403
    assert client.post(PAGE, {"pasted": "topic\nx"}).status_code == 403
    assert client.get(reverse("admin:tasks_contenttask_example")).status_code == 403


def test_the_example_is_a_file_that_can_be_imported(writer: Client) -> None:
    data = writer.get(reverse("admin:tasks_contenttask_example")).content
    (row,) = check(read_table(data))
    assert not row.errors
    assert writer.post(PAGE, {"pasted": data.decode()}).status_code == 302
