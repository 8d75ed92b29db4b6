"""Threads of comments at selections of the text, and whom they name."""
# ruff: noqa: F811 (fixtures of another module)

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse
from django.utils import timezone

from approvals.comments.anchors import SelectedWords, commented, paragraph_sha256
from approvals.comments.people import mentions_in, people_starting_with
from approvals.comments.threads import comment, delete, edit, reopen, reply, resolve
from approvals.errors import CommentSettled
from approvals.models import AuditEntry, DraftComment
from approvals.notifications.delivery import send_due
from tasks.actions import edit_draft
from tests.approvals.desk_browser import log_in
from tests.callers import caller, problem
from tests.factories import make_draft, make_user
from tests.receivers import mailbox  # noqa: F401

pytestmark = pytest.mark.django_db

FIRST = "Trees cool a street by **shade** and by water on every hot day of the year [1]."
SECOND = "Planting them costs little; keeping trees alive costs more than most towns think. It costs little."
BODY = f"{FIRST}\n\n## Cost\n\n{SECOND}\n\n- one\n- two"
JSON = {"Accept": "application/json"}


def erika():
    return make_user("erika", "Editors", is_staff=True, email="erika@example.org")


def walter():
    return make_user("walter", "Writers", is_staff=True, email="walter@example.org")


def say(draft, text="Says who?", about=SECOND, words="", by=None, **around):
    named = {"paragraph": paragraph_sha256(about)} if about else {}
    selection = SelectedWords(words, **around) if words else None
    return comment(draft, version=draft.version, text=text, by=by or erika(), selection=selection, **named)


def where(draft):
    """Where the only open thread stands: paragraph, whether the text changed, and the marked words."""
    text = commented(draft.body, draft.citations, draft.comments.all())
    (thread,) = text.open_threads
    text.highlight()
    marks = [part.html for part in text.paragraphs if "desk-selected" in part.html]
    return thread.paragraph, thread.is_reworded, marks


def address(draft, view="review", *more):
    return reverse(f"desk:{view}", args=[draft.pk, *more])


def age(row):
    DraftComment.objects.filter(pk=row.pk).update(created_at=timezone.now() - timedelta(minutes=16))


# --- Selections ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "body", "paragraph", "is_changed"),
    [
        ("most towns think", BODY, 3, False),
        ("most towns think", f"New.\n\n{BODY}", 4, False),
        ("most towns think", BODY.replace("Planting them", "To plant them"), 3, False),
        ("most towns think", BODY.replace("most towns think", "*most* towns — think"), 3, False),
        ("most towns think", BODY.replace("most towns think", "many towns say"), 3, True),
        ("keeping trees alive costs more", "Other.\n\nOf trees: keeping trees alive costs more.", 2, False),
        ("costs more than most towns", "Gone, all of it.", None, True),
        ("by shade and by water", BODY.replace(SECOND, "x"), 1, False),
    ],
)
def test_a_selection_is_found_in_whatever_the_text_has_become(words, body, paragraph, is_changed):
    draft = make_draft(body=BODY)
    say(draft, about=FIRST if "shade" in words else SECOND, words=words)
    if body != BODY:
        edit_draft(draft, {"body": body}, by=walter())
    found = where(draft)
    assert found[:2] == (paragraph, is_changed)
    assert bool(found[2]) is not is_changed


def test_of_equal_words_those_with_the_same_neighbours_are_meant():
    draft = make_draft(body=BODY)
    say(draft, words="costs little", before="towns think. It", after=".")
    (html,) = where(draft)[2]
    assert "Planting them costs little; keeping" in html
    assert "It <mark" in html


@pytest.mark.parametrize(
    ("words", "about"),
    [("not there", SECOND), ("—", SECOND), ("shade", SECOND), ("year. Cost", FIRST), ("x" * 1001, FIRST)],
)
def test_words_that_are_not_in_the_paragraph_are_refused_by_name(words, about):
    with pytest.raises(ValidationError) as refused:
        say(make_draft(body=BODY), about=about, words=words)
    assert set(refused.value.message_dict) == {"selection"}
    assert not DraftComment.objects.exists()


def test_marks_of_selections_keep_the_html_whole(client):
    draft = make_draft(body="A <b> & *b* `c` [1] 水は木 ليل 😀 end.\n\n| a | b |\n|---|---|\n| c | d |")
    say(draft, about="A <b> & *b* `c` [1] 水は木 ليل 😀 end.", words="b & b c 水は")
    say(draft, about="", words="")
    client.force_login(erika())
    page = client.get(address(draft)).content.decode()
    assert page.count('<mark class="desk-selected"') == page.count("</mark>") > 1
    assert "<b>" not in page


# --- Threads ------------------------------------------------------------------------------------------


