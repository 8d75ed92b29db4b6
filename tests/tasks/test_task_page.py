"""A task's page in the admin while the work goes on, in a real browser behind the real server."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tasks import actions
from tasks.lifecycle import Status
from tasks.models import ContentTask, Draft
from tasks.sample import file_sample_brief
from tests.factories import make_draft, make_task, make_user
from tests.live import BASE_DIR, Server
from tests.model_server import ModelServer, Reply, model_server  # noqa: F401  (a fixture)
from tests.tasks.test_events import running_task, say
from tests.tasks.test_runner import run_and_disconnect


def change_page(task: ContentTask) -> str:
    return reverse("admin:tasks_contenttask_change", args=[task.pk])


def signed_in() -> Client:
    client = Client()
    client.force_login(make_user("wanda", "Writers", is_staff=True))
    return client


@pytest.fixture
def errors(site: Server, page: Any, transactional_db: None) -> list[str]:
    """What the browser complains of; signs the page in."""
    found: list[str] = []
    page.on("console", lambda message: found.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: found.append(str(error)))
    session = signed_in().cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": session, "url": site.url}])
    return found


def test_the_page_shows_the_work_as_it_goes_and_its_result(
    site: Server, page: Any, errors: list[str]
) -> None:
    task = running_task(topic="Trees")
    say(task.pk, "text", stage="draft", offset=0, text="Before anybody looked. ")
    page.goto(site.url + change_page(task))
    live = page.locator("[data-events]")
    assert live.locator("[data-now]").get_attribute("aria-live") == "polite"
    live.get_by_text("Before anybody looked.").wait_for()

    say(task.pk, "stage", status="in_progress", stage="draft", progress=40, error="")
    live.get_by_text("In progress: Draft", exact=True).wait_for()
    assert live.locator("progress").evaluate("bar => bar.value") == 40
    say(task.pk, "text", stage="draft", offset=23, text="🌳 <b>Shade</b>")
    say(task.pk, "text", stage="draft", offset=25, text="<i>cools</i>")
    live.get_by_text("Before anybody looked. 🌳 <i>cools</i>", exact=True).wait_for()
    say(task.pk, "text", stage="draft", offset=0, text="Again")
    live.get_by_text("Again", exact=True).wait_for()

    task.refresh_from_db()
    task.move_to(Status.FAILED, error="The model is out.")
    page.locator("[data-status-badge]").get_by_text("Failed").wait_for()
    assert page.locator("[data-events]").count() == 0, "it was loaded again"
    assert errors == []


def test_a_models_text_is_on_the_page_as_it_comes_and_cancelling_ends_both(
    site: Server,
    page: Any,
    errors: list[str],
    settings: Any,
    model_server: ModelServer,  # noqa: F811
) -> None:
    """From the model's socket through worker, event log and server to the browser, and back."""
    settings.PIPELINE_MODELS, settings.OPENAI_BASE_URL = ["openai:gpt-test"], model_server.base_url
    model_server.for_stage("draft", Reply("A row of street trees cools the pavement. " * 40, fault="stall"))
    task = file_sample_brief(None)
    worker = threading.Thread(target=run_and_disconnect, args=(task.pk,))
    worker.start()
    page.goto(site.url + change_page(task))
    page.locator("[data-text]").get_by_text("A row of street trees cools the pavement.").wait_for()
    page.locator("[data-now]").get_by_text("In progress: Draft", exact=True).wait_for()

    actions.cancel(ContentTask.objects.get(pk=task.pk), by=None, reason="seen enough")
    page.locator("[data-status-badge]").get_by_text("Cancelled").wait_for()
    worker.join(15)
    drafting = next(request for request in model_server.requests if request.stage == "draft")
    assert drafting.disconnected.wait(5)
    assert Draft.objects.get(task=task).body.startswith("A row of street trees")
    assert errors == []


def test_unsaved_input_is_not_discarded(site: Server, page: Any, errors: list[str]) -> None:
    task = make_task()
    page.goto(site.url + change_page(task))
    page.get_by_role("link", name="Edit brief").click()
    page.get_by_label("Topic").fill("Another topic")
    task.move_to(Status.CANCELLED)
    page.get_by_text("The work has ended: reload").wait_for()
    assert page.get_by_label("Topic").input_value() == "Another topic"


def test_a_warning_about_a_file_is_still_there_when_the_work_has_ended(
    site: Server, page: Any, errors: list[str]
) -> None:
    page.goto(site.url + reverse("admin:tasks_contenttask_add"))
    page.get_by_label("Topic").fill("Trees")
    long = {"name": "long.txt", "mimeType": "text/plain", "buffer": b"Shade cools a street. " * 20_000}
    page.locator("[name=source_files]").set_input_files(long)
    page.get_by_role("button", name="Remove long.txt").wait_for()
    page.get_by_role("button", name="File brief").click()
    page.get_by_text("is longer than its first").first.wait_for()
    ContentTask.objects.get().move_to(Status.CANCELLED)
    page.get_by_text("The work has ended: reload").wait_for()
    assert page.locator(".messagelist .warning").count() == 1


def test_a_lost_connection_is_shown_and_made_again(site: Server, page: Any, errors: list[str]) -> None:
    task, asked = running_task(), []

    def lose_the_first(route: Any) -> None:
        asked.append(route.request.url)
        if len(asked) > 1:
            route.continue_()
        else:
            route.fulfill(content_type="text/event-stream", body="retry: 700\n\n")

    page.route("**/events/**", lose_the_first)
    page.goto(site.url + change_page(task))
    page.get_by_text("reconnecting …").wait_for()
    say(task.pk, "stage", status="in_progress", stage="seo", progress=90, error="")
    page.get_by_text("In progress: Seo").wait_for()
    assert page.locator("[data-link]").inner_text() == ""
    assert len(asked) == 2


def test_the_page_fits_a_narrow_screen(site: Server, page: Any, errors: list[str]) -> None:
    task = running_task()
    say(task.pk, "text", stage="draft", offset=0, text="Averylongword" * 30)
    page.set_viewport_size({"width": 320, "height": 640})
    page.goto(site.url + change_page(task))
    page.get_by_text("Averylongword").wait_for()
    box = page.locator("[data-events]").bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 320


@pytest.mark.django_db
@pytest.mark.parametrize("status", ["pending", "in_progress", "on_hold"])
def test_without_javascript_the_page_says_how_far_it_is_and_throws_nothing_away(status: str) -> None:
    task = make_task()
    if status != "pending":
        task.move_to(Status(status))
    text = signed_in().get(change_page(task)).content.decode()
    assert f'<a href="{change_page(task)}">Reload the page</a>' in text
    assert "http-equiv" not in text
    assert f'data-events="/api/tasks/{task.pk}/events/?last_event_id={task.event_seq}"' in text


@pytest.mark.django_db
def test_the_page_of_a_task_that_has_ended_follows_nothing() -> None:
    text = signed_in().get(change_page(make_draft().task)).content.decode()
    assert "data-events" not in text
    assert "task.js" not in text
    assert "refresh" not in text


def test_the_script_is_small() -> None:
    assert len(Path(BASE_DIR / "static/desk/task.js").read_bytes()) < 3072
