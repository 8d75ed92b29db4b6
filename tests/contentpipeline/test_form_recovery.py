"""A form that was refused for its session or its token comes back as it was filled, without JavaScript."""

from __future__ import annotations

import html
import json
import re
from typing import Any
from urllib.parse import urlencode

import pytest
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from lxml import html as lxml_html

from approvals.access.models import PasswordFailures
from approvals.models import Decision
from approvals.models.desk import DraftComment
from tasks.models import ContentTask, Draft
from tests.factories import make_draft, make_task, make_user

pytestmark = pytest.mark.django_db

HOST = "http://testserver"
BROWSER = {"sec-fetch-mode": "navigate", "sec-fetch-site": "same-origin"}
NASTY = 'A "word" & </textarea><script>alert(1)</script>\nand a line'


@pytest.fixture
def editor() -> User:
    return person("erika", "Editors")


@pytest.fixture
def desk(editor: User) -> Client:
    """A browser that is logged in, at a site that asks for its tokens."""
    client = Client(enforce_csrf_checks=True)
    assert client.login(username="erika", password="secret")
    return client


def person(name: str, *groups: str, **fields: Any) -> User:
    user = make_user(name, *groups, is_staff=True, **fields)
    user.set_password("secret")
    user.save()
    return user


def address(draft: Draft, view: str = "edit") -> str:
    return reverse(f"desk:{view}", args=[draft.pk])


class Form:
    """A form of a page as a browser has it: what it would send, and where to."""

    def __init__(self, page: bytes, url: str, having: str) -> None:
        document = lxml_html.document_fromstring(page.decode())
        for area in document.iter("textarea"):
            area.text = (area.text or "").removeprefix("\n")  # as browsers do
        self.page = document
        fields = [(form, self._fields(form)) for form in document.forms]
        self.element, found = next((form, found) for form, found in fields if having in found)
        self.typed = {name: value for name, value in found.items() if isinstance(value, str)}
        self.action = self.element.action or url

    def _fields(self, form: Any) -> dict[str, Any]:
        """One value a field, as people see it; some stand elsewhere on the page and name the form."""
        elsewhere = self.page.xpath("//*[@form=$id]", id=form.get("id") or " ")
        found = dict(form.fields) | {one.get("name"): one.value for one in elsewhere if one.tag == "textarea"}
        return found | {one.get("name"): one.get("value") for one in elsewhere if one.tag == "input"}

    @property
    def note(self) -> str:
        return " ".join(" ".join(self.page.xpath("//*[@role='alert']//text()")).split())


def sent(client: Client, url: str, fields: dict[str, Any], *, page: str = "", **headers: str) -> Any:
    browser = BROWSER | {"referer": HOST + (page or url)} | headers
    return client.post(url, fields, headers=browser)


def opened(client: Client, url: str, having: str = "version") -> Form:
    return Form(client.get(url).content, url, having)


def end_session() -> None:
    Session.objects.all().delete()


def logged_in(client: Client, answer: Any, name: str = "erika", password: str = "secret") -> Any:
    """What comes of the login page that was the answer."""
    login = Form(answer.content, "/admin/login/", "username")
    carried = [one for one in login.page.iter("input") if one.get("form") == login.element.get("id")]
    fields = login.typed | {"username": name, "password": password}
    fields |= {one.get("name"): one.get("value") for one in carried}
    return sent(client, login.action, fields)


# --- The session has ended ----------------------------------------------------------------------------


def test_a_text_typed_in_a_session_that_ended_is_in_the_form_after_the_login(desk):
    draft = make_draft(summary="Old.")
    typed = opened(desk, address(draft)).typed | {"body": NASTY, "title": "Mine & yours", "summary": ""}
    end_session()
    answer = sent(desk, address(draft), typed)
    assert answer.status_code == 403
    shown = answer.content.decode()
    assert "<script>alert" not in shown
    assert html.escape(NASTY, quote=True) in shown
    assert "Your session has ended" in shown
    back = logged_in(desk, answer)
    assert back.status_code == 200
    form = Form(back.content, "/admin/login/", "body")
    assert form.action == address(draft)
    assert {name: form.typed[name] for name in ("title", "summary", "body")} == {
        "title": "Mine & yours", "summary": "", "body": NASTY,
    }  # fmt: skip
    assert "Nothing has been saved yet" in form.note
    assert Draft.objects.get().version == 1
    assert sent(desk, form.action, form.typed).status_code == 302
    assert Draft.objects.get().body == NASTY


