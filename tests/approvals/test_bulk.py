"""Deciding about many drafts: each by itself, and none that was not looked at."""

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse

from approvals import review_locks
from approvals.bulk import decide_each
from approvals.errors import ReasonMissing
from approvals.models import Decision, Verdict
from approvals.review_token import ReviewToken
from tasks.actions import edit_draft
from tasks.lifecycle import Status
from tasks.models import ContentTask, Draft
from tests.accessibility import accessibility_problems
from tests.approvals.desk_browser import log_in
from tests.factories import approve, make_draft, make_user

pytestmark = pytest.mark.django_db

BULK = "/admin/desk/bulk/"


@pytest.fixture
def editor():
    return make_user("erika", "Editors", is_staff=True)


@pytest.fixture
def desk(client, editor):
    client.force_login(editor)
    return client


def html(response):
    return response.content.decode()


def selection(*drafts):
    return [f"{draft.pk}:{draft.version}" for draft in drafts]


def confirmed(page, **typed):
    """What the browser sends from the confirmation page."""
    rows = page.context["rows"]
    over = {f"over_{row.draft.pk}": row.lock.reviewer_id for row in rows if row.lock}
    selected = [row.token for row in rows if row.token and not row.warning]
    return {"confirmed": "1", "decision": "approve", "review_token": selected} | over | typed


# --- The verb -----------------------------------------------------------------------------------------


def test_each_is_decided_by_itself_and_the_rest_is_named(editor):
    good = [make_draft(title=f"Good {number}") for number in range(3)]
    own, stale, locked = make_draft(title="Own", author=editor), make_draft(), make_draft()
    tokens = [ReviewToken.issue(draft, editor) for draft in (*good, own, stale, locked)]
    edit_draft(stale, {"summary": "New."}, by=make_user("walter", "Writers"))
    review_locks.take(locked, by=make_user("ada", "Editors"))
    result = decide_each(tokens, Verdict.APPROVE, by=editor)
    assert result.sentence == "3 approved, 3 skipped: own draft, out of date, under review by another editor"
    assert {decision.draft for decision in Decision.objects.all()} == set(good)
    assert ContentTask.objects.filter(status=Status.APPROVED).count() == 3
    assert result.rows[3].title == "Own"
    assert "You wrote or last edited" in result.rows[3].detail


def test_without_its_reason_a_no_decides_about_none(editor):
    drafts = [make_draft(), make_draft()]
    with pytest.raises(ReasonMissing):
        decide_each([ReviewToken.issue(draft, editor) for draft in drafts], Verdict.REJECT, by=editor)
    assert not Decision.objects.exists()


def test_who_may_not_decide_decides_about_none():
    writer = make_user("walter", "Writers")
    with pytest.raises(PermissionDenied):
        decide_each([ReviewToken.issue(make_draft(), writer)], Verdict.APPROVE, by=writer)


# --- At the desk --------------------------------------------------------------------------------------


def test_the_selection_is_shown_again_before_it_is_decided(desk):
    first, second = make_draft(title="First"), make_draft(title="Second")
    page = desk.post(BULK, {"draft": selection(first, second), "decision": "approve"})
    assert page.status_code == 200
    for draft in (first, second):
        assert draft.title in html(page)
        assert draft.content_sha256[:12] in html(page)
    assert not Decision.objects.exists()
    done = desk.post(BULK, confirmed(page))
    assert done.status_code == 200
    assert "2 approved" in html(done)
    assert Decision.objects.filter(decision="approve", opened_at__isnull=False).count() == 2
    again = desk.post(BULK, confirmed(page))
    assert "0 approved, 2 skipped: out of date" in html(again)
    assert Decision.objects.count() == 2


def test_what_changed_or_is_locked_is_no_longer_selected_but_may_be(desk):
    changed, locked, decided = make_draft(title="A"), make_draft(title="B"), make_draft(title="C")
    values = selection(changed, locked, decided)
    edit_draft(Draft.objects.get(pk=changed.pk), {"summary": "New."}, by=make_user("walter", "Writers"))
    review_locks.take(locked, by=make_user("ada", "Editors"))
    approve(decided, by=make_user("emil", "Editors"))
    page = desk.post(BULK, {"draft": values, "decision": "approve"})
    for said in ("changed since you selected version 1", "ada is reviewing it", "It is now approved."):
        assert said in html(page)
    assert confirmed(page)["review_token"] == []
    everything = [row.token for row in page.context["rows"] if row.token]
    assert "2 approved" in html(desk.post(BULK, confirmed(page, review_token=everything)))


