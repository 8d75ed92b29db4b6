"""Objections to an approval: shown next to the button, confirmed once, recorded with the decision."""

import json
from datetime import timedelta

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from approvals import review_locks
from approvals.audit.dossier import dossier
from approvals.audit.verification import first_failure
from approvals.bulk import decide_each
from approvals.comments.threads import comment, resolve
from approvals.links.models import SignOffFeedback
from approvals.models import AuditEntry, Decision, ReviewRule, Verdict
from approvals.objections import DraftRecords, objections_from_records, objections_to
from approvals.review_token import ReviewToken
from publishing.models import Category
from publishing.publish import unpublish, update_live
from publishing.schedule import schedule
from tasks.actions import edit_draft, restore_version
from tasks.models import Draft, QualityReport
from tasks.pipeline.quality import CHECKS, run_checks
from tasks.pipeline.text.digest_phrases import phrases_for
from tasks.pipeline.types import Article, Brief, Research
from tests.accessibility import accessibility_problems
from tests.approvals.desk_browser import log_in
from tests.approvals.test_offline_verifier import verify
from tests.callers import caller
from tests.claims import CONTRADICTED, SUPPORTED, UNCITED, save_ledger
from tests.factories import BODY, approve, decide_on, make_draft, make_task, make_user, without_triggers
from tests.publishing.factories import approved_update, edit_live, make_post

pytestmark = pytest.mark.django_db

BULK = "/admin/desk/bulk/"
ALL_THE_SAME = "Approve anyway"
PASSED = {
    "check": "length",
    "status": "passed",
    "message": "Long enough.",
    "severity": "advisory",
    "evidence": [],
}
FAILED = PASSED | {"check": "figures_in_sources", "status": "failed", "message": "1 figure is in no source."}
VETO = FAILED | {"severity": "veto"}
SKIPPED = PASSED | {"check": "citations_fit", "status": "skipped", "message": "It could not run (KeyError)."}
NOTHING_TO_CHECK = SKIPPED | {"message": "The text has no quotations.", "applies": False}


@pytest.fixture
def editor():
    return make_user("erika", "Editors", is_staff=True)


@pytest.fixture
def desk(client, editor):
    client.force_login(editor)
    return client


def address(draft, view="review"):
    return reverse(f"desk:{view}", args=[draft.pk])


def html(response):
    return response.content.decode()


def report(draft, *results, **fields):
    return QualityReport.objects.create(draft=draft, version=draft.version, results=list(results), **fields)


def remark(draft, text="Where is this from?"):
    return comment(draft, version=draft.version, text=text, by=make_user("wim", "Writers"))


def kinds(draft):
    found = objections_to(Draft.objects.select_related("task").get(pk=draft.pk))
    return [one.kind for one in found.to_confirm]


def form_of(page, **typed):
    """What the page's form sends when "Approve" is pressed, its hidden fields included."""
    form = page.context["form"]
    shown = {name: form[name].value() or "" for name in ("version", "content_sha256", "state", "reason")}
    despite = {"despite": page.context["objections"].fingerprint} if page.context["must_confirm"] else {}
    return shown | despite | {"decision": "approve"} | typed


# --- What counts --------------------------------------------------------------------------------------


def commented(draft):
    remark(draft)


def failing(draft):
    report(draft, PASSED, FAILED, VETO)


def not_run(draft):
    report(draft, PASSED, SKIPPED)


def changed_since(draft):
    report(draft, PASSED)
    edit_draft(draft, {"summary": "New words."}, by=make_user("wim", "Writers"))


def contradicted(draft):
    save_ledger(draft, SUPPORTED, CONTRADICTED, UNCITED)


def badly_scored(draft):
    with without_triggers():
        Draft.objects.filter(pk=draft.pk).update(score=draft.task.quality_threshold - 1)


def badly_scored_by_checks(draft):
    report(draft, PASSED, score=draft.task.quality_threshold - 1)


def digest(draft):
    edit_draft(draft, {"body": f"> {phrases_for('de').label}\n\n{BODY}"}, by=make_user("wim", "Writers"))


def sent_back_and_unchanged(draft):
    edit_draft(draft, {"summary": "Worse."}, by=make_user("wim", "Writers"))
    decide_on(draft, Verdict.REQUEST_CHANGES, by=make_user("emil", "Editors"))
    draft.task.move_to("in_progress")
    draft.task.move_to("awaiting_approval")