def test_a_wrong_password_and_an_old_login_page_lose_nothing_either(desk):
    draft = make_draft()
    typed = opened(desk, address(draft)).typed | {"body": NASTY}
    end_session()
    answer = sent(desk, address(draft), typed)
    for _ in range(2):
        answer = logged_in(desk, answer, password="wrong")
        assert b"There is no account of this desk" in answer.content
    desk.cookies.pop("csrftoken")
    answer = logged_in(desk, answer)
    assert answer.status_code == 403
    assert "no cookie" in Form(answer.content, "/", "username").note
    assert Form(logged_in(desk, answer).content, "/", "body").typed["body"] == NASTY


def test_a_user_who_has_to_wait_after_wrong_passwords_loses_nothing(desk):
    draft = make_draft()
    typed = opened(desk, address(draft)).typed | {"body": NASTY}
    end_session()
    answer = sent(desk, address(draft), typed)
    for _ in range(7):
        answer = logged_in(desk, answer, password="wrong")
    assert answer.status_code == 429
    PasswordFailures.objects.all().delete()  # as after the time that it says
    assert Form(logged_in(desk, answer).content, "/", "body").typed["body"] == NASTY


def test_what_others_changed_meanwhile_is_not_written_over(desk):
    draft = make_draft(summary="Old words.")
    typed = opened(desk, address(draft)).typed | {"summary": "My words."}
    Draft.objects.get().save_version({"summary": "Their words."}, reason="edited")
    end_session()
    form = Form(logged_in(desk, sent(desk, address(draft), typed)).content, "/", "body")
    assert (form.typed["version"], form.typed["summary"]) == ("1", "My words.")
    assert sent(desk, form.action, form.typed).status_code == 409
    assert Draft.objects.get().summary == "Their words."


def test_a_comment_comes_back_on_the_page_where_it_was_typed(desk):
    draft = make_draft()
    page = address(draft, "review") + "?view=markdown"
    form = opened(desk, page, "text")
    end_session()
    answer = sent(desk, address(draft, "comment"), form.typed | {"text": "Says who?\nI ask."}, page=page)
    back = logged_in(desk, answer)
    form = Form(back.content, "/", "text")
    assert form.typed["text"] == "Says who?\nI ask."
    assert b'class="desk-markdown"' in back.content
    assert sent(desk, address(draft, "comment"), form.typed).status_code == 302
    assert DraftComment.objects.get().text == "Says who?\nI ask."


@pytest.mark.parametrize(
    "referer", ["", "https://elsewhere.example/", HOST + "/admin/logout/", HOST + "//evil/"]
)
def test_without_a_page_of_ours_the_form_is_found_by_its_address(desk, referer):
    draft = make_draft()
    typed = opened(desk, address(draft, "review"), "text").typed | {"text": "Says who, please?"}
    end_session()
    headers = {} if not referer else {"referer": referer}
    answer = desk.post(address(draft, "comment"), typed, headers=headers | {"sec-fetch-site": "same-origin"})
    assert Form(logged_in(desk, answer).content, "/", "text").typed["text"] == "Says who, please?"


def test_a_decision_comes_back_and_is_not_made_by_logging_in(desk):
    draft = make_draft()
    form = opened(desk, address(draft, "review"), "reason")
    said = {"reason": "Much too long for us.", "reason_code": "style", "decision": "reject"}
    end_session()
    back = logged_in(desk, sent(desk, address(draft, "review"), form.typed | said))
    form = Form(back.content, "/", "reason")
    assert (form.typed["reason"], form.typed["reason_code"]) == ("Much too long for us.", "style")
    assert not Decision.objects.exists()
    assert sent(desk, form.action, form.typed | {"decision": "reject"}).status_code == 302
    assert Decision.objects.get().reason == "Much too long for us."


def test_a_user_who_may_not_see_the_form_gets_the_typed_words_and_no_more(desk):
    draft = make_draft(title="A secret plan")
    typed = opened(desk, address(draft)).typed | {"body": "Many words of mine.", "title": "Mine"}
    end_session()
    person("olga")
    back = logged_in(desk, sent(desk, address(draft), typed), name="olga")
    shown = back.content.decode()
    assert "Many words of mine." in shown
    assert "A secret plan" not in shown


