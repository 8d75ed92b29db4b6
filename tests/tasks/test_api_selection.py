"""`fields` and `count`: less of an answer, and how much there is in all."""

from __future__ import annotations

import pytest
from rest_framework.test import APIClient

from tests.callers import caller, problem
from tests.factories import make_draft, make_task
from tests.publishing.factories import make_post

pytestmark = pytest.mark.django_db


@pytest.fixture
def client() -> APIClient:
    return caller("Editors")


def test_a_list_has_the_fields_that_were_asked_for(client: APIClient) -> None:
    make_task(topic="Trees")
    found = client.get("/api/tasks/?fields=id,status").json()
    assert found.keys() == {"next", "previous", "results"}
    assert [row.keys() for row in found["results"]] == [{"id", "status"}]


def test_an_object_has_the_fields_that_were_asked_for(client: APIClient) -> None:
    draft, post = make_draft(), make_post("Elm")
    one = client.get(f"/api/drafts/{draft.pk}/?fields=title, version")
    assert one.json() == {"title": draft.title, "version": 1}
    assert one["ETag"] == client.get(f"/api/drafts/{draft.pk}/")["ETag"]
    assert APIClient().get(f"/api/posts/{post.slug}/?fields=title").json() == {"title": "Elm"}
    assert client.get("/api/me/?fields=username").json() == {"username": client.user.username}


@pytest.mark.parametrize("fields", ["", "nothing", "id,nothing", "id,,status", "id;status"])
@pytest.mark.parametrize("path", ["/api/tasks/", "/api/posts/", "/api/images/", "/api/me/"])
def test_a_field_that_does_not_exist_is_refused_whether_or_not_there_are_rows(
    client: APIClient, path: str, fields: str
) -> None:
    found = problem(client.get(path, {"fields": fields}), 400)
    assert set(found["errors"]) == {"fields"}
    assert "Fields: " in found["errors"]["fields"][0]


def test_what_is_done_takes_no_fields(client: APIClient) -> None:
    problem(client.post("/api/tasks/?fields=id", {"topic": "Trees"}), 400)


def test_rows_are_counted_where_that_is_asked_for(client: APIClient) -> None:
    for number in range(3):
        make_task(topic=f"Trees {number}")
    make_task(topic="Roots")
    assert "count" not in client.get("/api/tasks/").json()
    page = client.get("/api/tasks/?count=true&topic=trees&page_size=2").json()
    assert (page["count"], len(page["results"])) == (3, 2)
    assert client.get(page["next"]).json()["count"] == 3
    make_post("Elm")
    assert APIClient().get("/api/posts/?count=true").json()["count"] == 1
    assert set(problem(client.get("/api/tasks/?count=perhaps"), 400)["errors"]) == {"count"}