def doubted(draft):
    with without_triggers():
        SignOffFeedback.objects.create(
            draft=draft, version=1, content_sha256=draft.content_sha256, person="Dr. Outside",
            choice="concerns", text="This is not what the study says.", link_id=1,
        )  # fmt: skip


def no_summary(draft):
    edit_draft(draft, {"summary": " "}, by=make_user("wim", "Writers"))


def no_slug(draft):
    edit_draft(draft, {"slug": ""}, by=make_user("wim", "Writers"))


def bad_slug(draft):
    edit_draft(draft, {"slug": "two words"}, by=make_user("wim", "Writers"))


def no_title(draft):
    edit_draft(draft, {"title": ""}, by=make_user("wim", "Writers"))


def taken(draft):
    make_post(slug=draft.slug)


def taken_by_what_was_withdrawn(draft):
    unpublish(make_post(slug=draft.slug), by=make_user("paula", "Publishers"))


def taken_by_an_earlier_address(draft):
    update = approved_update(make_post(slug=draft.slug), slug="elsewhere")
    update_live(update, by=make_user("paula", "Publishers"), kind="minor")


def planned_by_another(draft):
    other = make_draft(slug=draft.slug)
    approve(other)
    at = timezone.now() + timedelta(hours=1)
    schedule(other, at, zone="UTC", by=make_user("paula", "Publishers"))


def without_its_image(draft):
    edit_draft(draft, {"cover_image": "0" * 64}, by=make_user("wim", "Writers"))


CASES = {
    commented: ("comments", "1 comment is unresolved."),
    failing: ("checks_failed", "2 checks failed, 1 of which must be fixed."),
    not_run: ("checks_skipped", "1 check could not be run."),
    contradicted: ("claims_contradicted", "1 sentence is contradicted by its source."),
    changed_since: ("unchecked", "Version 2 has not been checked"),
    badly_scored: ("score", "The score is 69, below the threshold of 70."),
    badly_scored_by_checks: ("score", "below the threshold of 70"),
    digest: ("digest", "calls itself a digest"),
    sent_back_and_unchanged: ("request", "emil requested changes to exactly this text"),
    doubted: ("concerns", "Dr. Outside"),
    no_summary: ("summary_missing", "no summary"),
    no_slug: ("slug_unusable", "no slug"),
    bad_slug: ("slug_unusable", "cannot be used in an address"),
    no_title: ("text_missing", "no title"),
    taken: ("slug_taken", "Another post has or had the address"),
    taken_by_what_was_withdrawn: ("slug_taken", "Another post has or had the address"),
    taken_by_an_earlier_address: ("slug_taken", "has or had"),
    planned_by_another: ("slug_taken", "is scheduled for the address"),
    without_its_image: ("image_missing", "cover image"),
}


@pytest.mark.parametrize("against", CASES, ids=lambda case: case.__name__)
def test_it_is_shown_next_to_the_button_and_confirmed_once(desk, editor, against):
    draft = make_draft()
    against(draft)
    kind, words = CASES[against]
    page = desk.get(address(draft))
    assert kinds(draft) == [kind]
    assert words in page.context["objections"].to_confirm[0].text
    assert 'id="objections"' in html(page)
    assert ALL_THE_SAME not in html(page)
    asked = desk.post(address(draft), form_of(page, reason="Good enough for us."))
    assert asked.status_code == 409
    assert ALL_THE_SAME in html(asked)
    assert "Good enough for us.</textarea>" in html(asked)
    assert not Decision.objects.filter(actor=editor).exists()
    done = desk.post(address(draft), form_of(asked))
    assert done.status_code == 302
    decision = Decision.objects.get(actor=editor)
    assert (decision.decision, decision.reason) == ("approve", "Good enough for us.")
    assert [one["kind"] for one in decision.objections] == [kind]
    entry = AuditEntry.objects.get(action="decision.created", object_id=decision.pk)
    assert entry.data["objections"] == decision.objections
    assert first_failure() is None


