"""The identity of the site: what the desk saves, and where readers see it."""

from __future__ import annotations

import io
import re
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings as project
from django.core.exceptions import PermissionDenied
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, transaction
from django.test import Client
from PIL import Image as Pillow

from approvals.models import AuditEntry
from publishing import site_identity
from publishing.models import Category, SiteIdentity
from publishing.site_identity.actions import change_identity
from publishing.site_identity.colours import (
    BACKGROUNDS,
    REQUIRED,
    SHIPPED,
    Contrast,
    Scheme,
    contrast,
    nearest_readable,
)
from publishing.site_identity.logos import path_of, store_logo
from tasks.navigation import items_for
from tasks.site_name import site_name
from tests.factories import make_user
from tests.publishing.factories import edit_identity, make_post
from tests.publishing.pictures import encoded

pytestmark = pytest.mark.django_db
PAGE = "/admin/publishing-desk/identity/"


@pytest.fixture
def desk(client: Client) -> Client:
    client.force_login(make_user("publisher", "Publishers"))
    return client


def form(**fields: Any) -> dict[str, Any]:
    given = {
        "version": 0, "name": "The Canopy", "time_zone": "UTC", "language": "en", "posts_per_page": 20,
    }  # fmt: skip
    return given | fields


def entry(number: int, kind: str, target: str, label: str = "") -> dict[str, str]:
    return {
        f"menu-{number}-kind": kind, f"menu-{number}-target": target, f"menu-{number}-label": label,
    }  # fmt: skip


def text(response: Any) -> str:
    return str(response.content.decode())


# --- Where it is shown ----------------------------------------------------------------------------------


def test_before_the_first_edit_the_settings_say_it(settings: Any, client: Client) -> None:
    settings.SITE_NAME = "By the settings"
    assert str(site_identity.current()) == "By the settings"
    page = text(client.get("/"))
    assert ">By the settings</a>" in page
    assert re.findall(r'<li><a href="(/[a-z/]*)"', page)[:3] == ["/", "/archive/", "/about/"]


def test_the_name_and_description_are_everywhere(client: Client) -> None:
    make_post("Shade")
    edit_identity(name="Crown & Root", description="Of trees <in> towns.", posts_per_page=7)
    for path in ("/", "/feed/", "/feed/atom/", "/opensearch.xml", "/posts/shade/", "/none/"):
        assert "Crown &amp; Root" in text(client.get(path)), path
    assert client.get("/feed.json").json()["description"] == "Of trees <in> towns."
    assert text(client.get("/llms.txt")).startswith("# Crown & Root\n\n> Of trees <in> towns.")
    assert '"name": "Crown \\u0026 Root"' in text(client.get("/"))
    assert client.get("/api/schema/?format=json").json()["info"]["title"] == "Crown & Root API"
    assert site_name() == "Crown & Root"


