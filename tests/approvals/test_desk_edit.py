"""Editing in place: preview, saving, and approving what was saved."""

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse

from approvals import review_locks
from approvals.models import Decision, ReviewRule
from tasks.actions import edit_draft
from tasks.lifecycle import Status
from tasks.models import ContentTask, Draft
from tests.accessibility import accessibility_problems
from tests.approvals.desk_browser import log_in
from tests.factories import approve, decide_on, make_draft, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def editor():
    return make_user("erika", "Editors", is_staff=True)


@pytest.fixture
def desk(client, editor):
    client.force_login(editor)
    return client


def address(draft, view="edit"):
    return reverse(f"desk:{view}", args=[draft.pk])


def shown_form(page):
    form = page.context["form"]
    return {name: form[name].value() for name in form.fields}


def html(response):
    return response.content.decode()


def said(response):
    return " ".join(str(message) for message in get_messages(response.wsgi_request))


def opened(client, draft, **typed):
    return shown_form(client.get(address(draft))) | typed


# --- Preview ------------------------------------------------------------------------------------------


def test_a_preview_shows_what_was_typed_and_saves_nothing(desk):
    draft = make_draft()
    answer = desk.post(
        address(draft), opened(desk, draft, body="Now **bold** [1].", title="", then="preview")
    )
    assert answer.status_code == 200
    assert "<strong>bold</strong>" in html(answer)
    assert 'href="#source-1"' in html(answer)
    assert "Now **bold** [1].</textarea>" in html(answer)
    assert "Nothing has been saved yet" in html(answer)
    assert "errorlist" not in html(answer)
    assert Draft.objects.get().version == 1


def test_the_script_gets_the_same_as_a_fragment(desk):
    draft = make_draft()
    answer = desk.post(address(draft, "preview"), {"body": "Now **bold** <script>x</script> [1]."})
    assert answer.status_code == 200
    assert "<strong>bold</strong>" in html(answer)
    assert "<script" not in html(answer)
    assert "<html" not in html(answer)
    assert Draft.objects.get().version == 1


def test_a_text_too_long_for_a_preview_is_said(desk):
    answer = desk.post(address(make_draft(), "preview"), {"body": "a" * 200_001})
    assert answer.status_code == 400
    assert "200000" in html(answer)


@pytest.mark.parametrize("group", ["Publishers", "Auditors", "Integrations"])
def test_who_may_not_edit_gets_no_preview_either(client, group):
    draft = make_draft()
    client.force_login(make_user("other", group, is_staff=True))
    assert client.post(address(draft, "preview"), {"body": "x"}).status_code == 403
    assert client.post(address(draft), {"then": "approve"}).status_code == 403
    assert Client().post(address(draft, "preview")).url.startswith("/admin/login/")


def test_a_preview_needs_a_post(desk):
    assert desk.get(address(make_draft(), "preview")).status_code == 405


# --- Save and approve ---------------------------------------------------------------------------------


def test_who_changed_the_text_saves_it_and_is_refused_the_approval(desk, editor):
    draft = make_draft()
    answer = desk.post(address(draft), opened(desk, draft, summary="Mine.", then="approve"))
    assert answer.status_code == 302
    draft = Draft.objects.get()
    assert (draft.version, draft.summary, draft.author) == (2, "Mine.", editor)
    assert "Saved as version 2. It is not approved: You wrote or last edited this text" in said(answer)
    assert not Decision.objects.exists()
    assert ContentTask.objects.get().status == Status.AWAITING_APPROVAL


def test_an_unchanged_text_is_approved_as_it_is(desk):
    draft = make_draft()
    answer = desk.post(address(draft), opened(desk, draft, then="approve"))
    assert "Nothing was changed. Version 1 is approved." in said(answer)
    decision = Decision.objects.get()
    assert (decision.version, decision.content_sha256) == (1, draft.content_sha256)
    assert decision.opened_at < decision.decided_at