def test_without_objections_no_confirmation_is_needed(desk):
    draft = make_draft()
    report(draft, PASSED, NOTHING_TO_CHECK, score=draft.task.quality_threshold)
    resolve(remark(draft), by=make_user("wim", "Writers"))
    page = desk.get(address(draft))
    assert 'id="objections"' not in html(page)
    assert desk.post(address(draft), form_of(page)).status_code == 302
    assert Decision.objects.get().objections == []


def test_a_refusal_needs_no_confirmation(desk):
    draft = make_draft()
    remark(draft)
    typed = {"decision": "reject", "reason_code": "style", "reason": "Not for our readers."}
    assert desk.post(address(draft), form_of(desk.get(address(draft)), **typed)).status_code == 302
    assert Decision.objects.get().objections is None


def test_new_objections_have_to_be_confirmed_again(desk):
    draft = make_draft()
    remark(draft)
    asked = desk.post(address(draft), form_of(desk.get(address(draft))))
    remark(draft, "And this?")
    again = desk.post(address(draft), form_of(asked))
    assert again.status_code == 409
    assert "2 comments are unresolved." in html(again)
    assert desk.post(address(draft), form_of(again)).status_code == 302


def test_what_was_put_right_since_is_not(desk):
    draft = make_draft()
    row = remark(draft)
    asked = desk.post(address(draft), form_of(desk.get(address(draft))))
    resolve(row, by=make_user("wim", "Writers"))
    assert desk.post(address(draft), form_of(asked)).status_code == 302
    assert Decision.objects.get().objections == []


@pytest.mark.parametrize("despite", ["", "1", "true", "0" * 64])
def test_it_is_not_confirmed_by_guessing(desk, despite):
    draft = make_draft()
    remark(draft)
    typed = form_of(desk.get(address(draft)), despite=despite)
    assert desk.post(address(draft), typed).status_code == 409
    assert not Decision.objects.exists()


def test_a_lock_and_objections_are_confirmed_at_once(desk):
    draft, ada = make_draft(), make_user("ada", "Editors")
    review_locks.take(draft, by=ada)
    remark(draft)
    asked = desk.post(address(draft), form_of(desk.get(address(draft))))
    assert asked.status_code == 409
    assert ALL_THE_SAME in html(asked)
    assert "ada is reviewing" in html(asked)
    assert desk.post(address(draft), form_of(asked, over_lock=ada.pk)).status_code == 302


def test_a_tick_to_ignore_a_lock_survives_the_confirmation(desk):
    draft, ada = make_draft(), make_user("ada", "Editors")
    review_locks.take(draft, by=ada)
    remark(draft)
    asked = desk.post(address(draft), form_of(desk.get(address(draft)), over_lock=ada.pk))
    assert 'id="over-lock" checked' in html(asked)
    review_locks.take(draft, by=make_user("bob", "Editors"), take_over_from=ada.pk)
    other = desk.post(address(draft), form_of(asked, over_lock=ada.pk))
    assert other.status_code == 409
    assert 'id="over-lock" checked' not in html(other), "it was meant over ada"


def test_a_text_that_changed_is_shown_before_anything_is_confirmed(desk):
    draft = make_draft()
    remark(draft)
    asked = desk.post(address(draft), form_of(desk.get(address(draft))))
    edit_draft(Draft.objects.get(), {"summary": "New."}, by=make_user("wim", "Writers"))
    again = desk.post(address(draft), form_of(asked))
    assert again.status_code == 409
    assert ALL_THE_SAME not in html(again)
    assert not Decision.objects.exists()


def test_all_see_them_and_only_who_may_approve_can_confirm(client, editor):
    draft = make_draft(author=editor, slug="two words")
    for name, group in (("wim", "Writers"), ("erika", "Editors")):
        client.force_login(make_user(name, group, is_staff=True))
        page = client.get(address(draft) + "?confirm=approve")
        assert "cannot be used in an address" in html(page)
        assert ALL_THE_SAME not in html(page)


def test_a_new_category_is_shown_and_needs_no_confirmation(desk):
    draft = make_draft(make_task(category="Urban  life"))
    assert "“Urban  life” is new" in html(desk.get(address(draft)))
    assert kinds(draft) == []
    Category.objects.create(name="urban-Life", slug="urban-life")
    assert "is new" not in html(desk.get(address(draft)))


