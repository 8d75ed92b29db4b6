"""What is missing or doubtful in a source is told before a word is written, and next to the draft."""

from __future__ import annotations

import asyncio
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.urls import reverse

from tasks.actions import file_brief
from tasks.briefs import source_from_bytes
from tasks.engine.worker import write_one
from tasks.models import ContentTask
from tasks.pipeline.orchestrator import produce_article
from tasks.pipeline.providers import Providers
from tasks.pipeline.reading import isolated
from tasks.pipeline.stages.source_notes import with_source_notes
from tasks.pipeline.types import Article, BlockKind, Brief, GivenSource, Research, SourceText, UnusableSource
from tests.callers import bearer, token_of
from tests.factories import make_user
from tests.model_server import ModelServer, model_server
from tests.tasks import test_orchestrator
from tests.tasks.test_admin import BRIEF
from tests.tasks.test_orchestrator import NoPages, Run

__all__ = ["model_server"]

WARNING = "2 tables are missing: compare its figures with the original."
NOTE = f"Source 1, “notes”: {WARNING}"
TEXT = b"A row of trees cools the pavement below it by several degrees on a hot day. " * 3


@pytest.fixture
def doubtful(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every document has a warning."""
    read_bytes = isolated.read_bytes

    def with_warning(*given: Any, **named: Any) -> Any:
        return read_bytes(*given, **named).model_copy(update={"warnings": (WARNING,)})

    monkeypatch.setattr(isolated, "read_bytes", with_warning)


def filed() -> ContentTask:
    return file_brief({"topic": "Street trees"}, [source_from_bytes(TEXT, "notes.txt")], by=None)


def test_notes_name_the_source_and_come_before_the_writers_own() -> None:
    sources = (
        SourceText(number=1, title="A", text="x", warnings=("First.", "Second.")),
        SourceText(number=2, title="", text="y", warnings=("Third.",)),
    )
    unusable = (UnusableSource(number=3, title="C", problem="It is empty."),)
    article = Article(title="T", body="b", editor_notes=("Source 3 was not used: It is empty.", "Own."))
    assert with_source_notes(article, Research(sources=sources, unusable=unusable)).editor_notes == (
        "Source 1, “A”: First.",
        "Source 1, “A”: Second.",
        "Source 2: Third.",
        "Source 3 was not used: It is empty.",
        "Own.",
    )


def test_every_version_that_a_model_writes_has_the_notes(model_server: ModelServer) -> None:
    run, first = Run(), test_orchestrator.BRIEF.sources[0]
    doubted = first.model_copy(update={"kinds": (BlockKind.PARAGRAPH,), "warnings": (WARNING,)})
    brief = test_orchestrator.BRIEF.model_copy(
        update={"sources": (doubted, *test_orchestrator.BRIEF.sources[1:])}
    )
    asyncio.run(run.produce(model_server, brief=brief))
    assert list(run.versions) == ["draft", "refine-1", "seo"]
    for article, _, _ in run.versions.values():
        assert article.editor_notes == (f"Source 1, “{first.title}”: {WARNING}",)


def test_a_digest_has_the_notes() -> None:
    run = Run()
    text = TEXT.decode()
    source = GivenSource(
        number=1, title="notes", text=text, kinds=(BlockKind.PARAGRAPH,), warnings=(WARNING,)
    )
    brief = Brief(topic="Street trees", sources=(source,))
    asyncio.run(produce_article(brief, Providers(NoPages()), run.step, run.keep))
    assert [article.editor_notes[0] for article, _, _ in run.versions.values()] == [NOTE]


@pytest.mark.django_db
@pytest.mark.usefixtures("doubtful")
def test_the_page_that_files_a_brief_tells_them(client: Any) -> None:
    client.force_login(make_user("walter", "Writers", is_staff=True))
    given = BRIEF | {"sources-0-title": "", "sources-0-text": "", "sources-1-url": ""}
    given |= {"sources-0-file": SimpleUploadedFile("notes.txt", TEXT)}
    page = client.post(reverse("admin:tasks_contenttask_add"), given, follow=True).content.decode()
    assert NOTE in page


@pytest.mark.django_db
@pytest.mark.usefixtures("doubtful")
def test_of_very_many_warnings_the_page_that_files_a_brief_shows_some_and_counts_the_others(
    client: Any,
) -> None:
    client.force_login(make_user("walter", "Writers", is_staff=True))
    given = BRIEF | {"sources-TOTAL_FORMS": "13", "sources-1-url": ""}
    given |= {f"sources-{number}-file": SimpleUploadedFile("notes.txt", TEXT) for number in range(1, 13)}
    page = client.post(reverse("admin:tasks_contenttask_add"), given, follow=True).content.decode()
    assert "2 more warnings are next to the sources" in page


@pytest.mark.django_db
@pytest.mark.usefixtures("doubtful")
def test_the_api_tells_them_with_the_task() -> None:
    task = filed()
    file_brief({"topic": "Without a reading"}, [{"url": "https://x.example/"}], by=None)
    caller = bearer(token_of("wim", "writer"))
    (source,) = caller.get(f"/api/tasks/{task.pk}/").json()["sources"]
    assert (source["warnings"], source["file_name"]) == ([WARNING], "notes.txt")
    rows = caller.get("/api/tasks/").json()["results"]
    assert [row["sources"][0]["warnings"] for row in rows] == [[], [WARNING]]


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("doubtful")
def test_write_prints_them_when_the_brief_is_filed(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_bytes(TEXT)
    out, err = StringIO(), StringIO()
    call_command("write", "Trees", "--source", str(path), stdout=out, stderr=err)
    assert err.getvalue().startswith(NOTE)
    assert WARNING not in out.getvalue()


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("doubtful")
def test_the_draft_of_a_run_has_them_as_notes() -> None:
    task = filed()
    write_one(task.pk)
    assert NOTE in task.draft.quality_reports.get(version=1).editor_notes
