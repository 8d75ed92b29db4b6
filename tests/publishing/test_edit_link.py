"""Those who may edit a live post get there from its page; nobody else sees that there is such a link."""

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from publishing.site.public_pages import ENVIRON_KEY, HEADER
from tests.factories import make_user
from tests.publishing.factories import make_post

pytestmark = pytest.mark.django_db

PATH = "/posts/street-trees/"


def visit(user: User | None = None, **environ):
    client = Client()
    if user:
        client.force_login(user)
    return client.get(PATH, **environ)


def test_an_editor_goes_from_a_live_post_to_its_editor():
    post = make_post("Street trees", slug="street-trees")
    response = visit(make_user("edna", "Editors"))
    link = reverse("desk:edit", args=[post.draft_id])
    assert f'href="{link}">Edit</a>' in response.content.decode()
    assert response["Cache-Control"] == "private, no-cache"
    client = Client()
    client.force_login(make_user("edna"))
    assert client.get(link).status_code == 200


def test_only_those_who_may_change_live_texts_see_the_link(subtests):
    make_post("Street trees", slug="street-trees")
    plain = visit().content
    for user in (make_user("walt", "Writers"), make_user("pat", "Publishers"), make_user("nobody")):
        with subtests.test(user=user.username):
            response = visit(user)
            assert response.content == plain
            assert "public" not in response["Cache-Control"]
    response = visit()
    assert "public" in response["Cache-Control"]
    assert "Cookie" not in response["Vary"]


def test_a_page_for_the_page_cache_never_has_the_link_even_with_a_session():
    make_post("Street trees", slug="street-trees")
    response = visit(make_user("edna", "Editors"), **{ENVIRON_KEY: True})
    assert ">Edit</a>" not in response.content.decode()
    assert HEADER in response
    assert "Cookie" not in response["Vary"]
    private = visit(make_user("edna"))
    assert HEADER not in private
    assert "Cookie" in private["Vary"]


def test_a_stale_session_is_no_session():
    make_post("Street trees", slug="street-trees")
    client = Client()
    client.cookies["sessionid"] = "gone"
    assert client.get(PATH).status_code == 200
    assert ">Edit</a>" not in client.get(PATH).content.decode()
