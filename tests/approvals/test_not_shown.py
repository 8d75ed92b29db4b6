"""Editors see at its place what readers will not see, in a real browser and over the API."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from tests.accessibility import accessibility_problems
from tests.approvals.desk_browser import log_in
from tests.factories import make_draft, make_user

BODY = """Trees cool a street ![a lime](/x/l.png) and <b>walls</b> [see](https://x.example/) [1].

| tree | litres |
| --- | --: |
| lime | 100 | more |

[^1]: Nothing refers to it.

[1]: https://example.org/trees
"""
LINES = [1, 1, 1, 5, 7, 9]


@pytest.mark.django_db
def test_the_preview_marks_each_place_and_lists_them() -> None:
    draft, client = make_draft(body=BODY), Client()
    client.force_login(make_user("edna", "Editors", is_staff=True))
    html = client.post(reverse("desk:preview", args=[draft.pk]), {"body": BODY}).content.decode()
    listed, shown = html.split("</details>")
    assert [f"Line {line}:" in listed for line in LINES] == [True] * len(LINES)
    assert shown.count('class="not-shown"') == len(LINES)
    assert (
        "not-shown"
        not in client.post(reverse("desk:preview", args=[draft.pk]), {"body": "Fine."}).content.decode()
    )
    review = client.get(reverse("desk:review", args=[draft.pk]) + "?view=rendered").content.decode()
    assert review.count('class="not-shown"') == len(LINES)


@pytest.mark.django_db
def test_the_api_shows_the_same_preview() -> None:
    draft, client = make_draft(body=BODY), APIClient()
    client.force_authenticate(make_user("edna", "Editors"))
    response = client.get(f"/api/drafts/{draft.pk}/preview/")
    assert [one["line"] for one in response.json()["unshown"]] == LINES
    assert response.json()["html"].count('class="not-shown"') == len(LINES)
    assert response.headers["ETag"] == client.get(f"/api/drafts/{draft.pk}/").headers["ETag"]


@pytest.mark.django_db
def test_the_preview_over_the_api_is_for_those_who_may_read_drafts() -> None:
    draft, client = make_draft(body=BODY), APIClient()
    client.force_authenticate(make_user("nobody"))
    assert client.get(f"/api/drafts/{draft.pk}/preview/").status_code == 403


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("width", [360, 1280])
def test_the_notes_are_accessible_and_fit_a_phone(live_server: Any, page: Any, width: int) -> None:
    draft = make_draft(body=BODY + "\n- [x] done\n- [ ] to do\n\nText[^2].\n\n[^2]: A note.\n")
    page.set_viewport_size({"width": width, "height": 900})
    edit, review = reverse("desk:edit", args=[draft.pk]), reverse("desk:review", args=[draft.pk])
    log_in(page, live_server.url, "edna", "Editors", at=edit)
    for path in (edit, f"{review}?view=rendered"):
        page.goto(live_server.url + path)
        assert page.locator(".not-shown").count() == len(LINES)
        assert accessibility_problems(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
