"""What integrations need beyond tasks and posts: pictures, groups of posts, links, guidelines."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.test import Client
from rest_framework.test import APIClient

from approvals.models import AuditEntry
from publishing.models import MediaItem, Post
from tasks.models import CategoryGuidance, ContentTask, Draft
from tests.callers import bearer, caller, problem, token_of
from tests.factories import approve, make_draft
from tests.publishing.factories import approved_update, make_post
from tests.publishing.pictures import make_illustrated_post, png

pytestmark = pytest.mark.django_db
CURRENT: dict[str, Any] = {"headers": {"If-Match": "*"}}


@pytest.fixture
def writer() -> APIClient:
    return caller("Writers")


@pytest.fixture
def editor() -> APIClient:
    return caller("Editors")


def add(client: APIClient, **given: Any) -> Any:
    return client.post("/api/images/", {"alt": "Trees", "file": png(), **given}, format="multipart")


# --- Images ---


def test_a_picture_is_published_without_a_browser() -> None:
    writer, editor, publisher = (
        bearer(token_of(name, role))
        for name, role in (("wanda", "writer"), ("edda", "editor"), ("pia", "publisher"))
    )
    image = add(writer, alt="Trees along a street", credit="Edda Tor").json()
    draft = make_draft()
    at = f"/api/drafts/{draft.pk}/"
    tag = writer.get(at)["ETag"]
    covered = writer.post(f"{at}cover/", {"image": image["id"]}, headers={"If-Match": tag})
    assert (covered.status_code, covered.json()["cover_alt"]) == (200, "Trees along a street")
    body = f"{covered.json()['body']}\n\n{image['markdown']}"
    edited = writer.patch(at, {"body": body}, headers={"If-Match": covered["ETag"]}).json()
    decided = {"version": edited["version"], "content_sha256": edited["content_sha256"]}
    assert editor.post(f"{at}decisions/", {"decision": "approve", **decided}).status_code == 201
    post = publisher.post(f"{at}publish/", {}).json()
    assert post["cover_url"] == image["url"]
    page = Client().get(Post.objects.get(slug=post["slug"]).get_absolute_url()).content.decode()
    assert page.count(image["id"]) > 1
    assert "Edda Tor" in page


def test_a_picture_that_is_there_is_not_added_twice(writer: APIClient) -> None:
    first, again = add(writer, title="Avenue"), add(writer)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["id"] == again.json()["id"]
    assert again.json()["title"] == "Avenue"
    assert MediaItem.objects.count() == 1


def test_an_upload_that_is_sent_again_under_its_key_is_done_once(writer: APIClient) -> None:
    key = {"headers": {"Idempotency-Key": "once"}}
    first = writer.post("/api/images/", {"alt": "Trees", "file": png()}, format="multipart", **key)
    again = writer.post("/api/images/", {"alt": "Trees", "file": png()}, format="multipart", **key)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again["Idempotent-Replayed"] == "true"
    other = writer.post("/api/images/", {"alt": "Trees", "file": png(900)}, format="multipart", **key)
    problem(other, 422)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"alt": ""}, "alt"),
        ({"file": "no file"}, "file"),
        ({"file": io.BytesIO(b"<svg/>")}, "file"),
        ({"file": io.BytesIO(b"")}, "file"),
        ({"title": "t" * 201}, "title"),
        ({"focal": "1"}, "focal"),
    ],
    ids=["no description", "text", "no picture", "empty", "long title", "unknown field"],
)
def test_a_wrong_upload_names_the_field_and_stores_nothing(
    writer: APIClient, given: dict[str, Any], field: str
) -> None:
    assert set(problem(add(writer, **given), 400)["errors"]) == {field}
    assert not MediaItem.objects.exists()


def test_json_is_not_what_an_upload_is_sent_as(writer: APIClient) -> None:
    problem(writer.post("/api/images/", {"alt": "Trees"}), 415)


def test_what_is_said_of_a_picture_is_found_and_changed(writer: APIClient) -> None:
    image = add(writer, title="Avenue", credit="Edda Tor").json()
    assert image["added_by"] == writer.user.username
    add(writer, file=png(900), title="Harbour")
    found = writer.get("/api/images/?search=edda").json()["results"]
    assert [one["title"] for one in found] == ["Avenue"]
    changed = writer.patch(f"/api/images/{image['id']}/", {"licence": "CC BY 4.0", "focal_y": 10}).json()
    assert (changed["licence"], changed["focal_y"], changed["credit"]) == ("CC BY 4.0", 10, "Edda Tor")
    refused = writer.patch(f"/api/images/{image['id']}/", {"focal_y": 101})
    assert set(problem(refused, 400)["errors"]) == {"focal_y"}
    assert AuditEntry.objects.filter(action="media.changed").exists()


def test_a_picture_that_a_text_shows_is_not_deleted(editor: APIClient) -> None:
    post = make_illustrated_post()
    add(editor)
    assert post.cover is not None
    MediaItem.objects.get_or_create(image=post.cover, defaults={"title": "Cover", "added_by_name": "x"})
    problem(editor.delete(f"/api/images/{post.cover_id}/"), 409)
    unused = add(editor, file=png(910)).json()["id"]
    assert editor.delete(f"/api/images/{unused}/").status_code == 204
    problem(editor.get(f"/api/images/{unused}/"), 404)


# --- Covers ---


def test_a_cover_needs_the_text_that_its_caller_has_read(writer: APIClient) -> None:
    draft, image = make_draft(), add(writer).json()["id"]
    at = f"/api/drafts/{draft.pk}/cover/"
    problem(writer.post(at, {"image": image}), 428)
    problem(writer.post(at, {"image": image}, headers={"If-Match": '"1.abc"'}), 412)
    assert not Draft.objects.get().cover_image
    assert writer.post(at, {"image": image, "alt": "Mine"}, **CURRENT).json()["cover_alt"] == "Mine"
    assert writer.delete(at, **CURRENT).json()["cover_image"] == ""
    assert Draft.objects.get().version == 3


@pytest.mark.parametrize(
    ("given", "field"),
    [({"image": "x"}, "image"), ({"image": 64 * "a"}, "image"), ({}, "image"), ({"alt": "Trees"}, "image")],
)
def test_a_wrong_cover_names_the_field(writer: APIClient, given: dict[str, str], field: str) -> None:
    draft = make_draft()
    assert set(problem(writer.post(f"/api/drafts/{draft.pk}/cover/", given, **CURRENT), 400)["errors"]) == {
        field
    }
    assert Draft.objects.get().version == 1


def test_a_picture_that_is_too_small_is_no_cover(writer: APIClient) -> None:
    draft, image = make_draft(), add(writer, file=png(300, height=200)).json()
    assert image["fits_cover"] is False
    refused = writer.post(f"/api/drafts/{draft.pk}/cover/", {"image": image["id"]}, **CURRENT)
    assert set(problem(refused, 400)["errors"]) == {"image"}


# --- Groups and addresses of posts ---


def test_categories_and_tags_say_how_many_published_articles_they_have(writer: APIClient) -> None:
    make_post("Elm", category="City", tags=["trees", "shade"])
    withdrawn = make_post("Oak", category="Parks", tags=["trees"])
    make_post("Ash", category="City", tags=["trees"])
    Post.objects.filter(pk=withdrawn.pk).update(is_live=False)
    listed = writer.get("/api/categories/").json()["results"]
    assert [(one["name"], one["posts"]) for one in listed] == [("City", 2), ("Parks", 0)]
    tags = {one["name"]: one["posts"] for one in writer.get("/api/tags/").json()["results"]}
    assert tags == {"shade": 1, "trees": 2}
    one = writer.get("/api/categories/city/").json()
    assert one["url"].endswith("/category/city/")
    problem(writer.get("/api/tags/nothing/"), 404)


def test_lists_take_the_same_statements_for_one_row_and_for_many(
    writer: APIClient, django_assert_max_num_queries: Any
) -> None:
    for number in range(12):
        make_post(f"Elm {number}", category=f"City {number}", tags=[f"tree {number}"])
    for path in ("categories", "tags", "redirects", "images", "drafts", "guidelines"):
        with django_assert_max_num_queries(6):
            assert writer.get(f"/api/{path}/").status_code == 200


def test_an_address_that_a_post_had_leads_to_the_present_one(writer: APIClient) -> None:
    post = make_post("Elm", slug="elm")
    approved_update(post, slug="elm-trees")
    publisher = caller("Publishers")
    answer = publisher.post(
        f"/api/drafts/{post.draft_id}/publish/", {"correction": {"kind": "minor", "note": ""}}
    )
    assert answer.status_code == 200, answer.content
    (found,) = writer.get("/api/redirects/").json()["results"]
    assert (found["slug"], found["to"], found["is_live"]) == ("elm", "elm-trees", True)
    assert found["to_url"].endswith("/posts/elm-trees/")


# --- Drafts ---


def test_drafts_are_listed_without_their_text_and_filtered(writer: APIClient) -> None:
    first, second = make_draft(title="Elm", category="City"), make_draft(title="Oak", category="Parks")
    approve(second)
    rows = writer.get("/api/drafts/").json()["results"]
    assert [row["title"] for row in rows] == ["Oak", "Elm"]
    assert "body" not in rows[0]
    for query, expected in {
        "status=approved": ["Oak"], "category=city": ["Elm"], f"task={first.task_id}": ["Elm"],
        "title=oa": ["Oak"], "updated_after=2999-01-01T00:00:00Z": [],
    }.items():  # fmt: skip
        found = writer.get(f"/api/drafts/?{query}").json()["results"]
        assert [row["title"] for row in found] == expected, query
    assert set(problem(writer.get("/api/drafts/?status=banana"), 400)["errors"]) == {"status"}


# --- Links ---


def test_a_link_shows_its_version_until_it_is_revoked(editor: APIClient) -> None:
    draft = make_draft(title="Elm")
    at = f"/api/drafts/{draft.pk}/links/"
    key = {"headers": {"Idempotency-Key": "once"}}
    made = editor.post(at, {"days": 3}, **key).json()
    path = "/" + made["url"].split("/", 3)[3]
    assert "Elm" in Client().get(path).content.decode()
    again = editor.post(at, {"days": 3}, **key).json()
    assert (again["id"], again["url"]) == (made["id"], None)
    (listed,) = editor.get(at).json()["results"]
    assert "url" not in listed
    assert listed["is_open"] is True
    assert editor.delete(f"{at}{made['id']}/").status_code == 204
    assert Client().get(path).status_code in {404, 410}
    assert editor.get(at).json()["results"][0]["is_open"] is False


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"version": 9}, "version"),
        ({"kind": "sign_off"}, "person"),
        ({"days": 2}, "days"),
        ({"to": "x"}, "to"),
    ],
)
def test_a_wrong_link_names_the_field(editor: APIClient, given: dict[str, Any], field: str) -> None:
    answer = editor.post(f"/api/drafts/{make_draft().pk}/links/", given)
    assert set(problem(answer, 400)["errors"]) == {field}


def test_a_link_of_another_draft_is_not_revoked(editor: APIClient) -> None:
    made = editor.post(f"/api/drafts/{make_draft().pk}/links/", {}).json()
    problem(editor.delete(f"/api/drafts/{make_draft().pk}/links/{made['id']}/"), 404)


# --- Guidelines ---


def test_a_guideline_is_added_once_and_removed(editor: APIClient) -> None:
    asked = {"category": "City", "text": "Say how old the trees are."}
    made = editor.post("/api/guidelines/", asked)
    assert (made.status_code, made.json()["by"]) == (201, editor.user.username)
    problem(editor.post("/api/guidelines/", {**asked, "category": "city"}), 409)
    assert len(editor.get("/api/guidelines/?category=CITY").json()["results"]) == 1
    assert set(problem(editor.post("/api/guidelines/", {**asked, "text": "Short"}), 400)["errors"]) == {
        "text"
    }
    assert editor.delete(f"/api/guidelines/{made.json()['id']}/").status_code == 204
    assert not CategoryGuidance.objects.exists()


# --- Many briefs ---


def test_many_briefs_are_filed_together(writer: APIClient) -> None:
    briefs = [{"topic": f"Trees {number}", "sources": [{"text": "Shade."}]} for number in range(3)]
    answer = writer.post("/api/tasks/batch/", {"briefs": briefs})
    assert answer.status_code == 201
    topics = [ContentTask.objects.get(pk=pk).topic for pk in answer.json()["tasks"]]
    assert topics == ["Trees 0", "Trees 1", "Trees 2"]


def test_of_many_briefs_none_is_filed_where_one_is_wrong(writer: APIClient) -> None:
    briefs = [{"topic": "Trees"}, {"topic": "", "tone": []}, {"topic": "Roots", "language": "??"}]
    found = problem(writer.post("/api/tasks/batch/", {"briefs": briefs}), 400)
    assert found["errors"]["briefs"].keys() == {"1"}
    assert found["errors"]["briefs"]["1"].keys() == {"topic", "tone"}
    assert not ContentTask.objects.exists()
    assert set(problem(writer.post("/api/tasks/batch/", {"briefs": []}), 400)["errors"]) == {"briefs"}
    many = {"briefs": [{"topic": "Trees"}] * 101}
    assert set(problem(writer.post("/api/tasks/batch/", many), 400)["errors"]) == {"briefs"}


# --- Suggestions ---


def test_a_search_box_elsewhere_gets_completions() -> None:
    make_post("Street trees", category="Streets")
    found = APIClient().get("/api/suggestions/?q=stre").json()
    assert found["q"] == "stre"
    assert {one["kind"] for one in found["suggestions"]} >= {"article", "category"}
    assert all(one["url"].startswith("http") for one in found["suggestions"])
    assert APIClient().get("/api/suggestions/").json()["suggestions"] == []
    assert set(problem(APIClient().get("/api/suggestions/?query=x"), 400)["errors"]) == {"query"}
