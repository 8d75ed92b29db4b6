"""What a person who means harm types: it is refused or made harmless, and no page fails or takes long."""

import io

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from lxml import etree
from PIL import Image

from contentpipeline.roles import create_groups
from publishing.models import MediaItem
from publishing.site_identity.actions import stored
from tasks.admin_forms import MAX_ROWS
from tasks.filing import csv_import
from tasks.models import ContentTask
from tests.factories import make_user
from tests.publishing.factories import edit_identity

pytestmark = pytest.mark.django_db

FEEDS = ("/feed/", "/feed/atom/", "/opensearch.xml")


@pytest.fixture
def desk():
    create_groups()
    client = Client()
    client.force_login(make_user("chief", is_superuser=True))
    return client


def png():
    out = io.BytesIO()
    Image.new("RGB", (400, 300), "teal").save(out, "PNG")
    return out.getvalue()


def test_texts_of_a_picture_lose_what_cannot_be_stored(desk, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    file = SimpleUploadedFile("a.png", png())
    sent = {"image": file, "alt": "A\0 quay", "title": "Quay\0", "credit": "\0", "licence": "x" * 100_000}
    assert desk.post("/admin/publishing-desk/images/upload/", sent).status_code == 201
    item = MediaItem.objects.get()
    assert (item.alt, item.title, item.credit) == ("A quay", "Quay", "")


def test_a_menu_entry_with_a_nul_is_refused_like_any_that_leads_nowhere(desk):
    form = {
        "version": 0, "name": "The Canopy", "time_zone": "UTC", "language": "en", "posts_per_page": 10,
        "menu-0-target": "no\0where", "menu-0-label": "A\0",
    }  # fmt: skip
    for kind in ("page", "category", "tag", "address", "no\0kind"):
        assert desk.post("/admin/publishing-desk/identity/", form | {"menu-0-kind": kind}).status_code == 400
    assert stored() is None


def test_a_name_of_the_site_with_control_characters_breaks_no_feed():
    for odd in ("\x01", "\x0b", "\ufffe", "\x7f"):
        edit_identity(name=f"The{odd} Canopy", tagline=f"Trees{odd}", description=f"Of trees{odd}.")
        assert stored().name == "The Canopy"
        for address in FEEDS:
            response = Client().get(address)
            assert response.status_code == 200, address
            etree.fromstring(response.content)


def test_a_number_of_source_rows_that_is_sent_makes_no_more_than_the_limit(desk):
    form = {"topic": "Trees", "sources-INITIAL_FORMS": "0", "sources-MIN_NUM_FORMS": "0"}
    for number in ("9" * 30, "2000"):
        page = desk.post("/admin/tasks/contenttask/add/", form | {"sources-TOTAL_FORMS": number})
        assert page.status_code == 200
        assert page.content.decode().count('name="sources-') < 10 * (MAX_ROWS + 2)
    assert not ContentTask.objects.exists()


def test_a_time_that_not_every_zone_has_is_refused(desk):
    for time in ("9999-12-31 23:59", "0001-01-01", "9999-01-01T00:00:00Z"):
        table = csv_import.CsvTable(["topic", "due_at"], [["Trees", time]])
        (row,) = csv_import.check(table)
        assert "The year" in row.errors["due_at"], time
    task = ContentTask(topic="Trees", due_at=csv_import._time("9999-12-31T12:00:00Z"))
    with pytest.raises(ValidationError):
        task.clean_fields()


def test_a_login_leads_to_no_other_site(desk):
    anna = make_user("anna", "Editors")
    anna.set_password("a long secret")
    anna.save()
    for target in (
        "//evil.example", "https:evil.example", "/\\evil.example", "javascript:alert(1)", "\0",
        " //evil.example", "///evil.example", "https://evil.example/admin/",
    ):  # fmt: skip
        typed = {"username": "anna", "password": "a long secret", "next": target}
        assert Client().post("/admin/login/", typed)["Location"] == "/admin/", target
    assert User.objects.count() == 2
