"""The pages about sources in a real browser: nothing is broken, unreadable or wider than the screen."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from tasks.actions import read_again
from tasks.models import ContentTask
from tests.accessibility import accessibility_problems
from tests.approvals.test_source_pages import reviewed_source
from tests.approvals.test_version_pages_look import errors, look
from tests.live import Server

__all__ = ["errors"]

WIDTHS = {"narrow": 320, "wide": 1280}


@pytest.mark.slow
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("where", ["review", "source", "untitled", "task"])
def test_a_page_with_a_source_is_whole_on_every_screen(
    site: Server, page: Any, errors: list[str], width: str, where: str
) -> None:
    source = reviewed_source()
    read_again(source.snapshots.get(), by=None)
    ContentTask.objects.update(topic=f"Street trees {'a' * 60}")
    # Long enough to be scrolled, without a title of its own, from an address that no line holds.
    long = "Shade cools a street by several degrees. " * 200
    source.task.sources.create(number=2, url=f"https://x.example/{'a' * 90}", text=long)
    address = {
        "review": reverse("desk:review", args=[source.task.draft.pk]),
        "source": reverse("desk:source", args=[source.pk]),
        "untitled": reverse("desk:source", args=[source.task.sources.get(number=2).pk]),
        "task": reverse("admin:tasks_contenttask_change", args=[source.task_id]),
    }[where]
    page.set_viewport_size({"width": WIDTHS[width], "height": 900})
    page.goto(site.url + address)
    page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
    look(page, f"source-{where}-{width}")
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
    if where != "task":  # Django's own page has problems of its own
        assert accessibility_problems(page) == []
    assert errors == []
