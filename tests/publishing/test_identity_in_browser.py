"""The pages of the site's identity and of its static pages, in a real browser."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from publishing.publish import publish
from tasks.models import TaskKind
from tasks.own_texts import file_own_text
from tests.accessibility import accessibility_problems
from tests.approvals.desk_browser import log_in
from tests.factories import approve, make_user
from tests.publishing.factories import edit_identity
from tests.publishing.pictures import encoded

pytestmark = pytest.mark.django_db(transaction=True)

DESK = "/admin/publishing-desk"
SCREENSHOTS = os.environ.get("SCREENSHOTS", "")


def look(page: Any, name: str) -> None:
    """Accessible in light and dark, wide and narrow, and no wider than the screen."""
    for width in (1360, 320):
        page.set_viewport_size({"width": width, "height": 900})
        assert accessibility_problems(page) == [], (name, width)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, (name, width)
        for scheme in ("light", "dark") if SCREENSHOTS else ():
            page.emulate_media(color_scheme=scheme)
            page.screenshot(path=Path(SCREENSHOTS) / f"{name}-{width}-{scheme}.png", full_page=True)
    page.set_viewport_size({"width": 1360, "height": 900})


def test_a_publisher_gives_the_site_a_face(live_server: Any, page: Any, tmp_path: Path) -> None:
    draft = file_own_text(
        TaskKind.PAGE,
        {"title": "Imprint", "body": "Oda Quist, 1 Oak Street."},
        by=make_user("oda", "Writers"),
    )
    approve(draft)
    publish(draft, by=make_user("publisher", "Publishers", is_staff=True))
    page.goto(f"{live_server.url}/")
    before = page.title()
    log_in(page, live_server.url, "penny", "Publishers", "Writers", at=f"{DESK}/identity/")
    page.fill("#id_name", "The Canopy")
    page.fill("#id_tagline", "Of trees in towns")
    page.fill("#id_accent", "#1f5f8b")
    page.fill("#id_footer_text", "Written in *Trier*.")
    page.fill("#id_social_links", "Mastodon https://example.social/@canopy")
    (tmp_path / "logo.png").write_bytes(encoded(600, 200, "PNG"))
    page.set_input_files("#id_logo", tmp_path / "logo.png")
    page.select_option("#menu-3-kind", "page")
    page.fill("#menu-3-target", "imprint")
    # With the keyboard, and the focus follows the entry.
    page.locator('[value="down-0"]').focus()
    page.keyboard.press("Enter")
    assert page.input_value("#menu-1-label") == "Articles"
    assert page.evaluate("document.activeElement.value") == "down-1"
    page.locator(".desk-save button").click()
    page.wait_for_url(f"**{DESK}/identity/")
    assert "Saved." in page.inner_text("main, #content, body")
    look(page, "identity")
    page.fill("#id_accent", "#ffee00")
    assert "1.04:1, too little" in page.inner_text(".identity-swatches")
    page.locator(".desk-save button").click()
    assert "The nearest colour that can be read is" in page.inner_text("body")
    look(page, "identity-refused")
    page.context.clear_cookies()
    page.goto(f"{live_server.url}/imprint/")
    assert before not in page.title()
    assert page.title() == "Imprint · The Canopy"
    assert page.locator("nav.site li:not(.to-search) a").all_inner_texts() == [
        "Archive",
        "Articles",
        "About",
        "Imprint",
    ]
    assert page.locator('nav.site [aria-current="page"]').inner_text() == "Imprint"
    for scheme, colour in (("light", "rgb(31, 95, 139)"), ("dark", "rgb(46, 140, 205)")):
        page.emulate_media(color_scheme=scheme)
        assert page.evaluate("getComputedStyle(document.querySelector('.masthead')).borderTopColor") == colour
    look(page, "imprint")
    page.goto(f"{live_server.url}/")
    look(page, "home")


def test_pages_are_listed_and_written_without_a_script(live_server: Any, page: Any) -> None:
    edit_identity(name="The Canopy")
    log_in(page, live_server.url, "oda", "Writers", at=f"{DESK}/pages/")
    look(page, "pages-none")
    page.get_by_role("link", name="Write a page").click()
    look(page, "write")
    page.fill("#id_title", "A very long title that wraps, " + "and wraps, " * 12)
    page.fill("#id_body", "Words of mine.")
    page.get_by_role("button", name="Save and open").click()
    page.wait_for_url("**/edit/")
    page.goto(f"{live_server.url}{DESK}/pages/")
    look(page, "pages")
