import pytest

from tasks.actions import edit_draft
from tests.callers import caller, problem
from tests.factories import make_draft, make_user

pytestmark = pytest.mark.django_db

FIRST = "Trees cool a street by shade and by the water that their leaves give off [1]."
REST = "Roots need room.\n\nA young tree is watered for three summers."


@pytest.fixture
def draft():
    draft = make_draft(body=f"{FIRST}\n\n{REST}", title="Shade")
    content = {"body": f"{REST}\n\n{FIRST}\n\nSo *plant* them.", "title": "Shades", "tags": ["trees", "heat"]}
    edit_draft(draft, content, by=make_user("wanda"), reason="moved the opening")
    return draft


def diff(draft, number=1, other=2, query="", client=None):
    client = client or caller("Auditors")
    return client.get(f"/api/drafts/{draft.pk}/versions/{number}/diff/{other}/{query}")


def test_a_diff_names_both_versions_and_every_field_that_readers_see_and_that_differs(draft):
    found = diff(draft).json()
    assert [found["old"]["version"], found["new"]["version"]] == [1, 2]
    assert found["new"]["reason"] == "moved the opening"
    assert found["new"]["written_by"] == "wanda"
    assert found["new"]["cost_usd"] == 0
    assert found["is_same"] is False
    assert [field["field"] for field in found["fields_changed"]] == ["title", "body", "tags"]


def test_a_paragraph_that_moved_has_one_number_at_both_ends(draft):
    body = next(field for field in diff(draft).json()["fields_changed"] if field["field"] == "body")
    lines = [line for hunk in body["hunks"] for line in hunk["lines"]]
    moved = [(line["kind"], line["move"], line["text"]) for line in lines if line["move"]]
    assert moved == [("moved_away", 1, FIRST), ("moved_here", 1, FIRST)]
    assert body["moved"] == [{"move": 1, "text": FIRST, "old_line": 1, "new_line": 5}]
    assert [line["text"] for line in lines if line["kind"] == "added" and line["text"]] == [
        "So *plant* them."
    ]
    assert (body["hunks"][0]["old_start"], body["hunks"][0]["new_start"]) == (1, 1)


def test_the_body_can_be_had_as_readers_see_it(draft):
    found = diff(draft, query="?view=rendered").json()
    assert [field["field"] for field in found["fields_changed"]] == ["title", "tags"]
    assert [block["kind"] for block in found["body"]] == ["moved_away", "same", "same", "moved_here", "added"]
    assert "<em><ins>plant</ins></em>" in found["body"][-1]["html"].replace("plant ", "plant")


def test_a_version_against_itself_has_no_changes(draft):
    found = diff(draft, 2, 2).json()
    assert (found["is_same"], found["fields_changed"]) == (True, [])


def test_back_in_time_what_was_added_is_removed(draft):
    body = next(field for field in diff(draft, 2, 1).json()["fields_changed"] if field["field"] == "body")
    lines = [line for hunk in body["hunks"] for line in hunk["lines"]]
    assert "So *plant* them." in [line["text"] for line in lines if line["kind"] == "removed"]


@pytest.mark.parametrize(("number", "other", "missing"), [(1, 3, 3), (9, 1, 9), (0, 1, 0)])
def test_a_version_that_never_was_is_not_found_by_its_number(draft, number, other, missing):
    assert f"no version {missing}" in problem(diff(draft, number, other), 404)["detail"]


def test_a_draft_that_never_was_is_not_found():
    problem(caller("Editors").get("/api/drafts/999999/versions/1/diff/2/"), 404)


def test_a_view_that_there_is_not_is_refused_by_name(draft):
    assert "source, rendered" in str(problem(diff(draft, query="?view=pdf"), 400)["errors"]["view"])


def test_only_people_who_may_read_drafts_compare_them(draft):
    problem(diff(draft, client=caller()), 403)
    assert diff(draft, client=caller("Integrations")).status_code == 200


def test_nothing_can_be_posted_to_a_diff(draft):
    client = caller("Editors")
    assert client.post(f"/api/drafts/{draft.pk}/versions/1/diff/2/").status_code == 405


def test_a_diff_takes_few_queries(draft, django_assert_max_num_queries):
    client = caller("Editors")
    with django_assert_max_num_queries(8):
        diff(draft, client=client)


def test_versions_are_listed_page_by_page_with_reason_author_score_cost_and_hash(draft):
    client = caller("Writers")
    first = client.get(f"/api/drafts/{draft.pk}/versions/?page_size=1").json()
    (row,) = first["results"]
    assert set(row) == {
        "version", "content_sha256", "title", "reason", "author", "written_by", "score", "cost_usd",
        "created_at",
    }  # fmt: skip
    assert (row["version"], len(row["content_sha256"])) == (2, 64)
    second = client.get(first["next"]).json()
    assert [row["version"] for row in second["results"]] == [1]
    assert second["next"] is None
