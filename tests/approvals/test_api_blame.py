import pytest

from approvals.models import Verdict
from tasks.actions import edit_draft
from tests.callers import caller, problem
from tests.factories import decide_on, make_draft, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft():
    draft = make_draft(body="## Shade\n\nTrees cool.\n\nRoots need room.")
    decide_on(draft, Verdict.REJECT, reason="Say how much they cool.")
    changes = {"body": "Roots need room.\n\n## Shade\n\nTrees cool by two degrees."}
    edit_draft(draft, changes, by=make_user("wanda"), reason="Said how much")
    return draft


def blame(draft, query="", client=None):
    return (client or caller("Auditors")).get(f"/api/drafts/{draft.pk}/blame/{query}")


def test_each_paragraph_names_its_last_change_and_what_that_answered(draft):
    found = blame(draft).json()
    assert found["version"] == 2
    room, shade, cool = found["paragraphs"]
    assert (room["text"], room["changed_in"]["version"], room["changed_in"]["author"]) == (
        "Roots need room.", 1, None
    )  # fmt: skip
    assert (shade["number"], shade["section"], shade["answers"]) == (2, "Shade", [])
    assert cool["changed_in"]["written_by"] == "wanda"
    assert cool["changed_in"]["reason"] == "Said how much"
    (answer,) = cool["answers"]
    assert answer == {
        "kind": "note", "name": "style", "message": "Say how much they cool.", "words": "", "by": "editor",
        "version": 1,
    }  # fmt: skip
    assert len(cool["sha256"]) == 64


def test_an_earlier_version_can_be_chosen(draft):
    found = blame(draft, "?version=1").json()
    assert [paragraph["changed_in"]["version"] for paragraph in found["paragraphs"]] == [1, 1, 1]


@pytest.mark.parametrize(
    ("query", "status"), [("?version=9", 404), ("?version=abc", 400), ("?version=", 400)]
)
def test_a_version_that_cannot_be_is_refused(draft, query, status):
    assert "version" in str(problem(blame(draft, query), status)).casefold()


def test_only_people_who_may_read_drafts_reports_and_decisions_see_it(draft):
    problem(blame(draft, client=caller()), 403)


def test_it_takes_few_queries(draft, django_assert_max_num_queries):
    client = caller("Editors")
    with django_assert_max_num_queries(9):
        blame(draft, client=client)
