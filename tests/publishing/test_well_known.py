from datetime import UTC, datetime
from xml.etree import ElementTree

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import Client
from django.utils import timezone

from contentpipeline import env
from publishing.publish import unpublish
from tests.factories import make_user
from tests.publishing.factories import make_post

pytestmark = pytest.mark.django_db

SITE = "http://127.0.0.1:8000"


def get(address, **headers):
    return Client().get(address, **headers)


def test_a_post_is_available_as_markdown_with_its_canonical_page():
    make_post("Trees & heat", "Shade **cools** [1].", slug="street-trees", summary="Why <trees>.")
    response = get("/posts/street-trees.md")
    text = response.content.decode()
    assert response["Content-Type"] == "text/markdown; charset=utf-8"
    assert response["Link"] == f'<{SITE}/posts/street-trees/>; rel="canonical"'
    assert response["X-Content-Type-Options"] == "nosniff"
    assert text.startswith("# Trees & heat\n\nWhy <trees>.\n\nShade **cools** [1].\n")
    assert "1. How a tree cools a street <https://example.org/trees>" in text
    assert get("/posts/street-trees.md", HTTP_IF_NONE_MATCH=response["ETag"]).status_code == 304
    page = get("/posts/street-trees/").content.decode()
    assert '<link rel="alternate" type="text/markdown" href="/posts/street-trees.md">' in page


def test_the_markdown_of_a_withdrawn_post_is_gone_and_of_none_not_found():
    unpublish(make_post("Secret garden", slug="secret"), by=make_user("publisher"))
    response = get("/posts/secret.md")
    assert response.status_code == 410
    assert "Secret garden" not in response.content.decode()
    assert get("/posts/none.md").status_code == 404


def test_llms_txt_leads_to_the_newest_articles():
    make_post("Trees [and] heat", slug="street-trees", summary="One\nline.")
    text = get("/llms.txt").content.decode()
    assert text.startswith("# Content Desk\n\n> ")
    assert f"- [Trees [and] heat]({SITE}/posts/street-trees.md): One line.\n" in text


def test_opensearch_names_the_address_of_the_search(settings):
    settings.SITE_NAME = "Trees & <heat> of a very long name"
    response = get("/opensearch.xml")
    assert response["Content-Type"].startswith("application/opensearchdescription+xml")
    root = ElementTree.fromstring(response.content)
    spec = "{http://a9.com/-/spec/opensearch/1.1/}"
    assert root.find(f"{spec}Url").get("template") == f"{SITE}/search/?q={{searchTerms}}"
    suggestions = root.find(f"{spec}Url[@rel='suggestions']")
    assert suggestions.get("template") == f"{SITE}/search/suggest/?q={{searchTerms}}"
    assert suggestions.get("type") == "application/x-suggestions+json"
    assert len(root.findtext(f"{spec}ShortName")) <= 16
    assert 'rel="search"' in get("/").content.decode()


@pytest.mark.parametrize(
    ("contact", "line"),
    [
        ("ada@example.org", "Contact: mailto:ada@example.org\n"),
        ("https://example.org/report", "Contact: https://example.org/report\n"),
    ],
)
def test_security_txt_has_a_contact_and_an_expiry_date(settings, contact, line):
    settings.SECURITY_CONTACT = contact
    text = get("/.well-known/security.txt").content.decode()
    assert line in text
    assert f"Canonical: {SITE}/.well-known/security.txt" in text
    expires = datetime.fromisoformat(text.split("Expires: ")[1].split("\n")[0])
    assert 170 < (expires - timezone.now().astimezone(UTC)).days < 366


def test_without_a_contact_there_is_no_security_txt():
    assert get("/.well-known/security.txt").status_code == 404


@pytest.mark.parametrize("value", ["Ada", "http://example.org", "a b@example.org", "a@b\nEvil: 1"])
def test_an_invalid_contact_prevents_the_start(monkeypatch, value):
    monkeypatch.setenv("SECURITY_CONTACT", value)
    pattern = r"(mailto:|https://)\S+|[^@\s:]+@[^@\s]+"
    with pytest.raises(ImproperlyConfigured, match="SECURITY_CONTACT must be a mail address"):
        env.matching("SECURITY_CONTACT", pattern, "a mail address")


@pytest.mark.parametrize(
    "address", ["/robots.txt", "/llms.txt", "/opensearch.xml", "/posts/street-trees.md", "/sitemap.xml"]
)
def test_well_known_files_are_read_only_and_set_no_cookie(address):
    make_post(slug="street-trees")
    assert Client().post(address).status_code == 405
    response = get(address)
    assert response.status_code == 200
    assert not response.cookies
    assert "cookie" not in response.get("Vary", "").lower()