def test_a_brief_comes_back_with_all_its_sources(desk):
    person("walter", "Writers")
    desk.login(username="walter", password="secret")
    page = reverse("admin:tasks_contenttask_add")
    rows = {
        "sources-TOTAL_FORMS": "4",
        "sources-3-title": "The fourth",
        "sources-3-text": "Shade cools.\nMuch.",
    }
    upload = SimpleUploadedFile("notes.md", b"never shown again")
    typed = opened(desk, page, "topic").typed | rows | {"topic": "Street trees", "sources-0-file": upload}
    typed["_continue"] = "Save and continue editing"
    end_session()
    answer = sent(desk, page, typed)
    assert b"never shown again" not in answer.content
    form = Form(logged_in(desk, answer, name="walter").content, "/", "topic")
    assert {name: form.typed[name] for name in ("topic", *rows)} == {"topic": "Street trees"} | rows
    assert "notes.md" in form.note
    assert "_continue" not in form.note, "nobody typed the name of a button"
    assert sent(desk, form.action, form.typed).status_code == 302
    assert ContentTask.objects.get().sources.get().title == "The fourth"


def test_a_brief_names_the_files_that_are_still_held_after_the_login(desk):
    person("walter", "Writers")
    desk.login(username="walter", password="secret")
    page = reverse("admin:tasks_contenttask_add")
    upload = SimpleUploadedFile("notes.md", b"Shade cools the pavement by several degrees.")
    rows = {"sources-TOTAL_FORMS": "2", "sources-1-file": upload}
    typed = opened(desk, page, "topic").typed | rows
    mistaken = Form(sent(desk, page, typed).content, page, "topic")
    end_session()
    answer = logged_in(desk, sent(desk, page, mistaken.typed | {"topic": "Street trees"}), name="walter")
    form = Form(answer.content, "/", "topic")
    (shown,) = form.page.xpath("//*[@class='staged-file']/strong/text()")
    assert shown == "notes.md"
    assert sent(desk, form.action, form.typed).status_code == 302
    assert ContentTask.objects.get().sources.get().title == "notes"


def test_a_button_without_anything_typed_leads_back_to_its_page(desk):
    draft = make_draft()
    page = address(draft, "review")
    token = opened(desk, page, "text").typed["csrfmiddlewaretoken"]
    end_session()
    answer = desk.post(
        address(draft, "take-review-lock"), {"csrfmiddlewaretoken": token}, headers={"referer": HOST + page}
    )
    assert (answer.status_code, answer.url) == (302, f"/admin/login/?next={page}")


# --- The token has changed ----------------------------------------------------------------------------


@pytest.mark.parametrize("token", ["", "x" * 64])
def test_a_form_with_an_old_token_comes_back_filled_at_once(desk, token):
    draft = make_draft()
    typed = opened(desk, address(draft)).typed | {"body": NASTY, "csrfmiddlewaretoken": token}
    answer = sent(desk, address(draft), typed)
    assert answer.status_code == 403
    form = Form(answer.content, address(draft), "body")
    assert form.typed["body"] == NASTY
    assert "logged in or out" in form.note
    assert Draft.objects.get().version == 1
    assert sent(desk, form.action, form.typed).status_code == 302


def test_without_any_cookie_it_comes_back_after_the_login(desk):
    draft = make_draft()
    typed = opened(desk, address(draft)).typed | {"body": NASTY}
    desk.cookies.clear()
    answer = sent(desk, address(draft), typed)
    assert answer.status_code == 403
    assert "no cookie" in Form(answer.content, "/", "username").note
    assert Form(logged_in(desk, answer).content, "/", "body").typed["body"] == NASTY


@pytest.mark.parametrize(
    "words", ["Form\x0cfeed and more.", "Nul \x00 here.", "\x1b[0m and \ufffe.", "e\u0301 🌳 \u202e"]
)
def test_no_character_is_too_strange(desk, words):
    draft = make_draft()
    typed = opened(desk, address(draft)).typed | {"body": words}
    end_session()
    answer = sent(desk, address(draft), typed)
    body = Form(logged_in(desk, answer).content, "/", "body").typed["body"]
    assert body == re.sub("[\x00\x0c\x1b\ufffe]", "\ufffd", words)


# --- The form is gone ---------------------------------------------------------------------------------


def test_a_brief_that_a_worker_has_taken_meanwhile_shows_what_was_typed(desk):
    person("walter", "Writers")
    desk.login(username="walter", password="secret")
    task = make_task()
    page = reverse("admin:tasks_contenttask_change", args=[task.pk])
    typed = opened(desk, page, "topic").typed | {"brief": NASTY}
    ContentTask.objects.update(status="in_progress")
    answer = sent(desk, page, typed)
    assert answer.status_code == 403
    assert html.escape(NASTY, quote=True) in answer.content.decode()
    assert ContentTask.objects.get().brief == ""


