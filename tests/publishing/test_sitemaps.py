from datetime import UTC, datetime
from xml.etree import ElementTree

import pytest
from django.test import Client

from publishing.models import Post
from publishing.publish import unpublish
from tests.factories import make_user
from tests.publishing.factories import make_post

pytestmark = pytest.mark.django_db

SITE = "http://127.0.0.1:8000"
PREFIX = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


def entries():
    response = Client().get("/sitemap.xml")
    assert response.status_code == 200
    root = ElementTree.fromstring(response.content)
    return {entry.find(f"{PREFIX}loc").text: entry.findtext(f"{PREFIX}lastmod") for entry in root}


def test_the_sitemap_lists_every_page_with_the_day_it_changed():
    make_post(slug="street-trees", category="City", tags=["trees"])
    make_post(slug="night-bus", category="Traffic", tags=[])
    Post.objects.filter(slug="street-trees").update(updated_at=datetime(2026, 1, 2, tzinfo=UTC))
    found = entries()
    assert set(found) == {
        f"{SITE}/",
        f"{SITE}/posts/street-trees/",
        f"{SITE}/posts/night-bus/",
        f"{SITE}/category/city/",
        f"{SITE}/category/traffic/",
        f"{SITE}/tag/trees/",
    }
    assert found[f"{SITE}/posts/street-trees/"] == found[f"{SITE}/category/city/"] == "2026-01-02"
    assert found[f"{SITE}/"] == found[f"{SITE}/posts/night-bus/"] > "2026-01-02"


def test_the_sitemap_lists_nothing_withdrawn_and_no_group_without_posts():
    unpublish(make_post(), by=make_user("publisher"))
    assert list(entries()) == [f"{SITE}/"]
