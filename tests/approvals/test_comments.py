"""Comments on paragraphs: who makes them, where they stand, and how they are resolved."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from django.urls import reverse

from approvals.comments.anchors import commented, paragraph_sha256
from approvals.comments.threads import comment, resolve
from approvals.models import DraftComment
from tasks.actions import edit_draft
from tests.approvals.desk_browser import log_in
from tests.callers import caller, problem
from tests.factories import make_draft, make_user

pytestmark = pytest.mark.django_db

FIRST = "Trees cool a street by shade and by water on every hot day of the year [1]."
SECOND = "Planting them costs little, and keeping them alive for ten years costs more than most towns think."
BODY = f"{FIRST}\n\n## Cost\n\n{SECOND}\n\n- one\n- two"


def editor(name="erika"):
    return make_user(name, "Editors", is_staff=True)


def say(draft, text="Says who?", about=SECOND, by=None):
    named = {"paragraph": paragraph_sha256(about)} if about else {}
    return comment(draft, version=draft.version, text=text, by=by or editor(), **named)


def standing(draft):
    """Where the open comments of the draft stand: in which paragraph, and whether that was reworded."""
    found = commented(draft.body, draft.citations, draft.comments.all())
    anchored = [(part.source, thread.is_reworded) for part in found.paragraphs for thread in part.threads]
    outdated = [thread.comment.quote for thread in found.outdated]
    return anchored, outdated, [thread.comment.text for thread in found.on_whole_text]


def edit(draft, body):
    edit_draft(draft, {"body": body}, by=make_user("walter", "Writers"))


def html(response):
    return response.content.decode()


# --- Where they stand ---------------------------------------------------------------------------------


def test_a_comment_stands_at_its_paragraph():
    draft = make_draft(body=BODY)
    say(draft)
    assert standing(draft) == ([(SECOND, False)], [], [])


def test_it_goes_along_with_a_paragraph_that_moves():
    draft = make_draft(body=BODY)
    say(draft)
    edit(draft, f"New.\n\n{SECOND.replace(' more', chr(10) + 'more')}\n\n{FIRST}")
    [(source, is_reworded)], outdated, _ = standing(draft)
    assert source.startswith("Planting")
    assert (is_reworded, outdated) == (False, [])


def test_it_stays_with_a_paragraph_that_is_reworded():
    draft = make_draft(body=BODY)
    say(draft)
    reworded = SECOND.replace("costs little", "is cheap")
    edit(draft, BODY.replace(SECOND, reworded))
    assert standing(draft) == ([(reworded, True)], [], [])


def test_without_its_paragraph_it_is_outdated_and_keeps_what_it_was_about():
    draft = make_draft(body=BODY)
    say(draft)
    edit(draft, f"{FIRST}\n\nSomething else entirely, about parking.")
    assert standing(draft) == ([], [SECOND], [])


def test_a_comment_may_be_about_the_whole():
    draft = make_draft(body=BODY)
    say(draft, "Too long.", about="")
    assert standing(draft) == ([], [], ["Too long."])


def test_of_two_equal_paragraphs_the_first_is_meant():
    draft = make_draft(body=f"Twice.\n\n{FIRST}\n\nTwice.")
    say(draft, about="Twice.")
    found = commented(draft.body, [], draft.comments.all())
    assert [len(paragraph.threads) for paragraph in found.paragraphs] == [1, 0, 0]


def test_a_comment_made_on_an_older_version_is_carried_over():
    draft = make_draft(body=BODY)
    edit(draft, f"{BODY}\n\nThe end.")
    row = comment(draft, version=1, text="Why?", by=editor(), paragraph=paragraph_sha256(FIRST))
    assert row.version == 1
    assert standing(draft)[0] == [(FIRST, False)]


@pytest.mark.parametrize(
    ("asked", "field"),
    [({"version": 9}, "version"), ({"paragraph": "0" * 64}, "paragraph"), ({"quote": "No such"}, "quote"),
     ({"text": "  "}, "text"), ({"text": "a" * 2001}, "text")],
)  # fmt: skip
def test_what_cannot_be_is_refused_by_the_name_of_the_field(asked, field):
    with pytest.raises(ValidationError) as refused:
        comment(make_draft(body=BODY), **{"version": 1, "text": "Why?", "by": editor()} | asked)
    assert set(refused.value.message_dict) == {field}
    assert not DraftComment.objects.exists()


@pytest.mark.parametrize("group", ["Publishers", "Auditors", "Integrations"])
def test_only_writers_and_editors_comment_and_resolve(group):
    draft = make_draft(body=BODY)
    row = say(draft)
    with pytest.raises(PermissionDenied):
        say(draft, by=make_user("", group))
    with pytest.raises(PermissionDenied):
        resolve(row, by=make_user("", group))


def test_it_is_resolved_once():
    row = say(make_draft(body=BODY))
    assert resolve(row, by=make_user("walter", "Writers"))
    assert not resolve(row, by=editor())
    row.refresh_from_db()
    assert row.resolved_by_name == "walter"
    assert standing(row.draft) == ([], [], [])


# --- At the desk --------------------------------------------------------------------------------------


@pytest.fixture
def desk(client):
    client.force_login(editor())
    return client


def address(draft, view="review", *more):
    return reverse(f"desk:{view}", args=[draft.pk, *more])


def test_the_form_stands_at_the_paragraph_that_was_chosen_and_needs_no_script(desk):
    draft = make_draft(body=BODY)
    page = desk.get(address(draft), {"comment": paragraph_sha256(SECOND)})
    assert "Your comment on this paragraph" in html(page)
    form = page.context["commenting"].form
    typed = {name: form[name].value() or "" for name in form.fields} | {"text": "Says who?\r\nI ask."}
    answer = desk.post(address(draft, "comment"), typed)
    row = DraftComment.objects.get()
    assert answer.url.endswith(f"#comment-{row.pk}")
    assert (row.quote, row.text, row.author_name) == (SECOND, "Says who?\nI ask.", "erika")
    page = html(desk.get(answer.url))
    assert f'id="comment-{row.pk}"' in page
    assert "Says who?" in page
    assert "Comment on version 1" in page  # in the one timeline


def test_what_is_wrong_with_a_comment_is_said_and_it_stays(desk):
    draft = make_draft(body=BODY)
    answer = desk.post(address(draft, "comment"), {"version": 1, "paragraph": "0" * 64, "text": "Kept."})
    assert answer.status_code == 400
    assert "no such paragraph" in html(answer)
    assert "Kept.</textarea>" in html(answer)
    for wrong in ({"version": 1, "text": ""}, {"text": "x"}, {"version": 1, "text": "x", "paragraph": "x"}):
        assert desk.post(address(draft, "comment"), wrong).status_code == 400
    assert not DraftComment.objects.exists()


def test_outdated_and_resolved_ones_are_shown_with_what_they_were_about(desk):
    draft = make_draft(body=BODY)
    say(draft, "Gone soon.")
    done = say(draft, "Done soon.", about=FIRST)
    resolve(done, by=editor())
    edit(draft, "Something else entirely, about parking.")
    page = html(desk.get(address(draft)))
    assert "Outdated: the paragraph no longer exists" in page
    assert SECOND in page
    assert "Resolved by erika" in page


def test_it_is_resolved_by_a_button(desk):
    row = say(make_draft(body=BODY))
    answer = desk.post(address(row.draft, "resolve", row.pk))
    assert answer.status_code == 302
    assert "was resolved" in html(desk.get(answer.url))
    assert "already resolved" in html(desk.get(desk.post(address(row.draft, "resolve", row.pk)).url))
    other = make_draft()
    assert desk.post(address(other, "resolve", row.pk)).status_code == 404
    assert desk.get(address(row.draft, "resolve", row.pk)).status_code == 405


@pytest.mark.parametrize("group", ["Publishers", "Auditors", "Integrations"])
def test_who_may_only_read_is_offered_no_form(client, group):
    row = say(make_draft(body=BODY))
    client.force_login(make_user("reader", group, is_staff=True))
    page = html(client.get(address(row.draft), {"comment": paragraph_sha256(SECOND)}))
    assert "Says who?" in page
    assert "<textarea" not in page
    assert "/resolve/" not in page
    assert client.post(address(row.draft, "comment"), {"version": 1, "text": "x"}).status_code == 403
    assert client.post(address(row.draft, "resolve", row.pk)).status_code == 403
    assert Client().post(address(row.draft, "comment")).url.startswith("/admin/login/")


def test_a_comment_is_never_markup(desk):
    evil = "<script>alert(1)</script>"
    draft = make_draft(body=f"{evil}\n\n{BODY}")
    say(draft, evil, about=evil)
    say(draft, evil, about="")
    edit(draft, f"{BODY}\n\nOther.")
    assert evil not in html(desk.get(address(draft)))


def test_what_i_commented_on_is_what_i_reviewed_last(desk):
    draft = make_draft(body=BODY)
    edit(draft, f"{BODY}\n\nTwo.")
    say(draft)
    edit(draft, f"{BODY}\n\nTwo.\n\nThree.")
    edit(draft, f"{BODY}\n\nTwo.\n\nThree.\n\nFour.")
    changes = desk.get(address(draft), {"view": "changes"}).context["changes"]
    assert (changes.base, changes.reason_for_base) == (2, "the version you last reviewed")


# --- Over the API -------------------------------------------------------------------------------------


def test_comments_are_made_listed_and_resolved_over_the_api():
    draft, client = make_draft(body=BODY), caller("Editors")
    at = f"/api/drafts/{draft.pk}/comments/"
    made = client.post(at, {"version": 1, "text": "Says who?", "quote": "keeping them alive"})
    assert made.status_code == 201
    assert made.json()["quote"] == SECOND
    assert [row["id"] for row in client.get(at).json()["results"]] == [made.json()["id"]]
    done = client.post(f"{at}{made.json()['id']}/resolve/").json()
    assert done["resolved_by_name"] == client.user.username
    problem(client.post(f"/api/drafts/{make_draft().pk}/comments/{made.json()['id']}/resolve/"), 404)


@pytest.mark.parametrize(
    "body", [{"text": "x"}, {"version": 1}, {"version": 1, "text": "x", "quote": "not there"},
             {"version": 1, "text": "x", "colour": "red"}],
)  # fmt: skip
def test_a_wrong_comment_over_the_api_is_400(body):
    draft = make_draft(body=BODY)
    assert problem(caller("Editors").post(f"/api/drafts/{draft.pk}/comments/", body), 400)["errors"]


# --- In a browser -------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("width", [320, 1100, 1280, 1600])
def test_a_paragraph_is_commented_on_and_the_comment_resolved(live_server, page, width):
    draft = make_draft(body=f"{FIRST} " * 6 + f"\n\n{SECOND}")
    page.set_viewport_size({"width": width, "height": 800})
    log_in(page, live_server.url, "erika", "Editors", at=address(draft))
    page.click("[aria-label='Comment on paragraph 2']")
    page.fill("#comment_text", "Says who?")
    page.click(".desk-comment-form button")
    page.wait_for_selector("#p2 .desk-comment")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.click("#p2 .desk-thread >> text=Resolve")
    page.wait_for_selector("#p2 .desk-thread-resolved >> text=Reopen")
    assert DraftComment.objects.get().resolved_by_name == "erika"
