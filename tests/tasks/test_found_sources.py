"""Pages that research finds are sources like given ones, from the brief to the review."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from tasks import recordings
from tasks.actions import file_brief, retry
from tasks.engine.worker import write_one
from tasks.lifecycle import Status
from tasks.models import ContentTask, Source
from tasks.web_search import probe_search
from tests.model_server import ModelServer, Reply, model_server
from tests.search_server import SearchServer, ServerReply, serving_searches

__all__ = ["model_server"]
pytestmark = pytest.mark.django_db(transaction=True)

GIVEN = (
    "The council planted 412 street trees in the spring of last year. Each tree shades about ten square "
    "metres of asphalt. A shaded street stays four degrees cooler in the afternoon."
)


def page(name: str) -> str:
    words = (
        f"The office of {name} counted 120 young trees along the streets of the town. It waters each tree "
        f"twice a week in summer. The people of {name} reported nine damaged trees in the autumn of the year."
    )
    return (
        f"<html><head><title>Trees of {name}</title></head><body><h1>Trees</h1><p>{words}</p></body></html>"
    )


@pytest.fixture
def web(settings: Any) -> Iterator[SearchServer]:
    with serving_searches() as server:
        settings.WEB_SEARCH, settings.SEARXNG_URL = "searxng", server.url
        settings.FETCH_ALLOW_PRIVATE_NETWORKS = True
        server.pages = {"/a": page("Aville"), "/b": page("Betown"), "/given": page("Ceborough")}
        server.find("/given#top", "/missing", "/a", "/b")
        yield server


def brief(web: SearchServer | None = None, pages: int = 1, **fields: Any) -> ContentTask:
    sources = [{"title": "Given", "text": GIVEN}]
    if web:
        sources.append({"url": f"{web.url}/given"})
    return file_brief(
        {"topic": "Street trees", "keywords": ["shade"], "web_pages": pages, **fields}, sources, by=None
    )


def write(task: ContentTask) -> ContentTask:
    write_one(task.pk)
    task.refresh_from_db()
    return task


def search_result(task: ContentTask) -> str:
    report = task.draft.quality_reports.latest("version")
    return next((one["message"] for one in report.results if one["check"] == "web_search"), "")


def test_a_found_page_is_a_source_with_its_document_and_is_found_once(
    web: SearchServer, admin_client: Client, admin_user: User
) -> None:
    task = write(brief(web))
    assert task.status == Status.AWAITING_APPROVAL, task.error
    found = task.sources.get(number=3)
    assert (found.url, found.title, found.found_by) == (f"{web.url}/a", "Trees", "searxng")
    assert (found.found_query, found.found_rank) == ("Street trees shade", 3)
    assert found.snapshots.get().readings.count() == 1
    assert found.found_at == found.snapshots.get().fetched_at
    assert search_result(task) == ""

    review = admin_client.get(reverse("desk:review", args=[task.draft.pk])).content.decode()
    assert "found on the web" in review
    assert "Result 3 of SearXNG for “Street trees shade”" in review
    shown = admin_client.get(reverse("admin:tasks_contenttask_change", args=[task.pk])).content.decode()
    assert "found on the web" in shown
    listed = admin_client.get(f"/api/tasks/{task.pk}/sources/").json()["results"]
    assert [one["found_by"] for one in sorted(listed, key=lambda one: one["number"])] == ["", "", "searxng"]

    # A new run has the page, and does not search for another.
    task.move_to(Status.REJECTED)
    retry(task, by=admin_user)
    task = write(task)
    assert (task.run, task.sources.count(), len(web.asked)) == (2, 3, 1)
    research = task.stage_runs.get(run=2, key="research").output
    assert [source["number"] for source in research["sources"]] == [1, 2, 3]


def test_a_search_that_fails_is_on_the_report_when_there_is_a_source(web: SearchServer) -> None:
    web.answers = [ServerReply(403)]
    task = write(brief())
    assert task.status == Status.AWAITING_APPROVAL, task.error
    assert "search.formats" in search_result(task)
    web.find("/missing")
    assert "cannot be used as a source" in search_result(write(brief()))


def test_a_run_that_is_resumed_does_not_search_again_although_the_search_failed(
    web: SearchServer, model_server: ModelServer, settings: Any, admin_user: User
) -> None:
    settings.PIPELINE_MODELS, settings.OPENAI_BASE_URL = ["openai:gpt-test"], model_server.base_url
    web.answers = [ServerReply(403)] * 3
    model_server.for_stage("outline", Reply(status=401))
    task = write(brief())
    assert (task.status, task.stage) == (Status.FAILED, "outline")
    asked = len(web.asked)
    retry(task, by=admin_user)
    task = write(task)
    assert (task.status, task.run) == (Status.AWAITING_APPROVAL, 1), task.error
    assert (len(web.asked), task.sources.exclude(found_by="").count()) == (asked, 0)


def test_without_any_source_the_reason_is_that_of_the_search(web: SearchServer, settings: Any) -> None:
    def fail() -> str:
        task = file_brief({"topic": "Street trees", "web_pages": 2}, by=None)
        return write(task).error

    web.answers = [ServerReply(403)]
    assert "search.formats" in fail()
    web.find("/missing", "/gone")
    assert "There is no source to write from. None of the 2 pages" in fail()
    settings.WEB_SEARCH = ""
    assert "set WEB_SEARCH" in fail()


def test_a_model_chooses_the_queries_and_a_recorded_run_is_repeated_without_a_search(
    web: SearchServer, model_server: ModelServer, settings: Any
) -> None:
    settings.PIPELINE_MODELS, settings.OPENAI_BASE_URL = ["openai:gpt-test"], model_server.base_url
    settings.RECORD_RUNS = True
    chosen = ["shade of trees", "  young\ntrees ", "", "street  trees", "one too many"]
    model_server.for_stage("research", json.dumps({"queries": chosen}))
    task = write(brief(pages=2))
    assert task.status == Status.AWAITING_APPROVAL, task.error
    asked = len(web.asked)
    assert [one.query["q"] for one in web.asked] == ["shade of trees", "young trees", "street trees"]
    assert next(iter(task.calls.values_list("prompt_version", flat=True))) == "queries 1"
    settings.PIPELINE_MODELS, settings.WEB_SEARCH = [], ""
    web.pages = {}
    repeated = write(recordings.replay(task, by=None))
    assert (repeated.status, repeated.error) == (Status.AWAITING_APPROVAL, "")
    versions = [
        list(one.draft.history.order_by("version").values_list("content_sha256", "score"))
        for one in (task, repeated)
    ]
    assert versions[0] == versions[1]
    assert len(web.asked) == asked
    assert list(repeated.sources.values_list("number", "url", "found_by")) == list(
        task.sources.values_list("number", "url", "found_by")
    )
    assert Source.objects.filter(task=repeated).exclude(found_by="").exists()


def test_doctor_asks_the_search_if_that_costs_nothing(web: SearchServer, settings: Any) -> None:
    web.find("/a")
    assert probe_search() == (True, "SearXNG answers.")
    web.answers = [ServerReply(403)]
    assert probe_search()[0] is False
    asked = len(web.asked)
    settings.WEB_SEARCH = "brave"
    assert probe_search() == (False, "Brave: set BRAVE_API_KEY.")
    settings.BRAVE_API_KEY = "key"
    assert probe_search()[0] is True
    settings.WEB_SEARCH = ""
    assert probe_search()[0] is True
    assert len(web.asked) == asked
