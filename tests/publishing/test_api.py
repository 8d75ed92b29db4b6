"""Posts over HTTP."""

from urllib.parse import quote

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from publishing.models import Correction, Post
from tasks.actions import edit_draft
from tests.callers import bearer, caller, problem, token_of
from tests.factories import approve, make_draft, make_user
from tests.publishing.factories import approved_update, edit_live, make_post

pytestmark = pytest.mark.django_db


@pytest.fixture
def reader():
    return APIClient()


@pytest.fixture
def publisher():
    return caller("Publishers")


def titles(answer):
    assert answer.status_code == 200, answer.content
    return [post["title"] for post in answer.json()["results"]]


# --- Publishing ---------------------------------------------------------------------------------------


def test_an_approved_draft_becomes_a_post_that_everyone_reads(reader, publisher):
    draft = make_draft(title="Street trees", body="Shade [1].", category="City", tags=["trees"])
    approve(draft)
    answer = publisher.post(f"/api/drafts/{draft.pk}/publish/")
    assert answer.status_code == 201
    post = answer.json()
    assert (post["slug"], post["content_sha256"]) == (
        "street-trees",
        draft.content_sha256,
    )
    assert (post["category"], post["tags"]) == (
        {"name": "City", "slug": "city"}, [{"name": "trees", "slug": "trees"}],
    )  # fmt: skip
    assert answer["Location"] == post["url"]
    assert post["url"].endswith("/posts/street-trees/")
    assert reader.get("/api/posts/street-trees/").json() == post
    task = publisher.get(f"/api/tasks/{draft.task_id}/").json()
    assert task["status"] == "published"


def test_an_unapproved_draft_is_not_published(publisher):
    draft = make_draft()
    found = problem(publisher.post(f"/api/drafts/{draft.pk}/publish/"), 409)
    assert found["type"] == "urn:problem:not-approved"
    assert not Post.objects.exists()


def test_an_edit_after_approval_is_not_published(publisher):
    draft = make_draft()
    approve(draft)
    edit_draft(draft, {"body": "Slipped in."}, by=make_user("wim"))
    problem(publisher.post(f"/api/drafts/{draft.pk}/publish/"), 409)
    assert not Post.objects.exists()


def test_publishing_twice_is_a_conflict(publisher):
    post = make_post()
    problem(publisher.post(f"/api/drafts/{post.draft_id}/publish/"), 409)


def test_an_address_that_is_taken_is_a_conflict(publisher):
    post = make_post()
    draft = make_draft(slug=post.slug)
    approve(draft)
    found = problem(publisher.post(f"/api/drafts/{draft.pk}/publish/"), 409)
    assert found["type"] == "urn:problem:slug-taken"


def test_a_slug_that_cannot_be_an_address_is_a_conflict(publisher):
    draft = make_draft(slug="two words")
    approve(draft)
    found = problem(publisher.post(f"/api/drafts/{draft.pk}/publish/"), 409)
    assert found["type"] == "urn:problem:slug-unusable"


@pytest.mark.parametrize("role", ["writer", "editor", "auditor", "integration"])
def test_only_publishers_publish_and_unpublish(role):
    client = bearer(token_of("nora", role))
    draft, post = make_draft(), make_post()
    approve(draft)
    problem(client.post(f"/api/drafts/{draft.pk}/publish/"), 403)
    problem(client.post(f"/api/posts/{post.slug}/unpublish/"), 403)
    assert Post.objects.published().get() == post


def test_an_unpublished_post_is_gone_for_readers(reader, publisher):
    post = make_post("Gone soon")
    answer = publisher.post(f"/api/posts/{post.slug}/unpublish/", {"reason": "A complaint."})
    assert (answer.status_code, answer.json()["is_live"]) == (200, False)
    assert reader.get(f"/api/posts/{post.slug}/").status_code == 410
    assert titles(reader.get("/api/posts/")) == []
    assert titles(reader.get("/api/posts/?search=gone")) == []
    assert problem(publisher.post(f"/api/posts/{post.slug}/unpublish/"), 409)["status"] == 409
    assert publisher.post(f"/api/drafts/{post.draft_id}/publish/").status_code == 201
    assert reader.get(f"/api/posts/{post.slug}/").status_code == 200


# --- Updating what is live ------------------------------------------------------------------------------


SAID = {"kind": "correction", "note": "The figure in the second paragraph was wrong."}


def test_an_approved_update_goes_live_once_however_often_it_is_sent(reader, publisher):
    post = make_post()
    draft = approved_update(post, body="Planes.")
    for _ in range(2):
        answer = publisher.post(f"/api/drafts/{draft.pk}/publish/", {"correction": SAID})
        assert (answer.status_code, answer.json()["version"]) == (200, 2)
    assert Correction.objects.count() == 1
    assert reader.get(f"/api/posts/{post.slug}/").json()["body"] == "Planes."


REFUSED = [
    ({}, "correction"),
    ({"correction": {}}, "correction"),
    ({"correction": None}, "correction"),
    ({"correction": {"kind": "correction"}}, "correction"),
    ({"correction": {"kind": "update", "note": "Too short"}}, "correction"),
    ({"correction": {"kind": "update", "note": "x" * 501}}, "correction"),
    ({"correction": {"kind": "secret", "note": SAID["note"]}}, "correction"),
    ({"correction": SAID | {"to": "all"}}, "correction"),
    ({"correction": SAID | {"note": "The figure \x00 was wrong."}}, "correction"),
    ({"correction": SAID, "publish_at": "2100-01-01T00:00:00Z"}, "publish_at"),
]


def test_an_update_needs_a_note_to_readers(publisher, subtests):
    draft = approved_update(make_post())
    for asked, field in REFUSED:
        with subtests.test(asked=asked):
            found = problem(publisher.post(f"/api/drafts/{draft.pk}/publish/", asked), 400)
            assert set(found["errors"]) == {field}
            assert Post.objects.get().version == 1


