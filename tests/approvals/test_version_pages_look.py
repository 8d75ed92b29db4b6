"""The pages about versions in a real browser: nothing is broken, unreadable or wider than the screen."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tasks.actions import edit_draft, lock_paragraph
from tasks.models import Draft, Proposal
from tasks.pipeline.text.paragraphs import paragraph_sha256, paragraphs
from tests.accessibility import accessibility_problems
from tests.factories import make_draft, make_user
from tests.live import Server

OLD = """Trees cool a street by **shade** and by the water that their leaves give off [1].

## Roots

Roots need room: a pit of twelve cubic metres is the least for a large crown.

- shade from the crowns of trees
- water from leaves
- wind

| Tree | Metres |
| --- | --- |
| Lime | 30 |

A young tree is watered for three summers, after that it looks after itself."""
NEW = """## Roots

Roots need much room: a pit of sixteen cubic metres is the least for a large crown.

Trees cool a street by **shade** and by the water that their leaves give off [1].

- water from roots
- birds
- shade from the crowns of trees

| Tree | Metres |
| --- | --- |
| Lime | 28 |

## What it costs

Less than *air conditioning*."""


def a_draft() -> Draft:
    draft = make_draft(body=OLD, title="Street trees")
    edit_draft(draft, {"body": NEW, "tags": ["trees", "heat"]}, by=make_user("wanda"), reason="More room")
    return draft


@pytest.fixture
def errors(site: Server, page: Any, transactional_db: None) -> list[str]:
    """What the browser complains of; signs the page in."""
    found: list[str] = []
    page.on("console", lambda message: found.append(message.text) if message.type == "error" else None)
    client = Client()
    client.force_login(make_user("erika", "Editors", is_staff=True))
    session = client.cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": session, "url": site.url}])
    return found


def look(page: Any, name: str) -> None:
    """Keep a picture when a person wants to see it: PICTURES names the directory."""
    if directory := os.environ.get("PICTURES"):
        page.emulate_media(color_scheme="light")
        page.screenshot(path=Path(directory) / f"{name}.png", full_page=True)
        page.emulate_media(color_scheme="dark")
        page.screenshot(path=Path(directory) / f"{name}-dark.png", full_page=True)


@pytest.mark.parametrize("view", ["source", "rendered"])
def test_comparing_is_accessible_and_fits_a_narrow_screen(
    site: Server, page: Any, errors: list[str], view: str
) -> None:
    page.goto(site.url + reverse("desk:compare", args=[a_draft().pk]) + f"?view={view}")
    look(page, f"compare-{view}")
    assert accessibility_problems(page) == []
    page.set_viewport_size({"width": 320, "height": 700})
    look(page, f"compare-{view}-narrow")
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    assert errors == []


def test_blame_is_accessible_and_fits_a_narrow_screen(site: Server, page: Any, errors: list[str]) -> None:
    draft = a_draft()
    for text in paragraphs(draft.body)[1:3]:
        lock_paragraph(draft, paragraph_sha256(text), by=make_user("erika"), reason="Agreed with legal")
    page.goto(site.url + reverse("desk:blame", args=[draft.pk]))
    page.locator("summary", has_text="Lock").first.click()
    look(page, "blame")
    assert accessibility_problems(page) == []
    page.set_viewport_size({"width": 320, "height": 700})
    look(page, "blame-narrow")
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    assert errors == []


def test_parts_of_a_change_can_be_chosen_by_keyboard_on_a_narrow_screen(
    site: Server, page: Any, errors: list[str]
) -> None:
    draft = a_draft()
    page.goto(site.url + reverse("desk:hunks", args=[draft.pk]) + "?from=1&to=2")
    look(page, "hunks")
    assert accessibility_problems(page) == []
    page.set_viewport_size({"width": 320, "height": 700})
    look(page, "hunks-narrow")
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    page.locator("[type=radio]").first.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    page.wait_for_url("**/?view=changes")
    assert draft.history.latest().history_change_reason.startswith("took ")
    assert errors == []


def test_asking_the_model_is_accessible_and_fits_a_narrow_screen(
    site: Server, page: Any, errors: list[str]
) -> None:
    draft = a_draft()
    first = paragraphs(draft.body)[1]
    asked = {"draft": draft, "version": 2, "asked_by_name": "erika", "instruction": "Shorter, please"}
    about = {"paragraphs": [paragraph_sha256(first)], "original": first}
    ready = {"status": "ready", "written_by": "openai:gpt-test"}
    titles = ["Roots need room", "What a street tree costs", "Sixteen cubic metres"]
    for given in (
        {"kind": "titles", "status": "failed", "error": "The model proposed 1 usable title."},
        {"kind": "shorten", "share_percent": 30, **about},
        {"kind": "titles", "texts": titles, **ready},
        {"kind": "paragraph", "texts": [first.replace("much ", "")], "notes": ["Note."], **about, **ready},
    ):
        Proposal.objects.create(**{**asked, **given})
    page.goto(site.url + reverse("desk:proposals", args=[draft.pk]))
    look(page, "proposals")
    assert accessibility_problems(page) == []
    page.set_viewport_size({"width": 320, "height": 700})
    look(page, "proposals-narrow")
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    Proposal.objects.filter(status="waiting").update(texts=["Short."], **ready)
    page.wait_for_selector(".desk-badge-waiting", state="detached")
    assert errors == []
