"""The media library and a text with pictures in a real browser."""

from __future__ import annotations

import os
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from publishing.images import library
from publishing.models import LinkCard, MediaItem
from publishing.publish import publish
from tests.accessibility import accessibility_problems
from tests.approvals.desk_browser import log_in
from tests.factories import approve, make_draft, make_user
from tests.publishing.pictures import encoded

pytestmark = pytest.mark.django_db(transaction=True)

WIDTHS = (320, 1360)
LONG = "Sehenswürdigkeitenbeleuchtungsverordnungsentwurf " * 4


@pytest.fixture(autouse=True)
def _own_storage(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def add(name: str, **how: Any) -> MediaItem:
    texts = {"alt": "A harbour with boats", "credit": "Photo: Edda Tor", "title": how.pop("title", "")}
    return library.add(
        SimpleUploadedFile(name, encoded(**how)), by=make_user("writer", "Writers"), **texts
    ).item


def look(page: Any, name: str) -> None:
    """No axe violation and nothing wider than the screen, narrow and wide, light and dark."""
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        assert accessibility_problems(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        if folder := os.environ.get("SCREENSHOTS"):
            for scheme in ("light", "dark"):
                page.emulate_media(color_scheme=scheme)
                page.screenshot(path=f"{folder}/{name}-{width}-{scheme}.png", full_page=True)


def test_pictures_are_dropped_described_and_shown_to_readers(live_server, page: Any, tmp_path) -> None:
    item = add("harbour.jpg")
    add("wide.png", width=1600, height=600, title=LONG[:200], encoding="PNG")
    add("tall.jpg", width=700, height=1400, title="جسر فوق النهر عند الغروب")
    draft = make_draft(
        title="A day at the harbour",
        body=f"Trees cool a street [1].\n\n![Boats](image:{item.image_id} "
        '"The old harbour at dawn | Photo: Edda Tor")\n\nhttps://example.org/film\n\nShade keeps walls cool.',
    )
    LinkCard.objects.create(
        address="https://example.org/film", title="How a tree cools a street", site="Example Films",
        description="Ten minutes in the shade of a lime.", added_by_name="writer",
    )  # fmt: skip
    log_in(page, live_server.url, "writer", "Writers", at="/admin/publishing-desk/images/")
    look(page, "media")

    one, broken = tmp_path / "quay.jpg", tmp_path / "broken.jpg"
    one.write_bytes(encoded(width=900))
    broken.write_bytes(b"<svg/>")
    page.set_input_files("[data-media-upload] input[type=file]", [str(one), str(broken)])
    page.click("[data-media-upload] button[type=submit]")
    page.get_by_text("quay: added.").wait_for()
    assert "an SVG drawing" in page.locator(".media-bad").inner_text()
    page.set_input_files("[data-media-upload] input[type=file]", [str(one)])
    with page.expect_navigation():
        page.click("[data-media-upload] button[type=submit]")
    page.get_by_role("link", name="quay").click()
    page.fill("[name=alt]", "A quay")
    page.locator("[data-media-focal] img").click(position={"x": 10, "y": 10})
    assert int(page.input_value("[name=focal_x]")) < 10
    look(page, "item")
    with page.expect_navigation():
        page.get_by_role("button", name="Save").click()
    quay = MediaItem.objects.get(title="quay")
    assert (quay.alt, quay.image.focal_x < 10) == ("A quay", True)
    page.goto(f"{live_server.url}{item.get_absolute_url()}")
    look(page, "used")
    page.goto(f"{live_server.url}/admin/publishing-desk/drafts/{draft.pk}/cover/")
    look(page, "cover")

    approve(draft)
    post = publish(draft, by=make_user("publisher", "Publishers"))
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{live_server.url}{post.get_absolute_url()}")
    page.locator("figure img").scroll_into_view_if_needed()
    page.wait_for_function("document.querySelector('figure img').complete")
    assert page.evaluate("document.querySelector('figure img').naturalWidth") > 0
    assert all(url.startswith(live_server.url) for url in asked)
    look(page, "post")