def test_a_note_that_cannot_be_encoded_is_refused(publisher):
    draft = approved_update(make_post())
    body = rb'{"correction": {"kind": "correction", "note": "The figure \ud800 was wrong."}}'
    answer = publisher.generic("POST", f"/api/drafts/{draft.pk}/publish/", body, "application/json")
    assert set(problem(answer, 400)["errors"]) == {"correction"}


def test_without_an_approved_newer_text_an_update_is_a_conflict(publisher):
    post = make_post()
    for draft in (post.draft, edit_live(post), make_draft()):
        found = problem(publisher.post(f"/api/drafts/{draft.pk}/publish/", {"correction": SAID}), 409)
        assert found["type"] == "urn:problem:not-approved"


def test_a_live_draft_is_edited_only_from_its_current_version(publisher):
    editor = caller("Editors")
    post = make_post()
    at = f"/api/drafts/{post.draft_id}/"
    tag = editor.get(at)["ETag"]
    problem(editor.patch(at, {"summary": "New."}), 428)
    assert editor.patch(at, {"summary": "New."}, headers={"If-Match": tag}).json()["version"] == 2
    problem(editor.patch(at, {"summary": "Newer."}, headers={"If-Match": tag}), 412)
    task = editor.get(f"/api/tasks/{post.draft.task_id}/").json()
    assert (task["status"], task["update_state"]) == ("published", "awaiting")
    listed = editor.get("/api/tasks/?update_state=awaiting").json()["results"]
    assert [row["id"] for row in listed] == [task["id"]]


# --- Reading ------------------------------------------------------------------------------------------


def test_posts_are_listed_newest_first_without_their_texts(reader):
    times = [timezone.now().replace(year=year) for year in (2021, 2023, 2022)]
    for time in times:
        make_post(f"Of {time.year}", published_at=time)
    answer = reader.get("/api/posts/")
    assert titles(answer) == ["Of 2023", "Of 2022", "Of 2021"]
    assert not {"body", "body_html"} & set(answer.json()["results"][0])


def test_posts_of_one_moment_are_neither_lost_nor_shown_twice(reader):
    moment = timezone.now()
    made = {make_post(published_at=moment).title for _ in range(5)}
    seen, url = [], "/api/posts/?page_size=2"
    while url:
        answer = reader.get(url)
        seen += titles(answer)
        url = answer.json()["next"]
    assert len(seen) == 5
    assert set(seen) == made


def test_posts_can_be_filtered_by_category_and_tag(reader):
    make_post("Trees", category="City", tags=["shade", "heat"])
    make_post("Bridges", category="Roads", tags=["steel"])
    assert titles(reader.get("/api/posts/?category=city")) == ["Trees"]
    assert titles(reader.get("/api/posts/?tag=steel")) == ["Bridges"]
    assert titles(reader.get("/api/posts/?category=city&tag=steel")) == []
    assert titles(reader.get("/api/posts/?category=none")) == []


def test_search_puts_the_best_match_first_and_can_be_filtered(reader):
    make_post("Bridges", body="A bridge next to one elm tree.", category="Roads")
    make_post("The elm", body="An elm, and another elm.", category="City")
    make_post("Rivers", body="Water only.", category="City")
    assert titles(reader.get("/api/posts/?search=elm")) == ["The elm", "Bridges"]
    assert titles(reader.get("/api/posts/?search=elm&category=roads")) == ["Bridges"]
    assert titles(reader.get("/api/posts/?search=nothing-like-it")) == []
    assert len(titles(reader.get("/api/posts/?search="))) == 3


@pytest.mark.parametrize("condition", ["category=none", "tag=none", "search=qzx"])
def test_a_post_that_does_not_match_a_filter_does_not_seem_withdrawn(reader, condition):
    post = make_post("Elm", category="City")
    assert reader.get(f"/api/posts/{post.slug}/?{condition}").json()["title"] == "Elm"


def test_search_results_come_page_by_page_in_their_order(reader):
    for number in range(5):
        make_post(f"Elm {number}", body="elm " * (number + 1))
    whole = titles(reader.get("/api/posts/?search=elm"))
    seen, url = [], "/api/posts/?search=elm&page_size=2"
    while url:
        answer = reader.get(url)
        seen += titles(answer)
        url = answer.json()["next"]
    assert seen == whole
    assert len(seen) == 5
    back = answer.json()["previous"]
    assert titles(reader.get(back)) == whole[2:4]


def test_every_search_has_a_response(reader, subtests):
    make_post()
    for text in ("'", '"', "((", "a & | !", "\\", "%25", "%F0%9F%8C%B3", "a" * 3000, "the"):
        with subtests.test(text=text):
            assert reader.get(f"/api/posts/?search={quote(text, safe='%')}").status_code == 200


def test_a_longer_list_takes_no_more_queries(reader, django_assert_max_num_queries):
    def queries(url):
        with django_assert_max_num_queries(20) as captured:
            assert reader.get(url).status_code == 200
        return len(captured)

    urls = ("/api/posts/", "/api/posts/?search=trees")
    make_post(tags=["a"])
    few = [queries(url) for url in urls]
    make_post(tags=["a", "b"], category="Other")
    make_post(tags=["c"])
    assert [queries(url) for url in urls] == few


def test_a_reader_sees_no_draft(reader):
    draft = make_draft()
    for path in ("", "versions/", "versions/1/", "quality/", "decisions/"):
        problem(reader.get(f"/api/drafts/{draft.pk}/{path}"), 401)
        problem(caller().get(f"/api/drafts/{draft.pk}/{path}"), 403)