def test_a_role_that_was_taken_away_and_a_fault_of_ours_lose_no_words(desk, editor, monkeypatch):
    draft = make_draft()
    typed = opened(desk, address(draft)).typed | {"body": NASTY, "_form": "abc"}
    desk.raise_request_exception = False
    with monkeypatch.context() as patch:
        patch.setattr("approvals.desk.editing.edit_draft", lambda *args, **kwargs: 1 / 0)
        answer = sent(desk, address(draft), typed)
        assert answer.status_code == 500
        assert html.escape(NASTY, quote=True) in answer.content.decode()
    editor.groups.clear()
    answer = sent(desk, address(draft), typed)
    assert answer.status_code == 403
    assert html.escape(NASTY, quote=True) in answer.content.decode()
    assert "form_saved" not in answer.cookies


# --- What must not come back --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "foreign",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"referer": "https://evil.example/trap"},
    ],
)
@pytest.mark.parametrize("is_logged_in", [True, False])
def test_what_another_site_sends_is_shown_to_nobody(desk, foreign, is_logged_in):
    draft = make_draft()
    if not is_logged_in:
        end_session()
    fields = {"reason": "Words of an attacker.", "decision": "approve", "version": 1}
    answer = desk.post(address(draft, "review"), fields, headers=foreign)
    assert answer.status_code == 403
    assert b"attacker" not in answer.content
    assert b"another site sent this form" in answer.content


def test_passwords_are_in_no_answer(desk):
    User.objects.filter(username="erika").update(is_superuser=True)
    for url in (reverse("admin:auth_user_add"), reverse("admin:password_change")):
        secrets = dict.fromkeys(("password1", "password2", "old_password", "new_password1"), "hunter two")
        answer = sent(desk, url, secrets | {"username": "new one", "csrfmiddlewaretoken": "x" * 64})
        assert answer.status_code == 403
        assert b"hunter" not in answer.content
    assert (
        b"hunter" not in sent(desk, "/admin/login/", {"username": "erika", "password": "hunter two"}).content
    )


def test_what_the_login_page_carries_leads_nowhere_else(desk):
    login = Form(Client().get("/admin/login/").content, "/admin/login/", "username")
    for place in (
        "https://evil.example/",
        "//evil.example/",
        "/preview/x/",
        "/admin/logout/",
        "/admin/login/",
    ):
        carried = json.dumps([place, place, [["reason", "Some words here."]], []])
        client = Client()
        fields = login.typed | {"username": "erika", "password": "secret", "unsent": carried}
        assert client.post("/admin/login/", fields, headers=BROWSER).url == "/admin/"
    for broken in (
        "",
        "[]",
        "{",
        "[1, 2, 3, 4]",
        "[" * 100_000,
        '["/admin/", "", [["a"]], []]',
        '[["x"], {}, 1, 2]',
    ):
        fields = login.typed | {"username": "erika", "password": "secret", "unsent": broken}
        assert Client().post("/admin/login/", fields, headers=BROWSER).status_code == 302
    fields["unsent"] = r'["/admin/\ud800", "", [["a\ud800", "b \ud800 c"]], ["\ud800"]]'
    assert "b \ufffd c" in Client().post("/admin/login/", fields, headers=BROWSER).content.decode()


def test_a_text_too_long_to_be_carried_is_shown(desk):
    draft = make_draft()
    typed = opened(desk, address(draft)).typed | {"body": "ä \n" * 250_000}
    end_session()
    body = urlencode(typed)
    assert len(body) < 2_600_000
    headers = BROWSER | {"referer": HOST + address(draft)}
    answer = desk.post(address(draft), body, "application/x-www-form-urlencoded", headers=headers)
    assert answer.status_code == 403
    shown = answer.content.decode()
    assert 'name="unsent"' not in shown
    assert typed["body"].strip() in shown


def test_a_script_gets_no_page(desk):
    draft = make_draft()
    end_session()
    answer = sent(desk, address(draft, "preview"), {"body": "Many words."}, **{"sec-fetch-mode": "cors"})
    assert answer.status_code in {302, 403}
    assert b"Many words." not in answer.content