def test_logo_icon_colours_footer_and_profiles_are_on_the_pages(desk: Client) -> None:
    sent = form(
        logo=SimpleUploadedFile("logo.png", encoded(600, 200, "PNG")),
        icon=SimpleUploadedFile("icon.png", encoded(300, 300, "PNG")),
        accent="#00f", footer_text="From *Trier*.", footer_links="Imprint /about/",
        social_links="https://example.social/@canopy", **entry(0, "address", "/archive/", "Older"),
    )  # fmt: skip
    assert desk.post(PAGE, sent).status_code == 302
    page = text(Client().get("/"))
    logo = re.search(r'<img class="logo" src="([^"]+)" width="432" height="144" alt="The Canopy">', page)
    assert logo, page[:3000]
    pictures = [logo[1], *re.findall(r'<link rel="(?:icon|apple-touch-icon)" href="([^"]+)"', page)]
    sizes = []
    for path in pictures:
        answer = Client().get(path)
        assert answer["Content-Type"] == "image/png"
        assert "immutable" in answer["Cache-Control"]
        sizes.append(Pillow.open(io.BytesIO(answer.content)).size)
    assert sizes == [(432, 144), (32, 32), (180, 180)]
    [sheet] = re.findall(r'<link rel="stylesheet" href="(/media/colours/[^"]+)"', page)
    styles = text(Client().get(sheet))
    assert "--accent:light-dark(#0000ff,#" in styles
    assert 'style="' not in page
    assert "<p>From <em>Trier</em>.</p>" in page
    assert '<a href="/about/">Imprint</a>' in page
    assert '<a href="https://example.social/@canopy" rel="me">example.social</a>' in page
    assert '<li><a href="/archive/">Older</a></li>' in page
    assert '"sameAs": ["https://example.social/@canopy"]' in page
    # All of it is still there when the next change does not name it, and gone when it is removed.
    again = form(version=1, remove_logo="on", remove_icon="on")
    assert desk.post(PAGE, again).status_code == 302
    page = text(Client().get("/"))
    assert '<img class="logo"' not in page
    assert "/media/colours/" not in page
    menu = page.partition('<nav class="site"')[2].partition("</nav>")[0]
    assert menu.count("<li") == menu.count('<li class="to-search">') == 1, "the search field on a phone"


def test_entries_of_the_menu_follow_what_they_lead_to(desk: Client) -> None:
    make_post("Shade", category="City")
    rows = (
        entry(0, "category", "city")
        | entry(1, "tag", "Trees", "All trees")
        | entry(3, "address", "/", "Home")
    )
    assert desk.post(PAGE, form(**rows | {"category": "City"})).status_code == 302
    labels = [link.label for link in site_identity.current().menu]
    assert labels == ["City", "All trees", "Home"]
    Category.objects.filter(name="City").update(name="Cities", slug="cities")
    site_identity.discard()
    assert site_identity.current().menu[0] == ("Cities", "/category/cities/")


def test_posts_per_page_is_how_many_a_list_shows(client: Client) -> None:
    edit_identity(posts_per_page=1)
    make_post("First")
    make_post("Second")
    assert "First" not in re.sub(r"<(head|footer).*?</\1>", "", text(client.get("/")), flags=re.DOTALL)
    assert "First" in text(client.get("/?page=2"))


# --- Saving it ------------------------------------------------------------------------------------------


def test_each_change_is_in_the_history_and_the_audit_chain(desk: Client) -> None:
    desk.post(PAGE, form(name="One"))
    desk.post(PAGE, form(version=1, name="Two", tagline="Of trees"))
    desk.post(PAGE, form(version=2, name="Two", tagline="Of trees"))
    past = SiteIdentity.history.order_by("history_id")
    assert [one.history_change_reason for one in past][1:] == ["changed: name, tagline"]
    entries = AuditEntry.objects.filter(object_type="siteidentity").order_by("seq")
    assert [(one.action, one.actor_name) for one in entries] == [
        ("siteidentity.created", "publisher"), ("siteidentity.changed", "publisher"),
    ]  # fmt: skip
    with pytest.raises(DatabaseError), transaction.atomic():
        SiteIdentity.history.update(name="Never so")
    assert "publisher changed: name, tagline" in text(desk.get(PAGE))


