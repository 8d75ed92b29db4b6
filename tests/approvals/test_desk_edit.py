"""Editing in place: preview, saving, and approving what was saved."""

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse

from approvals import review_locks
from approvals.comments import threads
from approvals.models import Decision, ReviewRule
from tasks import unsaved_checks
from tasks.actions import edit_draft
from tasks.lifecycle import Status
from tasks.models import ContentTask, Draft, Proposal, Source
from tests.accessibility import accessibility_problems
from tests.approvals.desk_browser import log_in
from tests.factories import approve, decide_on, make_draft, make_task, make_user

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


# --- Comments and proposals ---------------------------------------------------------------------------


def test_the_open_comments_and_proposals_are_at_the_side_of_the_text(desk, editor):
    draft = make_draft()
    page = html(desk.get(address(draft)))
    assert "No open comments." in page
    assert "{#" not in page
    assert "None is open" in page
    first = threads.comment(draft, version=draft.version, text="Is this so?", by=editor)
    done = threads.comment(draft, version=draft.version, text="Spelling.", by=editor)
    threads.resolve(done, by=editor)
    for status in (Proposal.State.READY, Proposal.State.TAKEN):
        Proposal.objects.create(
            draft=draft,
            kind=Proposal.Kind.TITLES,
            version=1,
            original="x",
            status=status,
            asked_by_name="erika",
        )
    page = html(desk.get(address(draft)))
    side = page.split('data-side-panel="Comments"')[1].split("data-changes")[0]
    assert "Is this so?" in side
    assert "Spelling." not in side
    assert "1 resolved" in side
    assert f'action="{reverse("desk:resolve", args=[draft.pk, first.pk])}"' in side
    assert ">1 open proposal</a>" in side
    form_end = page.index("</form>", page.index('id="editor"'))
    assert form_end < page.index('data-side-panel="Comments"'), "no form in a form"


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
    assert "Saved as version 2. It is not approved yet. You wrote or last edited this text" in said(answer)
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
    page.click("role=tab[name=Preview]")
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


# --- Replies to the page's script ---------------------------------------------------------------------

AS_SCRIPT = {"HTTP_ACCEPT": "application/json"}


def test_a_script_learns_the_version_it_saved_and_what_follows_from_it(desk):
    draft = make_draft(title="Old", seo_title="Old")
    approve(draft, by=make_user("emil", "Editors"))
    reply = desk.post(address(draft), opened(desk, draft, title="New\ntitle", then="save"), **AS_SCRIPT)
    draft = Draft.objects.get()
    assert (reply.status_code, reply.json()["message"]) == (200, "Saved as version 2.")
    assert reply.json()["is_saved"]
    assert (reply.json()["version"], reply.json()["content_sha256"]) == (2, draft.content_sha256)
    assert (draft.title, reply.json()["fields"]["seo_title"]) == ("New title", "New title")
    assert "Awaiting approval" in reply.json()["parts"]["meta"].replace("Approval", "approval")
    assert "is approved" not in reply.json()["parts"]["notes"]
    typed = opened(desk, draft, then="approve") | {"state": reply.json()["state"]}
    assert desk.post(address(draft), typed).status_code == 302


def test_a_script_learns_what_is_wrong_and_nothing_is_saved(desk):
    draft = make_draft()
    typed = opened(desk, draft, title="", then="save")
    reply = desk.post(address(draft), typed, **AS_SCRIPT)
    assert (reply.status_code, list(reply.json()["errors"])) == (400, ["title"])
    typed = opened(desk, draft, summary="Mine.")
    edit_draft(Draft.objects.get(), {"summary": "Theirs."}, by=make_user("walter", "Writers"))
    reply = desk.post(address(draft), typed, **AS_SCRIPT)
    assert (reply.status_code, reply.json()["is_saved"], reply.json()["version"]) == (409, False, 2)
    assert "Theirs." in reply.json()["changes"]
    assert Draft.objects.get().summary == "Theirs."


def test_unsaved_text_is_checked_without_saving_it(desk):
    draft = make_draft()
    reply = desk.post(address(draft, "check"), opened(desk, draft, body="TODO: write it.", title=""))
    found = reply.json()
    assert (reply.status_code, found["unfinished"]) == (200, 0)
    assert found["failed"][0]["is_veto"]
    assert "placeholders" in [one["check"] for one in found["failed"]]
    assert any("TODO" in passage for one in found["failed"] for passage in one["passages"])
    assert (Draft.objects.get().version, draft.quality_reports.count()) == (1, 0)
    assert desk.post(address(draft, "check"), {"body": "a" * 200_001}).status_code == 400
    assert desk.post(address(draft, "check")).status_code == 200
    assert desk.get(address(draft, "check")).status_code == 405


def test_checks_stop_beginning_at_their_deadline_and_do_not_queue(desk):
    draft = make_draft()
    found = unsaved_checks.check_unsaved(draft, {}, most_seconds=0)
    assert (found.failed, found.passed, found.unfinished > 40) == ((), 0, True)
    with unsaved_checks._one_at_a_time:
        reply = desk.post(address(draft, "check"), opened(desk, draft))
    assert (reply.status_code, "another text" in reply.json()["detail"].lower()) == (503, True)


def test_who_may_not_edit_gets_no_checks_either(client):
    draft = make_draft()
    for group in ("Publishers", "Auditors", "Integrations"):
        client.force_login(make_user(group, group, is_staff=True))
        assert client.post(address(draft, "check"), {"body": "x"}).status_code == 403
    assert Client().post(address(draft, "check")).url.startswith("/admin/login/")


def test_a_source_that_is_newly_cited_joins_the_citations_and_no_unknown_number_does(desk):
    task = make_task()
    for number in (1, 2):
        Source.objects.create(task=task, number=number, title=f"Source {number}", text="a")
    Source.objects.create(task=task, number=3, title="Broken", text="a", problem="Not found.")
    draft = make_draft(task, citations=[{"number": 1, "title": "As cited", "url": ""}])
    body = "One [1], two [2], three [3], nine [9]; `[2]`."
    shown = desk.post(address(draft, "preview"), {"body": body})
    assert 'href="#source-2"' in html(shown)
    desk.post(address(draft), opened(desk, draft, body=body))
    cited = [(one["number"], one["title"]) for one in Draft.objects.get().citations]
    assert cited == [(1, "As cited"), (2, "Source 2")]
    # The picker offers what can be cited.
    assert [one.number for one in desk.get(address(draft)).context["sources"]] == [1, 2]


def test_the_editor_sends_lines_to_the_model_and_these_choose_the_paragraphs(desk, settings):
    settings.PIPELINE_MODELS = ["openai:m"]
    draft = make_draft(body="One.\n\nTwo\nof it.\n\n- Three\n- Four")
    ask = {"kind": "shorten", "share_percent": "30", "from": "3", "to": "5"}
    assert desk.post(address(draft, "proposals"), ask).status_code == 302
    assert Proposal.objects.get().original == "Two\nof it.\n\n- Three\n- Four"
    assert desk.post(address(draft, "proposals"), ask | {"from": "90", "to": "91"}).status_code == 400
