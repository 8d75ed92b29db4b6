"""Filing a brief in a real browser: one drop, and few actions from there to the task's page."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from tasks.models import ContentTask, StagedUpload
from tests.accessibility import accessibility_problems
from tests.approvals.desk_browser import log_in
from tests.factories import make_task

DROP = """([names, text]) => {
    const transfer = new DataTransfer();
    for (const name of names) transfer.items.add(new File([text + name], name));
    document.querySelector("[data-drop]").dispatchEvent(
        new DragEvent("drop", { bubbles: true, cancelable: true, dataTransfer: transfer }));
}"""
TEXT = "A row of trees cools the pavement below it by several degrees. "


@pytest.mark.django_db(transaction=True)
def test_five_files_are_filed_in_four_actions_and_a_reload_loses_none(live_server: Any, page: Any) -> None:
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("dialog", lambda dialog: dialog.accept())
    make_task(category="Cities", tags=["heat"])
    add = reverse("admin:tasks_contenttask_add")
    log_in(page, live_server.url, "walter", "Writers", at=add)  # 1. the page of the brief

    names = ["a.txt", "b.md", "c.txt", "d.txt", "e.txt"]
    page.fill("#id_topic", "Street trees")  # 2.
    page.evaluate(DROP, [names, TEXT])  # 3.
    for name in names:
        page.get_by_role("button", name=f"Remove {name}").wait_for()
    page.get_by_text("e.txt was added.").wait_for()
    page.get_by_role("button", name="Remove b.md").click()
    assert page.locator("[data-items] li").count() == 4

    page.get_by_label("Addresses, or a text, as sources").fill("example.org/b https://example.org/a")
    page.get_by_role("button", name="Add", exact=True).click()
    page.get_by_role("button", name="Remove https://example.org/b").wait_for()
    page.reload()
    page.get_by_role("button", name="Restore it").click()
    page.get_by_role("button", name="Remove https://example.org/a").wait_for()
    assert page.locator("[data-items] li").count() == 6
    assert page.input_value("#id_topic") == "Street trees"

    page.get_by_label("Category").fill("City")
    page.get_by_label("Tags").focus()
    page.get_by_role("button", name="Use “Cities”").wait_for()
    page.keyboard.type("hea")
    page.get_by_role("option", name="heat").wait_for()
    assert accessibility_problems(page) == []
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Use “Cities”").click()
    page.get_by_role("button", name="Tomorrow 17:00").click()
    page.get_by_role("button", name="File brief").click()  # 4.
    page.wait_for_url("**/change/")
    task = ContentTask.objects.get(topic="Street trees")
    assert (task.category, task.tags, task.due_at is not None) == ("Cities", ["heat"], True)
    assert list(task.sources.values_list("file_name", flat=True)) == [
        "a.txt",
        "c.txt",
        "d.txt",
        "e.txt",
        "",
        "",
    ]
    assert [row.name for row in StagedUpload.objects.all()] == ["b.md"], "for a day, as it was removed"
    assert accessibility_problems(page) == []
    page.set_viewport_size({"width": 320, "height": 640})
    for path in (add, reverse("admin:tasks_contenttask_change", args=[task.pk])):
        page.goto(live_server.url + path)
        width = "document.documentElement.scrollWidth"
        assert page.evaluate(width) <= 320, path
    assert errors == []