def test_a_form_opened_before_another_change_overwrites_nothing(desk: Client) -> None:
    edit_identity(name="Theirs")
    answer = desk.post(PAGE, form(name="Mine", footer_text="Words of mine"))
    assert answer.status_code == 409
    assert "publisher changed the identity" in text(answer)
    assert "Words of mine" in text(answer)
    assert site_identity.current().name == "Theirs"


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"name": " "}, "This field is required"),
    ({"name": "\u200b\u200b"}, "Readers could not see this name"),
    ({"name": "x" * 61}, "at most 60 characters"),
    ({"accent": "red"}, "“red” is not a colour"),
    ({"accent": "#12345g"}, "is not a colour"),
    ({"accent": "#ffcc00"}, "The nearest colour that can be read is #"),
    ({"accent_dark": "#222222"}, "with the dark background is 1.0"),
    ({"time_zone": "Mars/Olympus"}, "Select a valid choice"),
    ({"language": "xx"}, "Select a valid choice"),
    ({"posts_per_page": "0"}, "greater than or equal to 1"),
    ({"posts_per_page": "101"}, "less than or equal to 100"),
    ({"footer_links": "Imprint /nothing-there/"}, "Line 1: This site has no page at /nothing-there/"),
    (
        {"footer_links": "About /about/\nBad javascript:alert(1)"},
        "Line 2: “javascript:alert(1)” is no",
    ),
    ({"footer_links": "Bad //example.org/"}, "is no address that a link can lead to"),
    ({"footer_links": "Bad https://"}, "is no address that a link can lead to"),
    ({"social_links": "Us /about/"}, "A profile is on another site"),
    (entry(0, "category", "Nowhere"), "There is no category “Nowhere”"),
    (entry(0, "page", "imprint"), "There is no published page “imprint”"),
    (entry(0, "tag", "", "Lonely"), "Say what it leads to"),
    (entry(0, "elsewhere", "x"), "Choose one of page, category, tag, address"),
    (entry(0, "address", "/about/"), "An address needs a label"),
    (entry(0, "address", "data:text/html,x", "Bad"), "is no address"),
    (entry(11, "address", "/about/\u202e", "Bad"), "contains a blank or a control character"),
    ({"logo": b"<svg xmlns='http://www.w3.org/2000/svg'/>"}, "This file is an SVG drawing"),
    ({"logo": b"<?xml version='1.0'?><svg/>"}, "so export it as PNG"),
    ({"logo": encoded(encoding="PNG")[:900]}, "The image is damaged"),
    ({"logo": b"GIF89a"}, "cannot be read as an image"),
    ({"logo": b"no image"}, "cannot be read as an image"),
    ({"logo": encoded(40, 20, "PNG")}, "The logo is 20 pixels high; the minimum is 32"),
    ({"icon": encoded(400, 200, "PNG")}, "crop it"),
    ({"icon": encoded(64, 64, "PNG")}, "the minimum is 180"),
]


def test_what_cannot_be_used_is_refused_with_a_remedy_and_nothing_is_saved(desk: Client) -> None:
    for fields, sentence in REFUSED:
        given = {"logo", "icon"} & fields.keys()
        files = {name: SimpleUploadedFile(f"{name}.png", fields[name]) for name in given}
        answer = desk.post(PAGE, form(tagline="Typed by hand", **fields | files))
        assert answer.status_code == 400, fields
        assert sentence in text(answer).replace("&#x27;", "'"), (fields, sentence)
        assert "Typed by hand" in text(answer)
    assert not SiteIdentity.objects.exists()


def test_the_menu_is_ordered_by_buttons_without_saving_or_losing_anything(desk: Client) -> None:
    rows = entry(0, "address", "/", "A") | entry(1, "address", "/", "B") | entry(2, "address", "/", "C")
    cases = {"up-2": "ACB", "down-0": "BAC", "remove-1": "AC"}
    cases |= dict.fromkeys(["up-0", "down-9", "x", "more", "up-²"], "ABC")
    for button, order in cases.items():
        answer = desk.post(PAGE, form(name="Not saved", **rows, **{"menu-button": button}))
        assert answer.status_code == 200
        shown = re.findall(r'id="menu-\d+-label" value="([A-Z]+)"', text(answer))
        assert "".join(shown) == order, button
        assert 'value="Not saved"' in text(answer)
    assert not SiteIdentity.objects.exists()