def test_where_four_eyes_allow_it_the_new_version_is_what_is_approved(desk, editor):
    ReviewRule.objects.create(category="", four_eyes=False)
    draft = make_draft()
    desk.post(address(draft), opened(desk, draft, summary="Mine.", then="approve"))
    decision, draft = Decision.objects.get(), Draft.objects.get()
    assert (decision.version, decision.content_sha256) == (2, draft.content_sha256)
    assert ContentTask.objects.get().status == Status.APPROVED


def test_a_stale_page_neither_saves_nor_approves(desk):
    draft = make_draft()
    typed = opened(desk, draft, summary="Mine.", then="approve")
    edit_draft(Draft.objects.get(), {"summary": "Theirs."}, by=make_user("walter", "Writers"))
    assert desk.post(address(draft), typed).status_code == 409
    assert Draft.objects.get().summary == "Theirs."
    assert not Decision.objects.exists()


def test_what_another_is_reviewing_is_saved_but_not_approved(desk):
    draft = make_draft()
    review_locks.take(draft, by=make_user("ada", "Editors"))
    page = desk.get(address(draft))
    assert "ada is reviewing it" in html(page)
    answer = desk.post(address(draft), shown_form(page) | {"then": "approve"})
    assert "It is not approved: ada is reviewing this draft" in said(answer)
    assert not Decision.objects.exists()


def test_saving_goes_on_looking_at_it(desk, editor):
    draft = make_draft()
    first = review_locks.take(draft, by=editor)
    desk.post(address(draft), opened(desk, draft, summary="Mine."))
    assert review_locks.current(draft).expires_at > first.expires_at


def test_a_writer_is_not_offered_to_approve(client):
    draft = make_draft()
    client.force_login(make_user("walter", "Writers", is_staff=True))
    page = client.get(address(draft))
    assert "Save and approve" not in html(page)
    typed = shown_form(page) | {"summary": "Mine.", "then": "approve"}
    assert client.post(address(draft), typed).status_code == 403
    assert Draft.objects.get().version == 1


def test_a_rejected_text_is_edited_but_not_approved_here(desk, editor):
    draft = make_draft()
    decide_on(draft, "reject", by=make_user("emil", "Editors"))
    page = desk.get(address(draft))
    assert "Save and approve" not in html(page)
    answer = desk.post(address(draft), shown_form(page) | {"then": "approve"})
    assert "It is not approved: This draft is rejected" in said(answer)
    assert Decision.objects.count() == 1


def test_the_approval_of_a_text_that_is_edited_and_approved_at_once_is_voided_first(desk):
    ReviewRule.objects.create(category="", four_eyes=False)
    draft = make_draft()
    approve(draft, by=make_user("emil", "Editors"))
    desk.post(address(draft), opened(desk, draft, summary="Mine.", then="approve"))
    moves = list(ContentTask.objects.get().events.values_list("data__status", flat=True))[-3:]
    assert moves == ["approved", "awaiting_approval", "approved"]


# --- In a browser -------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_the_preview_follows_what_is_typed(live_server, page):
    complaints = []
    page.on("console", lambda said: complaints.append(said.text) if "Security" in said.text else None)
    draft = make_draft()
    log_in(page, live_server.url, "erika", "Editors", at=address(draft))
    page.fill("#id_body", "Now **much bolder** than before.")
    page.wait_for_selector("#preview strong:text('much bolder')")
    assert accessibility_problems(page) == []
    page.set_viewport_size({"width": 320, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") == 320
    page.press("#id_title", "Enter")
    assert Draft.objects.get().version == 1
    page.click("text=Save as a new version")
    page.wait_for_selector(".messagelist .success")
    assert Draft.objects.get().body == "Now **much bolder** than before."
    assert not complaints


@pytest.mark.django_db(transaction=True)
def test_it_all_works_without_javascript(live_server, browser):
    context = browser.new_context(java_script_enabled=False)
    try:
        page, draft = context.new_page(), make_draft()
        log_in(page, live_server.url, "erika", "Editors", at=address(draft))
        page.fill("#id_body", "Now **bolder**.")
        page.click("button:text-is('Preview')")
        assert page.inner_text("#preview strong") == "bolder"
        page.click("text=Save and approve")
        assert "It is not approved" in page.inner_text(".messagelist")
        assert Draft.objects.get().version == 2
    finally:
        context.close()
