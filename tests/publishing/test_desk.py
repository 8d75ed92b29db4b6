import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse

from publishing.models import Post
from tasks.actions import edit_draft
from tests.factories import approve, make_draft, make_user
from tests.publishing.factories import make_post

pytestmark = pytest.mark.django_db


def client_of(*groups, **fields):
    client = Client()
    client.force_login(make_user("-".join(groups) or "nobody", *groups, **{"is_staff": True} | fields))
    return client


def publish_address(draft):
    return reverse("publishing_desk:publish", args=[draft.pk])


def unpublish_address(post):
    return reverse("publishing_desk:unpublish", args=[post.pk])


def said(response):
    return " ".join(str(message) for message in get_messages(response.wsgi_request))


@pytest.fixture
def approved():
    draft = make_draft(title="Street <trees>")
    approve(draft)
    return draft


def test_a_publisher_publishes_and_unpublishes(approved):
    client = client_of("Publishers")
    response = client.post(publish_address(approved))
    post = Post.objects.published().get()
    assert response.url == f"/admin/desk/{approved.pk}/"
    assert f'<a href="{post.get_absolute_url()}">Street &lt;trees&gt;</a>' in said(response)
    response = client.post(unpublish_address(post), {"reason": "A source was withdrawn."})
    assert response.url == f"/admin/desk/{approved.pk}/"
    assert not Post.objects.published().exists()


@pytest.mark.parametrize("groups", [("Writers",), ("Editors",), ("Auditors",), ("Integrations",), ()])
def test_others_may_not(approved, groups):
    post = make_post()
    client = client_of(*groups)
    assert client.post(publish_address(approved)).status_code == 403
    assert client.post(unpublish_address(post)).status_code == 403
    assert list(Post.objects.published()) == [post]


def test_visitors_and_readers_are_sent_to_the_login(approved):
    post = make_post()
    readers = (client_of(is_staff=False), client_of("Integrations", is_staff=False))
    for client in (Client(), *readers):
        for address in (publish_address(approved), unpublish_address(post)):
            response = client.post(address)
            assert response.status_code == 302
            assert response.url.startswith("/admin/login/")
    assert list(Post.objects.published()) == [post]


@pytest.mark.parametrize("how", ["get", "head", "put", "delete"])
def test_only_a_post_acts(approved, how):
    post = make_post()
    client = client_of("Publishers")
    assert getattr(client, how)(publish_address(approved)).status_code == 405
    assert getattr(client, how)(unpublish_address(post)).status_code == 405
    assert list(Post.objects.published()) == [post]


def test_a_form_from_elsewhere_does_not_act(approved):
    client = Client(enforce_csrf_checks=True)
    client.force_login(make_user("publisher", "Publishers", is_staff=True))
    assert client.post(publish_address(approved)).status_code == 403
    assert not Post.objects.exists()


def test_a_refused_publication_is_explained(approved):
    client = client_of("Publishers")
    waiting = make_draft()
    assert "only a text that has been approved" in said(client.post(publish_address(waiting)))
    edit_draft(approved, {"title": "Edited"}, by=make_user("writer", "Writers"))
    assert "only a text that has been approved" in said(client.post(publish_address(approved)))
    assert not Post.objects.exists()


def test_a_taken_address_is_explained(approved):
    make_post(slug=approved.slug)
    assert "has or had the address" in said(client_of("Publishers").post(publish_address(approved)))


def test_unpublishing_a_withdrawn_post_is_explained():
    post = make_post()
    client = client_of("Publishers")
    client.post(unpublish_address(post))
    assert "cannot become" in said(client.post(unpublish_address(post)))


def test_what_does_not_exist_is_not_found():
    client = client_of("Publishers")
    assert client.post("/admin/publishing-desk/drafts/999999/publish/").status_code == 404
    assert client.post("/admin/publishing-desk/posts/999999/unpublish/").status_code == 404


@pytest.mark.parametrize("reason", ["a\0b", "a" * 501])
def test_an_invalid_reason_is_explained_and_nothing_is_done(reason):
    post = make_post()
    response = client_of("Publishers").post(unpublish_address(post), {"reason": reason})
    assert response.status_code == 302
    assert said(response)
    assert Post.objects.get().is_live