def test_a_rule_that_nobody_else_can_meet_is_shown_before_the_first_approval(desk, editor):
    ReviewRule.objects.create(category="Law", approvals_needed=2)
    draft = make_draft(make_task(category="Law"))
    assert "2 approvals, but 1 of the editors may approve" in html(desk.get(address(draft)))
    emil = make_user("emil", "Editors")
    assert "of the editors may approve" not in html(desk.get(address(draft)))
    emil.is_active = False
    emil.save()
    assert "2 approvals, but 1 of the editors may approve" in html(desk.get(address(draft)))


def test_the_only_editor_who_may_not_approve_sees_it(desk, editor):
    draft = make_draft(author=editor)
    assert "1 approval, but none of the editors may approve this text" in html(desk.get(address(draft)))
    make_user("emil", "Editors")
    assert "of the editors may approve" not in html(desk.get(address(draft)))


def test_what_prevents_publication_is_shown_after_the_approval_too(client):
    draft = make_draft(slug="wanted")
    approve(draft)
    make_post(slug="wanted")
    client.force_login(make_user("paula", "Publishers", is_staff=True))
    page = html(client.get(address(draft)))
    assert "What prevents its publication" in page
    assert "Another post has or had the address wanted" in page


def test_a_newer_text_of_what_is_live_has_its_own_address(desk):
    draft = edit_live(make_post(slug="live"))
    assert kinds(draft) == []
    make_post(slug="other")
    edit_draft(draft, {"slug": "other"}, by=make_user("edna", "Editors"))
    assert kinds(draft) == ["slug_taken"]


def test_a_no_that_was_gone_back_on_is_over():
    draft = make_draft()
    sent_back_and_unchanged(draft)
    approve(draft, by=make_user("emil", "Editors"))
    assert kinds(draft) == []


def test_a_rejected_text_that_is_restored_is_named():
    draft = make_draft()
    decide_on(draft, Verdict.REJECT, by=make_user("emil", "Editors"))
    draft.task.move_to("pending")
    draft.task.move_to("in_progress")
    draft.task.move_to("awaiting_approval")
    edit_draft(draft, {"summary": "Better."}, by=make_user("wim", "Writers"))
    assert kinds(draft) == []
    restore_version(draft, 1, by=make_user("wim", "Writers"))
    assert kinds(draft) == ["request"]


def test_many_comments_are_cut_and_counted():
    draft = make_draft()
    for number in range(15):
        remark(draft, f"Remark {number}. " + "word " * 200)
    [found] = objections_to(draft).to_confirm
    assert found.text == "15 comments are unresolved."
    assert len(found.details) == 11
    assert found.details[-1] == "And 5 more."
    assert max(map(len, found.details)) <= 200


def test_contradicted_sentences_are_named_and_those_without_support_counted_in_a_note(desk):
    draft = make_draft()
    unsupported = CONTRADICTED | {"verdict": "unsupported", "text": "Walls never warm."}
    save_ledger(draft, SUPPORTED, CONTRADICTED, UNCITED, unsupported)
    found = objections_to(draft)
    objection, note = (one for one in found.to_text if one.kind.startswith("claims"))
    assert (objection.needs_confirmation, note.needs_confirmation) == (True, False)
    assert objection.details == ("Trees cool a street by shade and by water. It says 450 litres.",)
    assert note.text == (
        "Factual sentences: 4; without a citation: 1; found in no passage of the sources they cite: 1."
    )
    shown = desk.get(address(draft)).context["objections"]
    assert shown.fingerprint == found.fingerprint, "the page and the decision see the same"
    edit_draft(draft, {"summary": "New words."}, by=make_user("wim", "Writers"))
    save_ledger(draft, SUPPORTED)
    left = [one.kind for one in objections_to(draft).to_text]
    assert "claims_contradicted" not in left, "claims of an earlier version are none of this one"


def test_objections_from_records_take_no_query(django_assert_num_queries):
    draft = make_draft()
    found = report(draft, FAILED, SKIPPED, score=1)
    with django_assert_num_queries(0):
        assert [one.kind for one in objections_from_records(draft, DraftRecords(found))] == [
            "checks_failed", "checks_skipped", "score",
        ]  # fmt: skip


