"""The shell in a real browser: accessible and unbroken on every kind of page, with its keys."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tasks.lifecycle import Status
from tasks.models import ContentTask
from tests.accessibility import accessibility_problems
from tests.factories import make_draft, make_task, make_user
from tests.live import Server
from tests.publishing.factories import make_post

LONG = "Streetsandsquareswithoutanyshade" * 5


@pytest.fixture
def errors(site: Server, page: Any, transactional_db: None) -> list[str]:
    """What the browser complains of; signs the page in."""
    found: list[str] = []
    page.on("console", lambda message: found.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: found.append(str(error)))
    client = Client()
    client.force_login(make_user("erika", "Editors", is_staff=True, is_superuser=True))
    page.context.add_cookies(
        [{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": site.url}]
    )
    return found


def focused(page: Any) -> Any:
    return page.evaluate("document.activeElement.id || document.activeElement.dataset.section")


def test_pages_in_the_shell_are_accessible_and_fit_a_narrow_screen(
    site: Server, page: Any, errors: list[str]
) -> None:
    make_draft(make_task(topic=LONG), title=LONG)
    make_draft(make_task(topic="درختان"), title="درختان خیابان و گرمای شهر")
    post = make_post(LONG + "x", slug="live")
    failed = make_task(topic=LONG)
    failed.move_to(Status.IN_PROGRESS)
    failed.move_to(Status.FAILED, error=f"https://example.org/{LONG}")
    for path in (
        reverse("admin:index"),
        reverse("desk:queue"),
        reverse("publishing_desk:published"),
        reverse("admin:search") + "?q=streets",
        reverse("admin:system"),
        reverse("admin:tasks_contenttask_changelist"),
        reverse("admin:publishing_category_add"),
        reverse("admin:publishing_post_change", args=[post.pk]),
    ):
        page.set_viewport_size({"width": 1360, "height": 900})
        page.goto(site.url + path)
        assert accessibility_problems(page) == [], path
        page.set_viewport_size({"width": 320, "height": 700})
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, path
        assert page.is_hidden("#shell-navigation"), path
        if "/add/" in path or "/change/" in path:
            errors.clear()  # jQuery, which the admin's forms load, tries what inline styles do
        assert errors == [], path
    assert errors == []


def test_menus_open_without_javascript(site: Server, page: Any, errors: list[str], browser: Any) -> None:
    context = browser.new_context(java_script_enabled=False, viewport={"width": 390, "height": 800})
    context.add_cookies(page.context.cookies())
    plain = context.new_page()
    plain.goto(site.url + reverse("admin:index"))
    plain.click("[popovertarget=shell-navigation]")
    plain.click("#shell-navigation >> text=Published")
    plain.wait_for_url("**/published/")
    plain.click("[popovertarget=shell-user]")
    assert plain.is_visible("#shell-user >> text=Log out")
    assert plain.is_hidden(".shell-theme")
    plain.keyboard.press("Escape")
    plain.click(".shell-search")
    plain.fill("#search-words", "decisions")
    plain.press("#search-words", "Enter")
    assert plain.is_visible("main >> text=Decisions")
    context.close()


def test_the_search_opens_over_the_page_is_used_by_keys_and_keeps_the_place(
    site: Server, page: Any, errors: list[str]
) -> None:
    title = "Street trees and <heat>"
    draft = make_draft(make_task(topic=title), title=title, body="A paragraph about shade.\n\n" * 60)
    page.goto(site.url + reverse("desk:review", args=[draft.pk]))
    page.evaluate("scrollTo(0, 300)")
    page.keyboard.press("/")
    page.wait_for_selector("#shell-palette [role=option]")
    assert accessibility_problems(page) == []
    page.keyboard.type("tree <h")
    page.wait_for_selector("#shell-palette mark >> text=<h")
    first = page.locator("#shell-palette [role=option]").first
    assert first.get_attribute("aria-selected") == "true"
    assert page.get_attribute("#shell-palette input", "aria-activedescendant") == first.get_attribute("id")
    page.keyboard.press("ArrowUp")
    assert first.get_attribute("aria-selected") == "false"
    page.keyboard.press("Escape")  # empties the field
    page.keyboard.press("Escape")
    page.wait_for_selector("#shell-palette", state="hidden")
    assert page.evaluate("scrollY") == 300
    page.keyboard.press("Control+k")
    page.keyboard.type("calend")
    page.keyboard.press("Enter")  # before the results were shown
    page.wait_for_url("**/calendar/")
    assert errors == []


def test_the_keys_are_shown_over_the_page_and_can_be_turned_off(
    site: Server, page: Any, errors: list[str]
) -> None:
    draft = make_draft(body="A paragraph about shade.\n\n" * 60)
    page.goto(site.url + reverse("desk:review", args=[draft.pk]))
    page.evaluate("scrollTo(0, 300)")
    page.keyboard.press("?")
    assert page.is_visible("#shell-keys >> text=go to Approve")
    assert accessibility_problems(page) == []
    page.keyboard.press("a")  # is not for the page below
    assert page.evaluate("document.querySelector('#shell-keys').contains(document.activeElement)")
    page.keyboard.press("?")
    page.wait_for_selector("#shell-keys", state="detached")
    assert page.evaluate("scrollY") == 300
    page.keyboard.press("g")
    page.keyboard.press("c")
    page.wait_for_url("**/calendar/")
    page.keyboard.press("?")
    page.check("#shell-keys [type=checkbox]")
    page.keyboard.press("Escape")
    page.keyboard.press("g")
    page.keyboard.press("h")
    page.keyboard.press("?")
    assert page.is_hidden("#shell-keys")
    page.keyboard.press("Control+k")  # no single letter: stays
    page.wait_for_selector("#shell-palette [role=option]")
    assert page.url.endswith("/calendar/")
    assert errors == []


def test_a_letter_typed_into_a_field_opens_nothing(site: Server, page: Any, errors: list[str]) -> None:
    draft = make_draft()
    page.goto(site.url + reverse("desk:edit", args=[draft.pk]))
    page.focus("#id_body")
    page.keyboard.type("? / g h")
    assert "? / g h" in page.input_value("#id_body")
    assert page.locator("dialog[open]").count() == 0
    assert page.url.endswith("/edit/")


def test_progress_follows_on_the_first_page(site: Server, page: Any, errors: list[str]) -> None:
    task = make_task(topic="Being written")
    task.move_to(Status.IN_PROGRESS, stage="outline", progress=20)
    page.clock.install()
    page.goto(site.url + reverse("admin:index"))
    assert page.get_attribute("[data-live-section] progress", "value") == "20"
    ContentTask.objects.filter(pk=task.pk).update(progress=60)
    page.clock.run_for(3100)
    page.wait_for_selector("[data-live-section] progress[value='60']")
    assert errors == []
