"""The list *Published*: its views, its search, who may edit from it, and the way to the editor."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from publishing.models import Post, Redirect
from publishing.publish import unpublish, update_live
from publishing.schedule import schedule
from tests.factories import approve, make_draft, make_user
from tests.publishing.factories import approved_update, make_post

pytestmark = pytest.mark.django_db


def desk_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def show(client: Client, **asked: str) -> Any:
    response = client.get(reverse("publishing_desk:published"), asked)
    assert response.status_code == 200
    return response


def titles(client: Client, **asked: str) -> list[str]:
    rows = show(client, **asked).context["page"]
    return [row.title if isinstance(row, Post) else row.draft.title for row in rows]


def correct(post: Post, note: str) -> None:
    draft = approved_update(post, summary=note)
    update_live(draft, by=make_user("publisher", "Publishers"), kind="correction", note=note)


def test_each_view_lists_its_posts_the_newest_first() -> None:
    publisher = make_user("paula", "Publishers")
    make_post("Older", slug="older", published_at=timezone.now() - timedelta(days=2))
    make_post("Newer", slug="newer")
    corrected = make_post("Corrected", slug="corrected", published_at=timezone.now() - timedelta(days=3))
    correct(corrected, "The first figure was wrong.")
    correct(corrected, "The second figure was wrong, too.")
    withdrawn = make_post("Withdrawn", slug="withdrawn")
    unpublish(withdrawn, by=publisher)
    planned = make_draft(title="Planned")
    approve(planned, by=make_user("", "Editors"))
    schedule(planned, timezone.now() + timedelta(days=1), zone="Europe/Berlin", by=publisher)

    desk = desk_of(publisher)
    assert titles(desk) == titles(desk, view="nonsense") == ["Newer", "Older", "Corrected"]
    assert titles(desk, view="updated") == titles(desk, view="corrected") == ["Corrected"]
    assert titles(desk, view="withdrawn") == ["Withdrawn"]
    assert titles(desk, view="scheduled") == ["Planned"]
    page = show(desk).content.decode()
    assert "The second figure was wrong, too." in page
    assert "The first figure was wrong." not in page
    assert "Europe/Berlin" in show(desk, view="scheduled").content.decode()


def test_a_search_goes_through_titles_and_addresses_of_the_view_and_says_when_it_finds_nothing() -> None:
    make_post("Street trees", slug="shade-for-all")
    make_post("Other", slug="other")
    desk = desk_of(make_user("", "Publishers"))
    for query in ("street", "TREES street", "shade-for", " trees\0"):
        assert titles(desk, q=query) == ["Street trees"], query
    for asked in (
        {"q": "nothing <b>"},
        {"q": "street", "view": "withdrawn"},
        {"q": "street", "view": "scheduled"},
    ):
        assert titles(desk, **asked) == []
    assert "nothing &lt;b&gt;" in show(desk, q="nothing <b>").content.decode()
    assert titles(desk, page="zero") == ["Other", "Street trees"]


def test_the_editor_is_two_clicks_away_for_those_who_may_edit_what_is_live() -> None:
    post = make_post("Street trees", slug="street-trees")
    editor = reverse("desk:edit", args=[post.draft_id])
    erika = desk_of(make_user("erika", "Editors"))
    assert (
        f'href="{reverse("publishing_desk:published")}"' in erika.get(reverse("desk:queue")).content.decode()
    )
    assert f'href="{editor}"' in show(erika).content.decode()
    assert erika.get(editor).status_code == 200
    writer = desk_of(make_user("walter", "Writers"))
    assert f'href="{editor}"' not in show(writer).content.decode()
    assert writer.get(editor).status_code == 403


def test_the_address_of_a_post_leads_to_its_editor_also_when_it_is_an_old_one() -> None:
    post = make_post("Street trees", slug="street-trees")
    Redirect.objects.create(slug="old-address", post=post)
    erika = desk_of(make_user("erika", "Editors"))
    for slug in ("street-trees", "old-address"):
        response = erika.get(reverse("publishing_desk:edit-post", args=[slug]))
        assert (response.status_code, response.url) == (302, reverse("desk:edit", args=[post.draft_id]))
    assert erika.get(reverse("publishing_desk:edit-post", args=["nowhere"])).status_code == 404
    assert "/login/" in Client().get(reverse("publishing_desk:edit-post", args=["street-trees"])).url


def test_a_longer_list_needs_no_more_queries() -> None:
    desk = desk_of(make_user("erika", "Editors"))
    correct(make_post("First", slug="first"), "The first figure was wrong.")
    with CaptureQueriesContext(connection) as few:
        show(desk)
    for number in range(4):
        make_post(f"Post {number}", slug=f"post-{number}")
    correct(Post.objects.get(slug="post-0"), "The second figure was wrong.")
    with CaptureQueriesContext(connection) as many:
        show(desk)
    assert len(many) <= len(few)