def test_a_check_that_does_not_apply_differs_from_one_that_could_not_run():
    brief = Brief(topic="Trees", language="en")
    article = Article(title="Trees", body="A tree. " * 3, summary="")
    results = run_checks(brief, Research(sources=()), article)
    applies = {result.check: result.applies for result in results if result.status == "skipped"}
    assert applies["quotations_verbatim"] is False
    assert applies["claims_supported"] is True, "there is nothing to compare the text with"
    assert len(results) == len(CHECKS)


# --- Many at once -------------------------------------------------------------------------------------


def test_of_many_each_with_an_objection_is_selected_again(desk):
    good, bad = make_draft(title="Good"), make_draft(title="Bad")
    remark(bad)
    typed = {"draft": [f"{one.pk}:1" for one in (good, bad)], "decision": "approve"}
    page = desk.post(BULK, typed)
    assert "1 comment is unresolved." in html(page)
    assert [row.is_selected for row in page.context["rows"]] == [True, False]
    despite = {
        f"despite_{row.draft.pk}": row.objections.fingerprint
        for row in page.context["rows"]
        if row.objections.to_confirm
    }
    everything = [row.token for row in page.context["rows"]]
    done = desk.post(BULK, {"confirmed": "1", "decision": "approve", "review_token": everything} | despite)
    assert "2 approved" in html(done)
    assert [one.way for one in Decision.objects.all()] == ["bulk", "bulk"]
    assert Decision.objects.get(draft=bad).objections[0]["kind"] == "comments"


def test_of_many_what_came_up_since_is_skipped_and_named(desk, editor):
    good, bad = make_draft(title="Good"), make_draft(title="Bad")
    tokens = [ReviewToken.issue(draft, editor) for draft in (good, bad)]
    remark(bad)
    result = decide_each(tokens, Verdict.APPROVE, by=editor)
    assert result.sentence == "1 approved, 1 skipped: objections"
    assert "1 comment is unresolved." in result.rows[1].detail
    assert not Decision.objects.filter(draft=bad).exists()


def test_of_many_a_refusal_needs_no_confirmation(desk):
    draft = make_draft()
    remark(draft)
    typed = {"decision": "reject", "reason_code": "style", "reason": "Not for our readers."}
    page = desk.post(BULK, {"draft": [f"{draft.pk}:1"]} | typed)
    assert [row.is_selected for row in page.context["rows"]] == [True]
    assert "unresolved" not in html(page)


def test_many_drafts_take_no_more_queries(desk, django_assert_max_num_queries):
    def selected(drafts):
        return {"draft": [f"{one.pk}:1" for one in drafts], "decision": "approve"}

    def queries(drafts):
        with django_assert_max_num_queries(200) as captured:
            assert desk.post(BULK, selected(drafts)).status_code == 200
        return len(captured)

    drafts = [make_draft() for _ in range(12)]
    for draft in drafts:
        remark(draft)
    few = queries(drafts[:2])
    # The rule is looked up for each draft: who may approve, and how many have to.
    assert queries(drafts) - few <= 3 * 10


# --- While editing ------------------------------------------------------------------------------------


def edit_form(page, **typed):
    form = page.context["form"]
    return {name: form[name].value() for name in form.fields} | typed


def test_saving_and_approving_leads_to_the_objections(desk):
    ReviewRule.objects.create(category="", four_eyes=False)
    draft = make_draft()
    remark(draft)
    page = desk.get(address(draft, "edit"))
    assert "1 comment is unresolved." in html(page)
    answer = desk.post(address(draft, "edit"), edit_form(page, summary="Mine.", then="approve"))
    assert answer.status_code == 302
    said = " ".join(map(str, get_messages(answer.wsgi_request)))
    assert "Saved as version 2. It is not approved yet" in said
    assert not Decision.objects.exists()
    asked = desk.get(answer.url)
    assert ALL_THE_SAME in html(asked)
    assert desk.post(address(draft), form_of(asked)).status_code == 302
    assert (Decision.objects.get().version, Decision.objects.get().way) == (2, "review")


def test_saving_and_approving_without_objections_is_one_step(desk):
    ReviewRule.objects.create(category="", four_eyes=False)
    draft = make_draft()
    page = desk.get(address(draft, "edit"))
    desk.post(address(draft, "edit"), edit_form(page, summary="Mine.", then="approve"))
    assert (Decision.objects.get().version, Decision.objects.get().way) == (2, "edit")