def test_a_reply_opens_a_resolved_thread_again_and_only_threads_count():
    draft = make_draft(body=BODY)
    first = say(draft)
    answer = reply(first, text="The second source.", by=walter())
    assert DraftComment.objects.open_threads().count() == 1
    assert resolve(answer, by=walter())
    assert not DraftComment.objects.open_threads().exists()
    reply(first, text="No.", by=erika())
    assert DraftComment.objects.open_threads().get() == first
    with pytest.raises(ValidationError):
        reply(answer, text="Deeper.", by=erika())
    assert resolve(first, by=erika())
    assert reopen(first, by=walter())
    assert not reopen(first, by=walter())


def test_a_comment_is_changed_by_its_author_alone_and_for_a_quarter_of_an_hour():
    draft = make_draft(body=BODY)
    row = say(draft, "Says hwo?")
    with pytest.raises(PermissionDenied):
        edit(row, text="Mine.", by=walter())
    assert edit(row, text="Says who?", by=erika()).edited_at
    reply(row, text="I do.", by=walter())
    with pytest.raises(CommentSettled, match="has a reply"):
        delete(row, by=erika())
    age(row)
    with pytest.raises(CommentSettled, match="15 minutes"):
        edit(row, text="Other.", by=erika())
    other = say(draft, "Never mind.")
    delete(other, by=erika())
    for act in (lambda: delete(other, by=erika()), lambda: reply(other, text="What?", by=erika())):
        with pytest.raises(CommentSettled, match="was deleted"):
            act()
    other.refresh_from_db()
    assert (other.text, commented(draft.body, [], draft.comments.all()).count) == ("", 1)


def test_what_happens_to_comments_is_on_record_without_their_words():
    row = say(make_draft(body=BODY), "Secret words.")
    edit(row, text="Other words.", by=erika())
    resolve(row, by=erika())
    reopen(row, by=erika())
    delete(row, by=erika())
    entries = AuditEntry.objects.filter(object_type="draftcomment").order_by("seq")
    wanted = ["created", "edited", "resolved", "reopened", "deleted"]
    assert [entry.action for entry in entries] == [f"comment.{what}" for what in wanted]
    assert entries[1].data["before_sha256"] == entries[0].data["text_sha256"]
    assert not any("words" in str(entry.data) for entry in entries)


# --- Names --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "people", "unknown"),
    [
        ("@walter, please.", ["walter"], []),
        ("Ask @WALTER.", ["walter"], []),
        ("(@walter) and @erika!", ["erika", "walter"], []),
        ("Write to walter@example.org", [], []),
        ("@Ghost?", [], ["Ghost"]),
        ("@olga", [], ["olga"]),
        ("@gone", [], ["gone"]),
        ("a @ b, @@walter, @-", [], []),
        ("@anna.maria. Thanks", ["anna.maria"], []),
    ],
)
def test_those_are_named_who_may_read_the_draft(text, people, unknown):
    walter(), erika(), make_user("anna.maria", "Writers"), make_user("olga")
    make_user("gone", "Writers", is_active=False)
    found = mentions_in(text)
    assert (sorted(map(str, found.people)), list(found.unknown)) == (people, unknown)


def test_names_are_completed_for_those_who_may_read_drafts(client):
    walter(), make_user("walburga"), make_user("theo", "Editors", first_name="Walter")
    assert [person.username for person in people_starting_with("WAL")] == ["theo", "walter"]
    client.force_login(erika())
    assert client.get(reverse("desk:people"), {"q": "\0wal"}).json()["people"][1]["name"] == "walter"
    client.force_login(make_user("nobody", is_staff=True))
    assert client.get(reverse("desk:people")).status_code == 403


def test_named_people_and_those_in_the_thread_are_notified_but_not_the_writer(mailbox):
    draft = make_draft(body=BODY)
    walter()
    first = say(draft, "Says who, @walter and @erika?")
    assert send_due() == 1
    ((to, sent),) = mailbox.got
    assert to == ["walter@example.org"]
    assert "Says who" in sent.get_payload(decode=True).decode()
    reply(first, text="I do.", by=walter())
    assert send_due() == 1
    assert mailbox.got[1][0] == ["erika@example.org"]


# --- At the desk and over the API ---------------------------------------------------------------------


