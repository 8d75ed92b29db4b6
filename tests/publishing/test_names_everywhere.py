"""Every slug that the product makes is accepted by every form and every address of the product."""

from __future__ import annotations

import re
import unicodedata
from typing import Any
from urllib.parse import quote, urlsplit
from xml.etree import ElementTree

import pytest
from django.test import Client
from django.urls import resolve, reverse
from rest_framework.test import APIClient

from approvals.desk.forms import DraftForm
from publishing.category_names import get_or_create
from publishing.models import Category, Post, Tag
from publishing.publish import publish, update_live
from tasks.naming import slug_of
from tests.factories import approve, make_draft, make_task, make_user
from tests.publishing.factories import approved_update, make_post

NAMES = (
    """
C|C++|C#|F#|.NET|ASP.NET|Node.js|A&B|AT&T|R&D|Q&A|100 %|O'Brien|茶|чай|شاي|चाय|ชา|น้ำชา|커피|東京タワー|ｶﾞｲﾄﾞ
½ price|2½|10⁶|106|m²|CO₂|🔥|❤️|👩‍💻|🇩🇪|İstanbul|ışık|Straße|Þór|Łódź|Đà Nẵng|Øre|Æble|əliyev|Übergänge|Café
می‌خواهم|ქართული|עִבְרִית|col·lecció|A+|Disney+|#MeToo|日本語の非常に長い題名がここにありまして、終わりがありません
བོད་ཡིག|தமிழ்|മലയാളം|ಕನ್ನಡ|Việt Nam|Ελληνικά ΔΡΟΜΟΣ|ភាសាខ្មែរ|မြန်မာ|አማርኛ|Հայերեն|feed|api|search|--|…
""".replace("\n", "|")
    .strip("|")
    .split("|")
)


MOST_DIFFERENT = NAMES[::4]
"""Each takes some twenty pages: these stand for the scripts and signs of the others."""


@pytest.fixture
def editor(client: Client, admin_user: Any) -> Client:
    client.force_login(admin_user)
    return client


def published(name: str) -> Post:
    title = f"{name} today"
    draft = make_draft(make_task(topic=title), title=title, slug=slug_of(title), category=name, tags=[name])
    approve(draft)
    return publish(draft, by=make_user("pia", "Publishers"))


def edited(client: Client, model: str, pk: int, fields: dict[str, str]) -> Any:
    return client.post(reverse(f"admin:publishing_{model}_change", args=[pk]), fields)


def sitemaps(client: Client) -> list[str]:
    index = client.get("/sitemap.xml").content.decode()
    paths = [urlsplit(address).path for address in re.findall("<loc>(.*?)</loc>", index)]
    return [client.get(path).content.decode() for path in paths]


@pytest.mark.django_db
@pytest.mark.parametrize("name", MOST_DIFFERENT)
def test_a_name_can_be_published_opened_and_edited(name: str, editor: Client) -> None:
    post = published(name)
    for model in (Category, Tag):
        group = model.objects.get(name=name)
        kind = str(model._meta.model_name)
        for other in (kind, "post"):
            assert (
                quote(post.slug if other == "post" else group.slug)
                in editor.get(f"/{kind}/{quote(group.slug)}/").content.decode()
            )
        response = edited(editor, kind, group.pk, {"name": name, "slug": group.slug})
        assert response.status_code == 302, response.context["errors"]
        for feed in ("feed/", "feed/atom/"):
            content = editor.get(f"/{kind}/{quote(group.slug)}/{feed}").content
            assert quote(group.slug).encode() in content
            ElementTree.fromstring(content)
        found = APIClient().get("/api/posts/", {kind: group.slug}).json()["results"]
        assert [one["slug"] for one in found] == [post.slug]
        assert APIClient().get("/api/posts/", {kind: name}).json()["results"] == found
    assert editor.get(f"/posts/{quote(post.slug)}/").status_code == 200
    assert editor.get(f"/posts/{quote(post.slug)}.md").status_code == 200
    assert APIClient().get(f"/api/posts/{quote(post.slug)}/").json()["title"] == post.title
    maps = "".join(sitemaps(editor))
    assert f"/posts/{quote(post.slug)}/<" in maps
    assert f"/tag/{quote(post.tags.get().slug)}/<" in maps
    form = DraftForm(
        {"version": post.draft.version, **post.draft.content, "tags": name.replace(",", "")},
        instance=post.draft,
        reviewer=make_user(),
    )
    assert form.is_valid(), form.errors