def test_the_edit_page_says_what_would_prevent_the_publication(desk, client):
    make_post(slug="taken")
    draft = make_draft(slug="taken")
    page = desk.get(address(draft, "edit"))
    assert "Another post has or had the address taken" in html(page)
    mended = desk.post(address(draft, "edit"), edit_form(page, slug="free", then="preview"))
    assert "has or had the address" not in html(mended)
    worse = desk.post(address(draft, "edit"), edit_form(page, slug="taken", summary="", then="preview"))
    assert "has or had the address" in html(worse)
    assert "There is no summary" in html(worse)
    client.force_login(make_user("wim", "Writers", is_staff=True))
    assert "What would prevent its publication" in html(client.get(address(draft, "edit")))


def test_the_edit_page_states_the_rule_of_the_category(desk):
    draft = make_draft(make_task(category="Law"))
    assert "nobody may approve a text that they changed" in html(desk.get(address(draft, "edit")))
    ReviewRule.objects.create(category="Law", four_eyes=False, approvals_needed=2)
    page = html(desk.get(address(draft, "edit")))
    assert "you may approve a text that you changed" in page
    assert "approvals from 2 people" in page


# --- Over the API, and on record ----------------------------------------------------------------------


def test_over_the_api_they_are_recorded_and_refuse_nothing():
    draft, editor = make_draft(slug="two words"), caller("Editors")
    remark(draft)
    body = {"decision": "approve", "version": 1, "content_sha256": draft.content_sha256}
    assert editor.post(f"/api/drafts/{draft.pk}/decisions/", body).status_code == 201
    decision = Decision.objects.get()
    assert decision.way == "api"
    assert [one["kind"] for one in decision.objections] == ["comments", "slug_unusable"]
    [entry] = editor.get("/api/audit/?action=decision.created").json()["results"]
    assert entry["data"]["objections"] == decision.objections


def approved_in_spite(desk):
    draft = make_draft()
    remark(draft)
    desk.post(address(draft), form_of(desk.post(address(draft), form_of(desk.get(address(draft))))))
    return draft


@pytest.mark.parametrize("change", ["objections = '[]'", "way = 'review2'", "objections = NULL"])
def test_a_record_that_was_changed_afterwards_is_found(desk, change):
    approved_in_spite(desk)
    with without_triggers(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE approvals_decision SET {change}")
    assert first_failure().kind == "altered"


def test_the_dossier_says_so_and_is_verified_offline(desk, tmp_path):
    draft = approved_in_spite(desk)
    found = dossier(draft, by=None, via="command")
    assert found["decisions"][0]["objections"][0]["kind"] == "comments"
    assert verify(tmp_path, [json.dumps(found)])[0] == 0
    found["decisions"][0]["objections"] = []
    assert verify(tmp_path, [json.dumps(found)])[0] == 1


# --- In a browser -------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_by_keyboard_it_takes_one_more_press_and_works_without_script(live_server, browser):
    draft = make_draft()
    report(draft, FAILED)
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    log_in(page, live_server.url, "erika", "Editors", at=address(draft))
    assert "1 check failed." in page.inner_text("#objections")
    page.keyboard.press("a")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector(f"text={ALL_THE_SAME}")
    assert page.evaluate("document.activeElement.id") == "objections"
    assert accessibility_problems(page) == []
    # The same keys pressed once too often decide nothing.
    page.keyboard.press("Control+Enter")
    assert not Decision.objects.exists()
    page.set_viewport_size({"width": 320, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") == 320
    page.keyboard.press("a")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector(".messagelist .success")
    assert Decision.objects.get().objections[0]["kind"] == "checks_failed"
    context.close()
    other = make_draft()
    remark(other)
    plain = browser.new_context(java_script_enabled=False)
    page = plain.new_page()
    log_in(page, live_server.url, "emil", "Editors", at=address(other))
    page.check("#with-note")
    page.fill("#id_reason", "Good enough.")
    page.click("text=Approve")
    page.click(f"text={ALL_THE_SAME}")
    page.wait_for_selector(".messagelist .success")
    assert Decision.objects.get(draft=other).reason == "Good enough."
    plain.close()
