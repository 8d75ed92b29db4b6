"""What is typed on the review page goes along with whichever button is pressed, without JavaScript too."""

import pytest
from django.urls import reverse

from approvals.models import Decision
from approvals.models.desk import DraftComment, ReviewLock
from tasks.actions import edit_draft
from tasks.models import Draft
from tests.approvals.desk_browser import log_in
from tests.factories import make_draft, make_user

pytestmark = pytest.mark.django_db
TYPED = {"reason_code": "style", "reason": "Much too long\nfor us.", "text": "Says who?\nI ask."}


@pytest.fixture
def desk(client):
    client.force_login(make_user("erika", "Editors", is_staff=True))
    return client


def address(draft, view="review"):
    return reverse(f"desk:{view}", args=[draft.pk])


def form_of(draft, **typed):
    return {"version": draft.version, "content_sha256": draft.content_sha256} | TYPED | typed


def typed_on(answer):
    decision, comment = answer.context["form"], answer.context["commenting"].form
    return {
        "reason_code": decision["reason_code"].value(),
        "reason": decision["reason"].value(),
        "text": comment["text"].value() or "",
    }


@pytest.mark.parametrize("view", ["rendered", "changes", "markdown"])
def test_another_view_of_the_text_keeps_all_that_was_typed_and_does_nothing(desk, view):
    draft = make_draft()
    edit_draft(draft, {"summary": "Newer."}, by=make_user("walter", "Writers"))
    answer = desk.post(address(draft), form_of(draft, look=view))
    assert (answer.status_code, answer.context["view"], typed_on(answer)) == (200, view, TYPED)
    assert "errorlist" not in answer.content.decode()
    assert answer.context["form"]["version"].value() == 2
    assert not Decision.objects.exists()
    assert not DraftComment.objects.exists()


def test_starting_a_review_keeps_what_was_typed(desk):
    draft = make_draft()
    answer = desk.post(address(draft, "take-review-lock"), form_of(draft))
    assert (answer.status_code, typed_on(answer)) == (200, TYPED)
    assert ReviewLock.objects.get().reviewer.username == "erika"
    assert "You are reviewing it" in answer.content.decode()
    scripted = desk.post(address(draft, "take-review-lock"), form_of(draft, _form="abc"))
    assert scripted.status_code == 302
    assert "form_saved" not in scripted.cookies, "the script must not forget it"
    assert desk.post(address(draft, "take-review-lock")).status_code == 302


def test_a_comment_leaves_the_reason_and_a_decision_leaves_the_comment(desk):
    draft = make_draft()
    answer = desk.post(address(draft, "comment"), form_of(draft))
    assert (answer.status_code, typed_on(answer)) == (200, TYPED | {"text": ""})
    assert DraftComment.objects.get().text == TYPED["text"]
    answer = desk.post(address(draft), form_of(draft, decision="reject"))
    assert (answer.status_code, Decision.objects.get().reason) == (200, TYPED["reason"])
    assert answer.context["commenting"].form["text"].value() == TYPED["text"]


def test_the_script_learns_which_fields_were_saved(desk):
    draft = make_draft()
    answer = desk.post(address(draft, "comment"), form_of(draft, _form="abc1"))
    assert (answer.status_code, answer.cookies["form_saved"].value) == (302, "abc1~paragraph~selection~text")
    answer = desk.post(address(draft), form_of(draft, _form="abc2", decision="reject"))
    assert (
        answer.cookies["form_saved"].value == "abc1~paragraph~selection~text.abc2~reason_code~reason~refusal"
    )


@pytest.mark.parametrize(
    ("view", "mistake", "status"),
    [
        ("comment", {"text": ""}, 400),
        ("comment", {"text": "x" * 10_001}, 400),
        ("comment", {"version": 99}, 400),
        ("review", {"decision": "reject", "reason": ""}, 400),
        ("review", {"decision": "reject", "version": 99}, 409),
        ("review", {"decision": "perhaps"}, 400),
    ],
)
def test_a_mistake_anywhere_keeps_the_rest(desk, view, mistake, status):
    draft = make_draft()
    answer = desk.post(address(draft, view), form_of(draft, **mistake))
    assert answer.status_code == status
    unchanged = {name: value for name, value in TYPED.items() if name not in mistake}
    assert unchanged.items() <= typed_on(answer).items()


def test_who_may_only_comment_has_a_form_of_their_own(client):
    draft = make_draft()
    client.force_login(make_user("walter", "Writers", is_staff=True))
    page = client.get(address(draft)).content.decode()
    assert 'id="review-form"' not in page
    assert f'action="{address(draft, "comment")}"' in page
    answer = client.post(address(draft), {"text": TYPED["text"], "look": "markdown"})
    assert answer.context["commenting"].form["text"].value() == TYPED["text"]
    assert client.post(address(draft), form_of(draft, decision="approve")).status_code == 403


@pytest.mark.django_db(transaction=True)
def test_a_review_without_javascript_loses_nothing(live_server, browser):
    context = browser.new_context(java_script_enabled=False)
    try:
        page, draft = context.new_page(), make_draft()
        log_in(page, live_server.url, "erika", "Editors", at=address(draft))
        page.check("#refuse-reject")
        page.select_option("[name=reason_code]", "style")
        page.fill("[name=reason]", "Much too long for us.")
        page.fill("[name=text]", "Says who?")

        def typed():
            return tuple(page.input_value(f"[name={name}]") for name in ("reason_code", "reason", "text"))

        for button in ("its Markdown", "the text", "Start review"):
            page.click(f"button:text-is('{button}')")
            assert typed() == ("style", "Much too long for us.", "Says who?"), button
        context.clear_cookies(name="sessionid")
        page.click("button:has-text('Reject')")
        page.fill("#id_username", "erika")
        page.fill("#id_password", "secret")
        page.press("#id_password", "Enter")
        assert typed() == ("style", "Much too long for us.", "Says who?")
        page.click("button:text-is('Comment')")
        assert typed() == ("style", "Much too long for us.", "")
        page.click("button:has-text('Reject')")
        assert Decision.objects.get().reason == "Much too long for us."
        assert DraftComment.objects.get().text == "Says who?"
        assert Draft.objects.get().version == 1
    finally:
        context.close()