@pytest.mark.django_db
def test_the_names_have_addresses_of_their_own(client: Client) -> None:
    found = get_or_create(Tag, NAMES)
    assert len({tag.slug for tag in found.values()}) == len(NAMES)
    for tag in found.values():
        tag.full_clean()
        assert client.get(f"/tag/{quote(tag.slug)}/").status_code in {200, 404}
        assert resolve(f"/tag/{tag.slug}/").kwargs == {"slug": tag.slug}


@pytest.mark.django_db
def test_a_slug_that_is_left_empty_is_made_by_the_rule(editor: Client) -> None:
    for name in ("C++", "C#", "茶", "c"):
        response = editor.post(reverse("admin:publishing_tag_add"), {"name": name, "slug": ""})
        assert response.status_code == 302, response.context["errors"]
    Tag.objects.create(name="Heat", slug="heat")
    editor.post(reverse("admin:publishing_tag_add"), {"name": "Heat!", "slug": ""})
    assert set(Tag.objects.values_list("name", "slug")) == {
        ("C++", "c-plus-plus"), ("C#", "c-sharp"), ("茶", "茶"), ("c", "c"), ("Heat", "heat"),
        ("Heat!", "heat-2"),
    }  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize("slug", ["two words", "a/b", "🔥", "a.b"])
def test_the_admin_refuses_what_is_no_slug(slug: str, editor: Client) -> None:
    tag = Tag.objects.create(name="Heat", slug="heat")
    response = edited(editor, "tag", tag.pk, {"name": "Heat", "slug": slug})
    assert b"digits of any script" in response.content


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["чай", "चाय", "C++", "น้ำชา"])
def test_a_search_can_be_filtered_by_slug_or_name(name: str, client: Client) -> None:
    post, other = published(name), make_post("Another today")
    for wanted in (name, post.category.slug):
        for facet in ("category", "tag"):
            found = client.get("/search/", {"q": "today", facet: wanted}).content.decode()
            assert post.get_absolute_url() in found
            assert other.get_absolute_url() not in found


@pytest.mark.django_db
def test_an_earlier_address_in_any_script_leads_to_the_present_one(client: Client) -> None:
    post = published("चाय")
    before = post.get_absolute_url()
    update_live(approved_update(post, slug="น้ำชา"), by=make_user("pia"), kind="minor", note="")
    for suffix in ("", "md"):
        address = f"{before.rstrip('/')}.{suffix}" if suffix else before
        response = client.get(address)
        assert response.status_code == 301
        assert quote("น้ำชา") in response["Location"]
    assert APIClient().get(f"/api{before}")["Location"] == f"/api/posts/{quote('น้ำชา')}/"


@pytest.mark.django_db
def test_the_admin_refuses_a_second_category_of_one_name(editor: Client) -> None:
    first = Category.objects.create(name="Heat health", slug="heat-health")
    response = editor.post(reverse("admin:publishing_category_add"), {"name": "heat-HEALTH", "slug": "other"})
    assert "the same name as “Heat health”" in response.content.decode()
    assert (
        edited(editor, "category", first.pk, {"name": "Heat-health", "slug": "heat-health"}).status_code
        == 302
    )


@pytest.mark.django_db
def test_an_address_in_decomposed_letters_is_the_same(client: Client) -> None:
    post = published("чай")
    decomposed = quote(unicodedata.normalize("NFD", post.slug))
    assert decomposed != quote(post.slug)
    assert client.get(f"/posts/{decomposed}/").status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize("slug", ["a\u200bb", "🔥", "\u2028"])
def test_what_is_no_slug_has_no_page(slug: str, client: Client) -> None:
    assert client.get(f"/tag/{quote(slug)}/").status_code == 404


@pytest.mark.django_db
def test_ascii_addresses_are_a_setting(settings: Any) -> None:
    settings.SLUGS = "ascii"
    found = get_or_create(Tag, ["茶", "C++", "Чай"])
    assert {tag.slug for tag in found.values()} == {"cha", "c-plus-plus", "chay"}