def test_only_the_lock_of_the_named_reviewer_is_ignored(desk):
    draft = make_draft()
    ada, bob = make_user("ada", "Editors"), make_user("bob", "Editors")
    review_locks.take(draft, by=ada)
    page = desk.post(BULK, {"draft": selection(draft), "decision": "approve"})
    review_locks.take(draft, by=bob, take_over_from=ada.pk)
    [row] = page.context["rows"]
    assert "0 approved, 1 skipped" in html(desk.post(BULK, confirmed(page, review_token=[row.token])))
    assert not Decision.objects.exists()


def test_the_own_text_is_left_out_of_an_approval_but_not_of_a_no(desk, editor):
    own = make_draft(author=editor)
    page = desk.post(BULK, {"draft": selection(own), "decision": "approve"})
    assert "Left out" in html(page)
    typed = {"decision": "reject", "reason_code": "style", "reason": "Not our best work."}
    page = desk.post(BULK, {"draft": selection(own)} | typed)
    assert "1 rejected" in html(desk.post(BULK, confirmed(page, **typed)))


def test_a_missing_reason_or_verdict_is_asked_for_and_nothing_is_lost(desk):
    draft = make_draft()
    page = desk.post(BULK, {"draft": selection(draft), "decision": "reject", "reason": "Too bad."})
    assert page.status_code == 400
    assert "Too bad.</textarea>" in html(page)
    assert [row.draft for row in page.context["rows"]] == [draft]
    page = desk.post(BULK, confirmed(page, decision="reject", reason="Too bad.", reason_code="style"))
    assert page.status_code == 400
    assert "10 characters or more" in html(page)
    page = desk.post(BULK, {"draft": selection(draft), "decision": "publish"})
    assert page.status_code == 400
    assert 'value="request_changes"' in html(page)
    assert not Decision.objects.exists()


@pytest.mark.parametrize(
    "sent", [{}, {"draft": ["x", "1", "1:x", ":", "9" * 40]}, {"confirmed": "1"},
             {"confirmed": "1", "review_token": ["forged"]}],
)  # fmt: skip
def test_no_selection_or_nonsense_leads_back_to_the_queue(desk, sent):
    answer = desk.post(BULK, sent | {"decision": "approve"})
    assert answer.url == reverse("desk:queue")
    assert not Decision.objects.exists()


def test_the_review_tokens_of_another_reviewer_are_refused(desk):
    token = ReviewToken.issue(make_draft(), make_user("emil", "Editors")).signed
    assert (
        desk.post(BULK, {"confirmed": "1", "review_token": [token], "decision": "approve"}).status_code == 302
    )
    assert not Decision.objects.exists()


@pytest.mark.parametrize("group", ["Writers", "Publishers", "Auditors", "Integrations"])
def test_others_may_not(client, group):
    draft = make_draft()
    client.force_login(make_user("other", group, is_staff=True))
    assert client.post(BULK, {"draft": selection(draft), "decision": "approve"}).status_code == 403
    assert 'name="draft"' not in html(client.get(reverse("desk:queue")))
    assert Client().post(BULK).url.startswith("/admin/login/")


def test_a_visit_decides_nothing(desk):
    assert desk.get(BULK, {"draft": selection(make_draft()), "decision": "approve"}).status_code == 405


@pytest.mark.django_db(transaction=True)
def test_two_drafts_are_approved_in_a_browser(live_server, page):
    drafts = [make_draft(title=f"Draft {number}") for number in range(3)]
    review_locks.take(drafts[2], by=make_user("ada", "Editors"))
    log_in(page, live_server.url, "erika", "Editors", at=reverse("desk:queue"))
    for draft in drafts:
        page.check(f"[aria-label='Select {draft.title}']")
    page.click("text=Decide on selected drafts")
    assert accessibility_problems(page) == []
    page.click("text=Approve …")
    page.wait_for_url(f"**{BULK}")
    assert accessibility_problems(page) == []
    page.set_viewport_size({"width": 320, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") == 320
    page.click("text=Approve selected")
    page.wait_for_selector("h1:text('2 approved')")
    assert accessibility_problems(page) == []
    assert Decision.objects.count() == 2
