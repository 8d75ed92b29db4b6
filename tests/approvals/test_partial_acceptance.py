"""Taking part of a machine's pass, over HTTP and on the desk."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from approvals.rules import has_own_part
from tasks.actions import edit_draft, lock_paragraph
from tasks.lifecycle import Status
from tasks.models import Draft
from tasks.pipeline.text.paragraphs import paragraph_sha256
from tests.callers import caller, problem
from tests.factories import CITATIONS, make_draft, make_user

pytestmark = pytest.mark.django_db

FIRST, SECOND, THIRD = "Shade cools a street [1].", "Roots need room under it.", "Water helps in summer."
NEW = "Shade cools a street by day [1].\n\nRoots need much room under it [2].\n\nWater helps in summer."
TWO = {"number": 2, "title": "Roots", "url": "https://example.org/roots"}


@pytest.fixture
def draft():
    draft = make_draft(body=f"{FIRST}\n\n{SECOND}\n\n{THIRD}", title="Trees")
    draft.save_version(
        {"body": NEW, "title": "Street trees", "citations": [*CITATIONS, TWO]},
        reason="refine 1: 62 → 81",
        written_by="openai:gpt-test",
    )
    return draft


def hunks_of(draft, old=1, new=2):
    found = caller("Auditors").get(f"/api/drafts/{draft.pk}/versions/{old}/hunks/{new}/").json()["hunks"]
    return {hunk["new"] or hunk["old"]: hunk["id"] for hunk in found}


def take(draft, accept, client=None, etag="*", old=1, new=2, **more):
    client = client or caller("Editors")
    body = {"from_version": old, "to_version": new, "accept": accept, **more}
    return client.post(f"/api/drafts/{draft.pk}/hunks/", body, format="json", headers={"If-Match": etag})


def test_accepted_hunks_make_a_version_of_the_person_that_names_the_model_too(draft):
    ids = hunks_of(draft)
    assert list(ids) == [
        "Street trees",
        "Shade cools a street by day [1].",
        "Roots need much room under it [2].",
    ]
    client = caller("Editors")
    etag = client.get(f"/api/drafts/{draft.pk}/")["ETag"]
    answer = take(draft, [ids["Shade cools a street by day [1]."]], client, etag)
    assert answer.status_code == 200, answer.content
    found = answer.json()
    assert found["body"] == f"Shade cools a street by day [1].\n\n{SECOND}\n\n{THIRD}"
    assert (found["version"], found["title"], found["citations"]) == (3, "Trees", CITATIONS)
    version = draft.history.get(version=3)
    assert version.history_change_reason == "took 1 of 3 changes of version 2"
    assert version.written_by == f"{client.user.username} with openai:gpt-test"
    draft.refresh_from_db()
    assert has_own_part(draft, client.user), "who took it may not approve it"
    problem(take(draft, [], client, etag), 412)


def test_taking_what_is_there_already_makes_no_version_and_refusing_all_returns_to_the_text_before(draft):
    ids = hunks_of(draft)
    assert take(draft, list(ids.values())).json()["version"] == 2
    before = take(draft, []).json()
    assert (before["version"], before["body"], before["title"]) == (
        3,
        f"{FIRST}\n\n{SECOND}\n\n{THIRD}",
        "Trees",
    )


def test_what_was_edited_since_stays_and_an_edit_in_the_way_is_a_conflict(draft):
    ids = hunks_of(draft)
    edit_draft(draft, {"body": f"{NEW}\n\nOne more.", "summary": "Edited."}, by=make_user("wanda"))
    found = take(draft, [ids["Street trees"], ids["Roots need much room under it [2]."]]).json()
    assert found["body"] == f"{FIRST}\n\nRoots need much room under it [2].\n\n{THIRD}\n\nOne more."
    assert found["summary"] == "Edited."
    draft.refresh_from_db()
    edit_draft(draft, {"body": found["body"].replace("cools a street", "is nice")}, by=make_user("wanda"))
    assert take(draft, list(ids.values())).json()["body"].startswith("Shade is nice")
    refused = problem(take(draft, list(ids.values())[:1]), 409)
    assert refused["type"] == "urn:problem:hunks-not-applicable"
    assert "Shade cools a street by day" in refused["detail"]


def test_bad_requests_name_what_is_wrong(draft):
    assert "no hunk 0123" in str(problem(take(draft, ["0123"]), 400)["errors"]["accept"])
    problem(take(draft, [], old=7), 404)
    client = caller("Editors")
    assert client.post(f"/api/drafts/{draft.pk}/hunks/", {}, format="json").status_code == 428
    problem(client.get(f"/api/drafts/{draft.pk}/versions/1/hunks/9/"), 404)


def test_a_text_is_never_emptied(draft):
    draft.save_version({"body": "Something else.\n\nAnd more of it.", "citations": []}, reason="rework")
    found = caller("Auditors").get(f"/api/drafts/{draft.pk}/versions/2/hunks/3/").json()["hunks"]
    removed = [hunk["id"] for hunk in found if hunk["kind"] == "removed"]
    assert len(removed) == 3
    assert "Nothing would be left" in problem(take(draft, removed, old=2, new=3), 409)["detail"]


def test_a_locked_paragraph_and_a_task_at_work_are_in_the_way(draft):
    text = "Roots need much room under it [2]."
    editor = make_user("erika", "Editors")
    ids = hunks_of(draft)
    lock_paragraph(draft, paragraph_sha256(text), by=editor)
    assert problem(take(draft, [ids["Street trees"]]), 409)["type"] == "urn:problem:paragraph-locked"
    assert take(draft, [ids[text]]).status_code == 200
    draft.task.move_to(Status.PENDING)
    problem(take(draft, []), 409)


@pytest.fixture
def client():
    client = Client()
    client.force_login(make_user("erika", "Editors"))
    return client


def page_of(draft):
    return reverse("desk:hunks", args=[draft.pk])


def choices(draft, page, **chosen):
    """What the form on the page sends, all accepted but for those that are chosen otherwise."""
    names = dict.fromkeys(re.findall(r'name="(hunk-[0-9a-f]+)"', page), "accept")
    return {"from": 1, "to": 2, "version": draft.version, **names, **chosen}


def test_the_page_shows_each_change_and_saves_what_was_accepted(draft, client):
    page = client.get(page_of(draft)).content.decode()
    assert "3 changes from version 1 to version 2" in page
    refused = f"hunk-{hunks_of(draft)['Street trees']}"
    answer = client.post(page_of(draft), choices(draft, page, **{refused: "refuse"}))
    assert answer.status_code == 302
    saved = Draft.objects.get(pk=draft.pk)
    assert (saved.version, saved.title, saved.body) == (3, "Trees", NEW)
    review = client.get(reverse("desk:review", args=[draft.pk]) + "?view=changes").content.decode()
    assert "Accept or refuse each change" in review


def test_what_was_chosen_survives_a_stale_screen_and_a_missing_choice(draft, client):
    page = client.get(page_of(draft)).content.decode()
    refused = f"hunk-{hunks_of(draft)['Street trees']}"
    sent = choices(draft, page, **{refused: "refuse"})
    edit_draft(draft, {"summary": "Edited meanwhile."}, by=make_user("wanda"))
    stale = client.post(page_of(draft), sent)
    assert stale.status_code == 409
    text = stale.content.decode()
    assert re.search(rf'name="{refused}" value="refuse" required checked', text)
    assert 'name="version" value="3"' in text
    assert client.post(page_of(draft), sent | {"version": 3}).status_code == 302
    assert Draft.objects.get(pk=draft.pk).summary == "Edited meanwhile."
    sent.pop(refused)
    assert client.post(page_of(draft), sent | {"version": 4}).status_code == 400


def test_who_may_not_edit_does_not_see_the_page(draft):
    client = Client()
    client.force_login(make_user("", "Auditors"))
    assert client.get(page_of(draft)).status_code == 403
    assert client.post(page_of(draft), {}).status_code == 403


def test_a_draft_with_one_version_and_versions_that_are_not_there_say_so(client):
    draft = make_draft()
    assert "no earlier version" in client.get(page_of(draft)).content.decode()
    assert client.get(page_of(draft) + "?from=8&to=9").status_code == 404
    assert client.post(page_of(draft), {"version": 1}).status_code == 200