def test_a_script_is_answered_with_the_thread_and_a_form_with_the_page(client):
    draft = make_draft(body=BODY)
    client.force_login(erika())
    typed = {
        "version": 1,
        "paragraph": paragraph_sha256(SECOND),
        "selection": "most towns",
        "text": "Which, @ghost?",
    }
    answer = client.post(address(draft, "comment"), typed, headers=JSON)
    assert answer.status_code == 201
    made = answer.json()
    assert (made["unresolved"], made["thread"]["paragraph"], made["thread"]["selection"]) == (
        1,
        3,
        "most towns",
    )
    assert "@ghost" in made["warnings"][0]
    pk = made["thread"]["id"]
    wrong = client.post(address(draft, "comment"), typed | {"selection": "no such"}, headers=JSON)
    assert (wrong.status_code, list(wrong.json()["errors"])) == (400, ["selection"])
    replied = client.post(
        address(draft, "comment"), {"version": 1, "parent": pk, "text": "These."}, headers=JSON
    )
    assert len(replied.json()["thread"]["comments"]) == 2
    assert client.post(address(draft, "resolve", pk), headers=JSON).json()["thread"]["is_resolved"]
    listed = client.get(address(draft, "threads")).json()
    assert (listed["unresolved"], [one["id"] for one in listed["threads"]]) == (0, [pk])
    assert client.post(address(draft, "reopen", pk)).status_code == 302
    page = client.get(address(draft), {"reply": pk}).content.decode()
    assert "Your reply" in page
    changed = client.post(address(draft, "edit-comment", pk), {"new_text": "Which towns?"}, headers=JSON)
    assert changed.json()["thread"]["comments"][0]["text"] == "Which towns?"
    assert client.post(address(draft, "edit-comment", pk), {"new_text": " "}).status_code == 400
    assert client.post(address(draft, "delete-comment", pk), headers=JSON).status_code == 409
    other = make_draft()
    assert (
        client.post(address(other, "comment"), {"version": 1, "parent": pk, "text": "x"}).status_code == 400
    )


def test_threads_over_the_api():
    draft, client = make_draft(body=BODY), caller("Editors")
    at = f"/api/drafts/{draft.pk}/comments/"
    made = client.post(at, {"version": 1, "text": "Says @ghost?", "selection": "most towns"}).json()
    assert (made["selection"], made["quote"], made["unknown_names"]) == ("most towns", SECOND, ["ghost"])
    one = f"{at}{made['id']}/"
    answer = client.post(f"{one}replies/", {"text": "I do."})
    assert (answer.status_code, answer.json()["parent"]) == (201, made["id"])
    assert client.patch(one, {"text": "Says who?"}).json()["edited_at"]
    assert problem(client.delete(one), 409)["type"] == "urn:problem:comment-settled"
    assert client.delete(f"{at}{answer.json()['id']}/").status_code == 204
    assert client.post(f"{one}resolve/").json()["resolved_at"]
    assert client.post(f"{one}reopen/").json()["resolved_at"] is None
    problem(caller("Writers").patch(one, {"text": "Mine."}), 403)
    problem(client.post(at, {"version": 1, "text": "x", "selection": "nowhere"}), 400)
    problem(client.patch(f"{at}{answer.json()['id']}/", {"text": "x"}), 404)


# --- In a browser -------------------------------------------------------------------------------------

SELECT = """() => {
  const body = document.querySelector("#p3 .desk-paragraph-text p").firstChild.firstChild
    || document.querySelector("#p3 .desk-paragraph-text p").firstChild;
  const text = body.nodeType === Node.TEXT_NODE ? body : body.firstChild;
  const range = document.createRange();
  range.setStart(text, text.data.indexOf("costs little"));
  range.setEnd(text, text.data.indexOf("costs little") + 12);
  getSelection().removeAllRanges();
  getSelection().addRange(range);
}"""


@pytest.mark.django_db(transaction=True)
def test_selected_words_are_commented_on_and_discussed_without_leaving_the_page(live_server, page):
    draft = make_draft(body=BODY)
    walter()
    log_in(page, live_server.url, "erika", "Editors", at=address(draft))
    page.evaluate(SELECT)
    page.wait_for_selector(".desk-float:not([hidden])")
    page.keyboard.press("c")
    page.keyboard.type("How little? @wal")
    page.wait_for_selector(".desk-completions li")
    page.keyboard.press("Enter")
    page.reload()  # what was typed is where it was
    assert page.input_value("#p3 [name=text]") == "How little? @walter "
    assert page.input_value("#p3 [name=selection]") == "costs little"
    page.focus("#p3 [name=text]")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("#p3 .desk-thread .desk-mention")
    page.click("#p3 .desk-thread >> text=Reply")
    page.keyboard.type("At least a figure.")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("#p3 .desk-reply")
    page.reload()
    assert page.inner_text("#p3 mark") == "costs little"
    page.click("#p3 >> text=Resolve")
    page.wait_for_selector("#p3 .desk-thread-resolved")
    assert page.inner_text("#comments-heading .desk-count") == "0"
    assert page.url.startswith(f"{live_server.url}{address(draft)}")
