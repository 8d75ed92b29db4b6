"""Every form of the desk and the admin, in a browser: a reload and the end of a session lose no words."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import RequestFactory
from django.urls import reverse
from knox.models import AuthToken

from approvals.comments.threads import comment
from approvals.links.models import PreviewLink
from approvals.links.sharing import make_link
from approvals.models import Decision
from publishing.images import library
from tasks.actions import edit_draft
from tasks.filing.templates import save_template
from tasks.lifecycle import Status
from tasks.models import ContentTask, Draft
from tests.accessibility import accessibility_problems
from tests.approvals.desk_browser import log_in
from tests.factories import approve, make_draft, make_task, make_user
from tests.publishing.factories import approved_update, make_post
from tests.publishing.pictures import encoded

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"
WORDS = "Words of mine, which\nnobody else has."
LINE = "Words of mine"


@dataclass(frozen=True)
class Case:
    """A form: the template it stands in, its page, the field that is typed into, and what is to be typed."""

    template: str
    page: Callable[[], str]
    field: str
    words: str = WORDS
    is_offered: bool = True
    form: str = ""


def at(name: str, *, of: Callable[[], Any] = lambda: Draft.objects.earliest("pk").pk, query: str = "") -> Any:
    return lambda: reverse(name, args=[of()] if of else []) + query


def waiting() -> int:
    return Draft.objects.get(title="Waiting").pk


def approved() -> int:
    return Draft.objects.get(title="Approved").pk


def live() -> int:
    return Draft.objects.get(title="Live, and newer").pk


def move_due_date() -> str:
    task = make_task(due_at=datetime(2099, 1, 1, tzinfo=UTC))
    return reverse("publishing_desk:calendar-move", args=["due", task.pk])


def signed_off() -> str:
    _, path = make_link(
        Draft.objects.get(title="Waiting"), version=1, kind=PreviewLink.Kind.SIGN_OFF, person="Olga", days=1,
        by=User.objects.earliest("pk"),
    )  # fmt: skip
    return path


def pictured() -> str:
    upload = SimpleUploadedFile("street.jpg", encoded())
    return library.add(upload, by=make_user("adder", "Writers")).item.image_id


def token() -> str:
    made, _ = AuthToken.objects.create(user=User.objects.earliest("pk"))
    return str(made.details.public_name)


nothing: Any = None
DESK = [
    Case("desk/edit.html", at("desk:edit", of=waiting), "body"),
    Case("desk/_edit_dialogs.html", at("desk:edit", of=waiting), "instruction", is_offered=False),
    Case("desk/_decision.html", at("desk:review", of=waiting), "reason", is_offered=False),
    Case("desk/_assign.html", at("desk:review", of=waiting), "assignee", "root", is_offered=False),
    Case("desk/_comment_edit.html", at("desk:review", of=waiting), "new_text", is_offered=False),
    Case("desk/_comment_form.html", at("desk:review", of=waiting), "text", is_offered=False),
    Case("desk/queue.html", at("desk:queue", of=nothing), "reason", is_offered=False),
    Case("desk/guidance.html", at("desk:guidance", of=nothing), "text", LINE),
    Case("desk/links.html", at("desk:links", of=waiting), "person", LINE),
    Case("desk/blame.html", at("desk:blame", of=waiting), "reason", LINE, is_offered=False),
    Case("desk/notifications.html", at("admin:notification_settings", of=nothing), "decision", "never"),
    Case("desk/profile.html", at("admin:profile", of=nothing), "name", LINE),
    Case("desk/person_add.html", at("admin:add_person", of=nothing), "name", LINE),
    Case("desk/person.html", at("admin:person", of=lambda: make_user("nora").pk), "name", LINE),
    Case("desk/cover.html", at("publishing_desk:cover", of=waiting), "alt", LINE),
    Case("desk/media.html", at("publishing_desk:images", of=nothing), "credit", LINE),
    Case("desk/media_item.html", at("publishing_desk:image", of=pictured), "alt"),
    Case("desk/identity.html", at("publishing_desk:identity", of=nothing), "footer_text"),
    Case("desk/write.html", at("publishing_desk:write-page", of=nothing), "body"),
    Case("desk/proposals.html", at("desk:proposals", of=waiting), "instruction"),
    Case("admin/tasks/check.html", at("admin:tasks_check", of=lambda: "length"), "reason", LINE,
         is_offered=False),
    Case("desk/token_add.html", at("admin:add_token", of=nothing), "name", LINE),
    Case("desk/token.html", at("admin:token", of=token), "overlap", "1", is_offered=False),
    Case("desk/schedule.html", at("publishing_desk:schedule", of=approved), "date", "2099-02-03"),
    Case("desk/calendar_move.html", move_due_date, "date", "2099-02-03"),
    Case("desk/update.html", at("publishing_desk:update", of=live), "note"),
    Case("desk/withdraw.html", at("publishing_desk:withdraw", of=live), "reason"),
    Case("preview/text.html", signed_off, "text", is_offered=False),
    Case(
        "admin/tasks/dashboard.html",
        at("admin:tasks_dashboard", of=nothing), "reason", LINE, is_offered=False,
    ),
    Case("admin/tasks/contenttask/add_form.html",
         at("admin:tasks_contenttask_add", of=nothing), "topic", LINE),
    Case("admin/tasks/contenttask/import.html",
         at("admin:tasks_contenttask_import", of=nothing), "pasted", is_offered=False),
    Case("admin/tasks/contenttask/templates.html",
         at("admin:tasks_contenttask_templates", of=nothing), "name", LINE, is_offered=False),
    Case(
        "admin/tasks/contenttask/change_form.html",
        at("admin:tasks_contenttask_change", of=lambda: make_task().pk), "reason", LINE, is_offered=False,
    ),
]  # fmt: skip
ADMIN = [
    Case("tasks.ContentTask", at("admin:tasks_contenttask_add", of=nothing), "brief"),
    Case("tasks.ContentTask", at("admin:tasks_contenttask_change", of=lambda: make_task().pk), "brief"),
    Case("publishing.Category", at("admin:publishing_category_add", of=nothing), "name", LINE),
    Case("publishing.Tag", at("admin:publishing_tag_add", of=nothing), "name", LINE),
    Case("publishing.Author", at("admin:publishing_author_add", of=nothing), "bio"),
    Case("approvals.ReviewRule", at("admin:approvals_reviewrule_add", of=nothing), "category", LINE),
    Case("auth.User", at("admin:auth_user_add", of=nothing), "username", "Words"),
    Case("auth.Group", at("admin:auth_group_add", of=nothing), "name", LINE),
    Case(
        "tasks.ContentTask",
        at("admin:tasks_contenttask_changelist", of=nothing),
        "reason",
        LINE,
        is_offered=False,
    ),
]
OF_LIBRARIES = {
    "django_q.Schedule",
    "django_q.Success",
    "django_q.Failure",
    "django_q.OrmQ",
}
"""Only administrators of the installation type into these."""
SECRETS = {
    "account/invitation.html", "account/reauthenticate.html", "account/reset_ask.html",
    "account/reset_choose.html", "mfa/authenticate.html", "mfa/reauthenticate.html",
    "mfa/totp/activate_form.html", "mfa/webauthn/add_form.html",
}  # fmt: skip
"""Passwords, codes and passkeys, and the address of one who forgot: nothing that a browser is to store."""
POSTED_AGAIN = {"desk/bulk.html"}
"""Shown only as the answer to a form: see `test_what_was_typed_is_on_the_page_that_asks_to_confirm`."""
TYPED = re.compile(
    r"<textarea|type=\"(text|checkbox)\"|<select|_field\.html|_clock\.html|_reason_fields|_comment_fields|_person_form|"
    r"for field in (form|assignment)|form\.text"
)
FORM = re.compile(r'<form method="post".*?</form>', re.DOTALL)


# --- None is left out ---------------------------------------------------------------------------------


def test_every_template_with_something_to_type_is_tried_in_a_browser() -> None:
    found = {
        str(path.relative_to(TEMPLATES))
        for path in TEMPLATES.rglob("*.html")
        for form in FORM.findall(path.read_text(encoding="utf-8"))
        if TYPED.search(form)
    }
    assert found == {case.template for case in DESK} | POSTED_AGAIN | SECRETS


def test_no_form_of_the_desk_opts_out() -> None:
    for path in TEMPLATES.rglob("*.html"):
        assert 'data-autosave="off"' not in path.read_text(encoding="utf-8"), path


@pytest.mark.django_db
def test_every_admin_page_that_writes_is_tried_in_a_browser() -> None:
    request = RequestFactory().get("/")
    request.user = User.objects.create_superuser("root")
    writable = {
        f"{model._meta.app_label}.{model.__name__}"
        for model, page in admin.site._registry.items()
        if page.has_add_permission(request) or page.has_change_permission(request)
    }
    assert writable - OF_LIBRARIES == {case.template for case in ADMIN}


# --- In a browser -------------------------------------------------------------------------------------

FORM_WITH = "const form = [...document.forms].find((one) => one.method === 'post' && one.elements[name]);"
TYPE = f"""([name, words]) => {{ {FORM_WITH}
    const field = form.elements[name];
    const one = field instanceof RadioNodeList ? [...field].find((radio) => radio.value === words) : field;
    if (one.type === "radio") one.checked = true; else one.value = words;
    one.dispatchEvent(new Event("input", {{ bubbles: true }}));
}}"""
READ = f"([name]) => {{ {FORM_WITH} return form && form.elements[name].value; }}"
SUBMIT = f"([name]) => {{ {FORM_WITH} HTMLFormElement.prototype.submit.call(form); }}"


@pytest.fixture
def desk(live_server: Any, page: Any, settings: Any, tmp_path: Path) -> Any:
    """A browser of a user who may do everything, at a desk with a text in each state."""
    settings.MEDIA_ROOT = tmp_path
    settings.PIPELINE_MODELS = ["openai:m"]  # else nobody can ask for proposals
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if "Security" in said.text else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    user = log_in(page, live_server.url, "root", "Editors", "Publishers", at="/admin/")
    User.objects.filter(pk=user.pk).update(is_superuser=True)
    waits = make_draft(title="Waiting")
    comment(waits, version=1, text="Mine.", by=user)
    make_task(status=Status.FAILED, error="Broken.")
    save_template("Weekly", {"topic": "A week"}, by=user)
    approve(make_draft(title="Approved"))
    approved_update(make_post(title="Live"), title="Live, and newer")
    yield page
    assert not complaints


def log_in_again(page: Any) -> None:
    page.fill("#id_username", "root")
    page.fill("#id_password", "secret")
    page.press("#id_password", "Enter")
    page.wait_for_selector("#id_password", state="detached")  # that page has the same alert
    page.wait_for_selector("[role=alert]:has-text('Nothing has been saved yet')")


OFTEN = {
    "desk/edit.html", "desk/_decision.html", "desk/_comment_form.html", "desk/queue.html", "desk/write.html",
    "desk/media_item.html", "desk/person_add.html", "admin/tasks/contenttask/add_form.html",
}  # fmt: skip
"""One of each kind of page, and where people write most; all take two minutes."""


@pytest.mark.parametrize(
    "chosen",
    [
        [case for case in DESK if case.template in OFTEN],
        pytest.param([*DESK, *ADMIN], marks=[pytest.mark.long, pytest.mark.timeout(600)]),
    ],
    ids=["often", "all"],
)
@pytest.mark.django_db(transaction=True)
def test_no_form_loses_words_by_a_reload_or_the_end_of_a_session(desk, live_server, subtests, chosen):
    assert chosen
    for case in chosen:
        with subtests.test(f"{case.template}: {case.field}"):
            path = case.page()
            desk.goto(live_server.url + path)
            assert desk.evaluate(READ, [case.field]) != case.words
            desk.evaluate(TYPE, [case.field, case.words])
            desk.reload()
            if case.is_offered:
                assert desk.evaluate(READ, [case.field]) != case.words
                desk.click("text=Show the differences")
                assert desk.inner_text(".unsent-difference ins").strip()
                desk.click("text=Restore it")
            assert desk.evaluate(READ, [case.field]) == case.words
            if path.startswith("/preview/"):
                continue  # no session, so none can end
            desk.context.clear_cookies()
            desk.evaluate(SUBMIT, [case.field])
            desk.wait_for_selector("#id_password")
            log_in_again(desk)
            assert desk.evaluate(READ, [case.field]) == case.words
            desk.wait_for_url(live_server.url + path)  # restored by the page's script


def edit_page(live_server: Any, draft: int) -> str:
    return live_server.url + reverse("desk:edit", args=[draft])


@pytest.mark.django_db(transaction=True)
def test_an_edit_is_stored_offered_and_discarded_once_saved(desk, live_server):
    draft = Draft.objects.get(title="Waiting")
    url, dialogs = edit_page(live_server, draft.pk), []
    desk.on("dialog", lambda dialog: (dialogs.append(dialog.type), dialog.accept()))
    desk.goto(url)
    body = desk.input_value("#id_body")
    desk.click("#id_body")
    desk.press("#id_body", "Control+End")
    desk.type("#id_body", " Words of mine.")
    desk.goto(live_server.url + "/admin/")
    assert dialogs == ["beforeunload"]

    # Offered on the next visit, and only to the user who typed it.
    other = desk.context.browser.new_context(storage_state=desk.context.storage_state())
    other.clear_cookies()
    theirs = other.new_page()
    log_in(theirs, live_server.url, "other", "Editors", at=reverse("desk:edit", args=[draft.pk]))
    assert not theirs.is_visible(".unsent")
    other.close()
    desk.goto(url)
    assert desk.input_value("#id_body") == body
    desk.click("text=Show the differences")
    assert desk.inner_text(".unsent-difference ins").strip() == "Words of mine."
    assert accessibility_problems(desk) == []

    # Another user changes the text: what was typed is about the version before, and says so.
    edit_draft(Draft.objects.get(pk=draft.pk), {"summary": "Theirs."}, by=make_user("walter", "Writers"))
    desk.goto(url)
    assert "at version 1 then and is at version 2 now" in desk.inner_text(".unsent")
    desk.click("text=Restore it")
    assert not desk.is_visible(".unsent")
    desk.click("text=Save as a new version")
    desk.wait_for_selector("text=Not saved.")
    assert desk.input_value("#id_body") == body + " Words of mine."
    desk.goto(url)
    assert dialogs == ["beforeunload"] * 2, "what was refused is not saved yet"
    desk.click("text=Restore it")
    assert desk.input_value("[name=version]") == "2"
    desk.click("text=Save as a new version")
    desk.wait_for_selector(".messagelist .success")
    desk.goto(url)
    assert not desk.is_visible(".unsent")
    assert Draft.objects.get(pk=draft.pk).body == body + " Words of mine."
    assert len(dialogs) == 2, "no dialog once all is saved"
    assert desk.evaluate("Object.keys(localStorage).filter((key) => key.startsWith('unsent:'))") == []


@pytest.mark.django_db(transaction=True)
def test_a_review_keeps_reason_code_and_comment_whatever_is_looked_at(desk, live_server):
    draft = Draft.objects.get(title="Waiting")
    review = reverse("desk:review", args=[draft.pk])

    def typed() -> tuple[str, ...]:
        return tuple(desk.input_value(f"[name={name}]") for name in ("reason_code", "reason", "text"))

    desk.goto(live_server.url + review)
    desk.check("#refuse-reject")
    desk.select_option("[name=reason_code]", "style")
    desk.fill("[name=reason]", "Much too long\nfor us.")
    desk.fill("[name=text]", "Says who?")
    expected = ("style", "Much too long\nfor us.", "Says who?")
    for tab in ("Changes", "Markdown", "Rendered"):
        desk.click(f".desk-tabs >> text={tab}")
        desk.wait_for_selector(f"[aria-current]:has-text('{tab}')")
        assert typed() == expected, tab
    desk.reload()
    assert typed() == expected
    desk.click("text=Start review")
    desk.wait_for_selector("text=You are reviewing it")
    assert typed() == expected
    desk.click("#comments >> button:text-is('Comment')")
    desk.wait_for_selector(".desk-comment:has-text('Says who?')")
    assert typed() == ("style", "Much too long\nfor us.", "")
    desk.click("button:has-text('Reject')")
    desk.wait_for_selector(".messagelist .success")
    assert Decision.objects.get(draft=draft).reason == "Much too long\nfor us."
    assert desk.evaluate("Object.keys(localStorage).filter((key) => key.startsWith('unsent:'))") == []


@pytest.mark.django_db(transaction=True)
def test_words_whose_form_is_gone_are_in_another_form_or_shown(desk, live_server):
    draft = Draft.objects.get(title="Waiting")
    url = live_server.url + reverse("desk:review", args=[draft.pk])
    desk.goto(url)
    desk.check("#refuse-reject")
    desk.fill("[name=reason]", "Much too long\nfor us.")
    desk.fill("[name=text]", "Says who?")
    approve(Draft.objects.get(pk=draft.pk))
    for _ in range(2):
        desk.goto(url)
        assert desk.input_value("[name=text]") == "Says who?"
        assert desk.inner_text(".unsent pre") == "Much too long\nfor us."
    assert accessibility_problems(desk) == []
    desk.click(".unsent:has(pre) >> text=Discard it")
    desk.click("#comments >> button:text-is('Comment')")
    desk.wait_for_selector(".desk-comment:has-text('Says who?')")
    desk.goto(url)
    assert not desk.is_visible(".unsent"), desk.inner_text(".unsent")
    assert desk.evaluate("Object.keys(localStorage).filter((key) => key.startsWith('unsent:'))") == []


@pytest.mark.django_db(transaction=True)
def test_what_was_typed_is_on_the_page_that_asks_to_confirm(desk, live_server):
    desk.goto(live_server.url + reverse("desk:queue"))
    desk.check("[name=draft]")
    desk.click("text=Decide on selected drafts")
    desk.fill("[name=reason]", "Not our best work.")
    desk.click("text=Reject …")
    desk.wait_for_selector("h1:has-text('Reject these drafts?')")
    assert desk.input_value("[name=reason]") == "Not our best work."
    desk.context.clear_cookies()
    desk.click("text=Reject selected")
    desk.wait_for_selector("#id_password")
    log_in_again(desk)
    assert desk.evaluate(READ, ["reason"]) == "Not our best work."


@pytest.mark.django_db(transaction=True)
def test_a_token_that_changed_brings_the_form_back_at_once(desk, live_server):
    draft = Draft.objects.get(title="Waiting")
    desk.goto(edit_page(live_server, draft.pk))
    desk.fill("#id_summary", "Words of mine.")
    desk.context.clear_cookies(name="csrftoken")
    desk.click("text=Save as a new version")
    desk.wait_for_selector("[role=alert]:has-text('Nothing was saved')")
    assert desk.input_value("#id_summary") == "Words of mine."
    desk.click("text=Save as a new version")
    desk.wait_for_selector(".messagelist .success")
    assert Draft.objects.get(pk=draft.pk).summary == "Words of mine."


@pytest.mark.django_db(transaction=True)
def test_a_brief_with_a_mistake_keeps_its_file_and_its_added_rows(desk, live_server, tmp_path):
    notes = tmp_path / "notes.md"
    notes.write_text("# Notes\n\nA row of trees cools the pavement below it by several degrees.")
    url = live_server.url + reverse("admin:tasks_contenttask_add")
    desk.goto(url)
    desk.set_input_files("#id_sources-0-file", str(notes))
    desk.click("summary:has-text('Sources one by one')")
    desk.click(".add-row a")
    desk.fill("#id_sources-1-text", "Words of mine.")
    desk.click("[name=_save]")
    desk.wait_for_selector(".staged-file:has-text('notes.md')")
    assert desk.input_value("#id_sources-1-text") == "Words of mine."
    desk.fill("#id_topic", "Street trees")
    desk.context.clear_cookies(name="sessionid")
    desk.click("[name=_save]")
    log_in_again(desk)
    assert desk.is_visible(".staged-file:has-text('notes.md')")
    assert not desk.is_visible("text=Restore it"), "it stands in the form already"
    desk.click("[name=_save]")
    desk.wait_for_selector(".messagelist .success")
    assert ContentTask.objects.get(topic="Street trees").sources.count() == 2
    assert desk.evaluate("Object.keys(localStorage).filter((key) => key.startsWith('unsent:'))") == []
    # Left in the middle, the next one is offered with the row that was added.
    desk.goto(url)
    assert not desk.is_visible(".unsent")
    desk.click("summary:has-text('Sources one by one')")
    desk.click(".add-row a")
    desk.fill("#id_sources-1-text", "More words of mine.")
    desk.fill(".desk-drop-entry", "Typed, and not added.")
    desk.goto(live_server.url + "/admin/")
    desk.goto(url)
    desk.click("text=Restore it")
    assert desk.input_value("#id_sources-1-text") == "More words of mine."
    assert desk.input_value(".desk-drop-entry") == "Typed, and not added."
