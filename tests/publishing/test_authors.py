import json
import re

import pytest
from django.test import Client
from django.urls import reverse

from approvals.models import AuditEntry
from publishing.models import Author
from publishing.publish import unpublish
from tests.factories import make_user
from tests.publishing.factories import make_post

pytestmark = pytest.mark.django_db

ADD = "admin:publishing_author_add"
FORM = {"name": "Edda Tor", "slug": "edda", "bio": "Reads on trains.", "is_public": "on"}


def client_of(name, *groups, **fields):
    client = Client()
    client.force_login(make_user(name, *groups, is_staff=True, **fields))
    return client


@pytest.fixture
def editor():
    return client_of("editor", "Editors")


def page(address):
    return Client().get(address).content.decode()


def test_only_those_who_asked_for_it_are_named():
    make_post(slug="street-trees")
    text = page("/posts/street-trees/")
    assert "An editor’s account approved exactly this text on" in text
    assert 'rel="author"' not in text
    Author.objects.create(user=make_user("editor"), name="Edda Tor", slug="edda")
    assert "Edda" not in page("/posts/street-trees/")
    assert Client().get("/author/edda/").status_code == 404


def test_a_new_author_is_named_on_everything_they_have_approved(editor):
    make_post(slug="before")
    assert editor.post(reverse(ADD), FORM).status_code == 302
    make_post(slug="after")
    for slug in ("before", "after"):
        text = page(f"/posts/{slug}/")
        assert '<a rel="author" href="/author/edda/">Edda Tor</a>' in text
        data = json.loads(re.search(r'<script type="application/ld\+json">(.*?)</script>', text)[1])
        assert data["@graph"][0]["editor"]["@type"] == "Person"
        assert data["@graph"][0]["editor"]["name"] == "Edda Tor"
    text = page("/author/edda/")
    assert text.count("<article") == 2
    assert "Reads on trains." in text
    assert '"ProfilePage"' in text
    entry = AuditEntry.objects.filter(action="author.created").get()
    assert (entry.actor_name, entry.data["name"]) == ("editor", "Edda Tor")


def test_a_hidden_name_disappears_everywhere_at_once(editor):
    make_post(slug="street-trees")
    editor.post(reverse(ADD), FORM)
    author = Author.objects.get()
    hidden = {name: value for name, value in FORM.items() if name != "is_public"}
    editor.post(reverse("admin:publishing_author_change", args=[author.pk]), hidden)
    assert Client().get("/author/edda/").status_code == 404
    assert "Edda" not in page("/posts/street-trees/")


def test_no_user_can_name_another(editor):
    editor.post(reverse(ADD), FORM)
    change = reverse("admin:publishing_author_change", args=[Author.objects.get().pk])
    for other in (client_of("other", "Editors"), client_of("root", is_superuser=True)):
        assert other.post(change, FORM | {"name": "Mocked"}).status_code in {302, 403}
    assert Author.objects.get().name == "Edda Tor"


@pytest.mark.parametrize("group", ["Writers", "Publishers", "Auditors"])
def test_only_users_who_may_approve_texts_can_be_named(group):
    assert client_of("someone", group).post(reverse(ADD), FORM).status_code == 403
    assert not Author.objects.exists()


def test_a_superuser_can_only_hide_an_author(editor):
    editor.post(reverse(ADD), FORM)
    root = client_of("root", is_superuser=True)
    action = {"action": "hide", "_selected_action": [Author.objects.get().pk]}
    root.post(reverse("admin:publishing_author_changelist"), action)
    assert not Author.objects.get().is_public
    assert AuditEntry.objects.first().actor_name == "root"


def test_an_author_without_a_live_post_has_no_page(editor):
    editor.post(reverse(ADD), FORM)
    assert Client().get("/author/edda/").status_code == 404
    unpublish(make_post(), by=make_user("publisher"))
    assert Client().get("/author/edda/").status_code == 404