def test_only_publishers_change_it(client: Client) -> None:
    assert client.get(PAGE).status_code == 302
    for group in ("Writers", "Editors", "Auditors"):
        client.force_login(make_user(group.lower(), group))
        assert client.get(PAGE).status_code == 403, group
        assert client.post(PAGE, form()).status_code == 403, group
    with pytest.raises(PermissionDenied, match="Only publishers"):
        change_identity({"name": "Mine"}, by=make_user("writers"), version=0)
    assert not SiteIdentity.objects.exists()
    assert "publishing_desk:identity" not in {item.url_name for item in items_for(make_user("writers"))}
    assert "publishing_desk:identity" in {item.url_name for item in items_for(make_user("p", "Publishers"))}


# --- Pictures -------------------------------------------------------------------------------------------


def test_a_logo_stays_transparent_and_has_the_colours_and_greys_that_it_had() -> None:
    drawn = Pillow.new("RGBA", (200, 100), (0, 0, 0, 0))
    drawn.paste((200, 30, 60, 255), (0, 0, 100, 100))
    ramp = Pillow.new("I;16", (200, 100), 0x8000)
    found = []
    for picture, edge in ((drawn, 0), (drawn.quantize(), 0), (ramp, 255)):
        buffer = io.BytesIO()
        picture.save(buffer, "PNG")
        [name] = store_logo(io.BytesIO(buffer.getvalue()))["files"].values()
        with default_storage.open(path_of(name)) as file:
            shown = Pillow.open(io.BytesIO(file.read()))
        assert shown.mode == "RGBA"
        assert shown.getpixel((199, 50))[3] == edge
        found.append(shown.getpixel((10, 50))[:3])
    assert found == [(200, 30, 60), (200, 30, 60), (127, 127, 127)]


# --- Colours --------------------------------------------------------------------------------------------


def test_contrast_is_that_of_the_standard() -> None:
    other = "#ffffff"
    for one, ratio in (("#000000", 21.0), ("#777777", 4.48), ("#767676", 4.54)):
        assert abs(contrast(one, other) - ratio) < 0.01
        assert contrast(one, other) == contrast(other, one)


def test_the_nearest_colour_can_be_read_and_a_readable_one_stays() -> None:
    for colour in ("#ffcc00", "#ffffff", "#000000", "#00ff00", "#808080", "#a03c14", "#f3a47a", "#0000ff"):
        for scheme in Scheme:
            found = nearest_readable(colour, scheme)
            assert Contrast(found, scheme).ratio >= REQUIRED
            assert found == colour or not Contrast(colour, scheme).is_enough


def test_the_colours_checked_against_are_those_of_the_style_sheet() -> None:
    styles = (project.BASE_DIR / "static/site/site.css").read_text()
    pairs = dict(re.findall(r"--(paper|raised|accent): (light-dark\([^)]*\))", styles))
    for name, light, dark in [
        *((name, *both) for name, *both in zip(("paper", "raised"), *BACKGROUNDS.values(), strict=True)),
        ("accent", *SHIPPED.values()),
    ]:
        assert pairs[name] == f"light-dark({light}, {dark})"


# --- The time zone --------------------------------------------------------------------------------------


def test_pages_show_times_in_the_zone_of_the_site_and_the_api_in_utc(desk: Client) -> None:
    post = make_post("Late", published_at=datetime(2026, 7, 31, 22, 30, tzinfo=UTC))
    edit_identity(time_zone="Europe/Berlin")
    assert "1 August 2026" in text(desk.get(post.get_absolute_url()))
    assert "/archive/2026/8/" in text(desk.get("/archive/"))
    assert "Late" in text(desk.get("/archive/2026/8/"))
    assert desk.get("/archive/2026/7/").status_code == 404
    [read] = desk.get("/api/posts/").json()["results"]
    assert read["published_at"] == "2026-07-31T22:30:00Z"
    saved = SiteIdentity.objects.get().changed_at.astimezone(ZoneInfo("Europe/Berlin"))
    assert f"{saved:%H:%M %Z}" in text(desk.get(PAGE))
