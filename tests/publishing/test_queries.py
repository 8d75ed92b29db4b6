from datetime import UTC, datetime

import pytest
from django.test import Client

from publishing.models import PostQuerySet
from publishing.publish import unpublish
from publishing.site import queries
from publishing.site.queries import Listing
from tests.factories import make_user
from tests.publishing.factories import make_post
from tests.publishing.pictures import make_illustrated_post

pytestmark = pytest.mark.django_db

NOVEMBER = datetime(2026, 11, 5, tzinfo=UTC)
ADDRESSES = ["/", "/category/secrets/", "/tag/hidden/", "/archive/2026/11/", "/posts/secret-garden/"]


@pytest.fixture
def stricter_rule(monkeypatch):
    """As if a post were live under one more condition; compiled queries have to be compiled again."""

    def recompile():
        for compiled in (queries._cards, queries._older_cards, queries._categories, queries._post):
            compiled.cache_clear()

    is_live = PostQuerySet.published
    monkeypatch.setattr(
        PostQuerySet, "published", lambda posts: is_live(posts).exclude(title="Secret garden")
    )
    recompile()
    yield
    recompile()


def make_secret():
    fields = {"category": "Secrets", "tags": ["hidden"], "published_at": NOVEMBER}
    return make_post("Secret garden", slug="secret-garden", **fields)


@pytest.mark.parametrize("address", ADDRESSES)
def test_every_page_uses_the_one_rule_of_visibility(stricter_rule, address):
    make_secret()
    response = Client().get(address)
    assert "Secret garden" not in response.content.decode()
    assert "/category/secrets/" not in response.content.decode()


def test_neighbours_and_related_posts_obey_the_same_rule(stricter_rule):
    make_post("Secret gardens", slug="open", category="Secrets", tags=["hidden"])
    make_secret()
    found = queries.post_page("open")
    assert (found.older, found.newer, found.related) == (None, None, [])


def test_the_pages_of_posts_show_their_rows():
    before = make_post("Before", slug="before", tags=["trees", "C++"])
    post = make_illustrated_post("Street trees", slug="street-trees", tags=["trees", "C++"])
    after = make_post("After", slug="after", tags=["trees", "C++"])
    found = queries.post_page("street-trees")
    assert found.post == post
    for name in (
        "title",
        "body_html",
        "citations",
        "provenance",
        "published_at",
        "category",
        "cover",
        "author",
    ):
        assert getattr(found.post, name) == getattr(post, name), name
    assert found.post.approval.decided_at == post.approval.decided_at
    assert found.post.cover.variants == post.cover.variants
    links = [*found.tags, found.older, found.newer]
    assert [(link.text, link.path) for link in links] == [
        ("C++", "/tag/c-plus-plus/"),
        ("trees", "/tag/trees/"),
        ("Before", "/posts/before/"),
        ("After", "/posts/after/"),
    ]
    assert {card.pk for card in found.related} == {before.pk, after.pk}


def test_a_related_post_has_the_same_card_as_in_a_list():
    make_post("Street trees", slug="street-trees", tags=["trees"])
    make_illustrated_post("Street trees again", tags=["trees"])
    listed = Listing(queries.all_posts).cards(1)
    assert queries.post_page("street-trees").related == listed
    assert listed[0].as_post().cover.variants[0]["format"]


def test_a_card_changes_with_everything_it_shows():
    post = make_illustrated_post("Street trees", category="City")
    Client().get("/")  # now a card is cached
    post.category.name = "Towns & cities"
    post.category.save()
    assert "Towns &amp; cities</a> <time" in Client().get("/").content.decode()
    post.cover = None
    post.save()
    assert "<picture>" not in Client().get("/").content.decode()
    unpublish(post, by=make_user("publisher"))
    assert "Street trees" not in Client().get("/").content.decode()