# --- Everywhere ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path", ["/admin/login/", "/admin/logout/", "/admin/desk/bulk/", "/admin/auth/user/add/"]
)
@pytest.mark.parametrize("is_logged_in", [True, False])
def test_every_page_says_what_to_do_about_a_refused_token(desk, path, is_logged_in):
    client = desk if is_logged_in else Client(enforce_csrf_checks=True)
    answer = client.post(path, {}, headers=BROWSER)
    assert answer.status_code == 403
    shown = answer.content.decode()
    assert '<div id="container"' in shown, "the shell of the desk"
    assert "Nothing was saved" in shown
    assert "CSRF" not in shown
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.parametrize("path", ["/api/tasks/", "/api/drafts/1/decisions/"])
def test_the_api_answers_a_refused_token_as_a_problem(desk, path):
    answer = desk.post(path, "{}", "application/json", headers=BROWSER)
    assert (answer.status_code, answer["Content-Type"]) == (403, "application/problem+json")
    assert "CSRF" in answer.json()["detail"]


def test_an_accepted_form_is_reported_to_the_browser(desk):
    draft = make_draft()
    typed = opened(desk, address(draft)).typed | {"_form": "abc1", "summary": "New words."}
    refused = sent(desk, address(draft), typed | {"slug": "not a slug"})
    assert "form_saved" not in refused.cookies
    taken = sent(desk, address(draft), typed)
    cookie = taken.cookies["form_saved"]
    assert (taken.status_code, cookie.value, cookie["path"], cookie["httponly"]) == (
        302,
        "abc1",
        "/admin/",
        "",
    )
    typed = opened(desk, address(draft)).typed | {"_form": "abc2", "summary": "Newer words."}
    assert sent(desk, address(draft), typed).cookies["form_saved"].value == "abc1.abc2"
    assert "form_saved" not in sent(desk, address(draft), typed | {"_form": "<x>;", "version": "3"}).cookies


# --- The view has refused it --------------------------------------------------------------------------


@pytest.fixture
def refused() -> dict[str, tuple[str, str, dict[str, str]]]:
    """By what is wrong: the page of a form, where it is sent to, and what stands in it."""
    draft, waiting = make_draft(), make_task()
    typed = {"reason_code": "style", "reason": "Duplicate"}
    work, move = reverse("admin:tasks_dashboard"), reverse("admin:tasks_dashboard_move")
    task, resume = (
        reverse(f"admin:tasks_contenttask_{name}", args=args)
        for name, args in (("change", [waiting.pk]), ("move", [waiting.pk, "resume"]))
    )
    queue, bulk = reverse("desk:queue"), reverse("desk:bulk")
    tasks, chosen = reverse("admin:tasks_contenttask_changelist"), {"_selected_action": str(waiting.pk)}
    assert draft.task.awaits_decision
    ids = {"which": "chosen", "task": str(waiting.pk), "verb": "retry", "reason": "Duplicate"}
    return {
        "no draft is selected": (queue, bulk, typed | {"decision": "reject"}),
        "none is selected any more": (bulk, bulk, typed | {"decision": "reject", "confirmed": "1"}),
        "mangled": (bulk, bulk, typed | {"decision": "reject", "confirmed": "1", "review_token": "x"}),
        "no task is chosen": (work, move, {"verb": "retry", "reason": "Duplicate"}),
        "no task is selected": (tasks, tasks, {"index": "0", "action": "cancel", "reason": "Duplicate"}),
        "no action is selected": (tasks, tasks, {"index": "0", "action": "", "reason": "Duplicate"} | chosen),
        "no task can do that": (work, move, ids),
        "the task cannot do that": (task, resume, {"reason": "Duplicate"}),
        "a long reason": (task, resume, {"reason": "R" * 501}),
    }


@pytest.mark.parametrize(
    "wrong",
    [
        "no draft is selected", "none is selected any more", "mangled", "no task is chosen",
        "no task is selected", "no action is selected",
        "no task can do that", "the task cannot do that", "a long reason",
    ],
)  # fmt: skip
def test_a_refusal_that_leads_back_keeps_what_was_typed(desk, editor, refused, wrong):
    page, url, fields = refused[wrong]
    token = opened(desk, reverse("desk:queue"), "csrfmiddlewaretoken").typed["csrfmiddlewaretoken"]
    answer = sent(desk, url, fields | {"csrfmiddlewaretoken": token}, page=page)
    assert answer.status_code == 400
    form = Form(answer.content, url, "reason")
    assert form.typed["reason"] == fields["reason"]
    assert "Nothing was done." in form.note
    assert not form.element.xpath(".//details[not(@open)]//*[@name='reason']"), "it is not folded away"
    assert not Decision.objects.exists()
    scripted = sent(desk, url, fields | {"csrfmiddlewaretoken": token, "_form": "abc"}, page=page)
    assert (scripted.status_code, "form_saved" in scripted.cookies) == (302, False)
