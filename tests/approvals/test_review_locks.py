"""Who is looking at a draft, and what that means for others."""

from datetime import timedelta
from threading import Barrier, Thread

import pytest
from django.contrib.messages import get_messages
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from approvals import review_locks
from approvals.errors import LockedByOther
from approvals.models import Decision, ReviewLock
from approvals.review_token import ReviewToken
from tasks.errors import TransitionRefused
from tasks.lifecycle import Status
from tests.approvals.desk_browser import log_in
from tests.factories import ago, approve, make_draft, make_user

pytestmark = pytest.mark.django_db


def editor(name):
    return make_user(name, "Editors", is_staff=True)


def browser(name, *groups):
    client = Client()
    client.user = make_user(name, *(groups or ("Editors",)), is_staff=True)
    client.force_login(client.user)
    return client


def address(draft, view="review"):
    return reverse(f"desk:{view}", args=[draft.pk])


def html(response):
    return response.content.decode()


def said(response):
    return " ".join(str(message) for message in get_messages(response.wsgi_request))


def verdict(draft, decision="approve", **typed):
    return {"version": draft.version, "content_sha256": draft.content_sha256, "decision": decision} | typed


def expire(draft):
    ReviewLock.objects.filter(draft=draft).update(expires_at=ago(seconds=1))


# --- The verbs ----------------------------------------------------------------------------------------


def test_a_lock_lasts_as_long_as_the_setting_says(settings):
    settings.CLAIM_MINUTES = 7
    held = review_locks.take(make_draft(), by=editor("ada"))
    assert held.expires_at - held.locked_at == timedelta(minutes=7)


def test_nobody_else_gets_it_until_it_expires():
    draft = make_draft()
    review_locks.take(draft, by=editor("ada"))
    with pytest.raises(LockedByOther, match="ada is reviewing this draft until"):
        review_locks.take(draft, by=editor("bob"))
    expire(draft)
    assert review_locks.current(draft) is None
    assert review_locks.take(draft, by=editor("bob")).taken_from is None


def test_taking_a_lock_again_renews_it_and_leaves_its_start():
    draft = make_draft()
    first = review_locks.take(draft, by=editor("ada"))
    ReviewLock.objects.update(locked_at=ago(minutes=19), expires_at=ago(seconds=-30))
    again = review_locks.take(draft, by=editor("ada"))
    assert again.locked_at < first.locked_at
    assert again.expires_at > first.expires_at - timedelta(seconds=30)


def test_a_lock_is_taken_over_only_from_the_named_reviewer():
    draft, ada, bob, eve = make_draft(), editor("ada"), editor("bob"), editor("eve")
    review_locks.take(draft, by=ada)
    assert review_locks.take(draft, by=bob, take_over_from=ada.pk).taken_from == ada
    with pytest.raises(LockedByOther):
        review_locks.take(draft, by=eve, take_over_from=ada.pk)
    assert review_locks.current(draft).reviewer == bob


def test_only_the_holder_releases_or_renews_the_lock():
    draft, ada, bob = make_draft(), editor("ada"), editor("bob")
    held = review_locks.take(draft, by=ada)
    review_locks.renew(draft, by=bob)
    assert not review_locks.release(draft, by=bob)
    assert review_locks.current(draft).expires_at == held.expires_at
    ReviewLock.objects.update(expires_at=ago(minutes=-1))
    review_locks.renew(draft, by=ada)
    assert review_locks.current(draft).expires_at > timezone.now() + timedelta(minutes=15)
    expire(draft)
    review_locks.renew(draft, by=ada)
    assert review_locks.current(draft) is None


def test_what_awaits_no_decision_is_not_locked():
    draft = make_draft()
    approve(draft)
    with pytest.raises(TransitionRefused):
        review_locks.take(draft, by=editor("ada"))
    assert not ReviewLock.objects.exists()


@pytest.mark.parametrize("group", ["Writers", "Publishers", "Auditors", "Integrations"])
def test_only_editors_take_locks(group):
    with pytest.raises(PermissionDenied):
        review_locks.take(make_draft(), by=make_user("", group))


@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_one_gets_the_lock():
    draft, people = make_draft(), [editor(f"editor{number}") for number in range(8)]
    start, got, refused = Barrier(len(people)), [], []

    def ask(person):
        try:
            start.wait(10)
            review_locks.take(draft, by=person)
            got.append(person)
        except LockedByOther:
            refused.append(person)
        finally:
            connection.close()

    threads = [Thread(target=ask, args=[person]) for person in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert (len(got), len(refused)) == (1, 7)
    assert review_locks.current(draft).reviewer == got[0]


def test_any_decision_by_anyone_ends_the_lock():
    draft = make_draft()
    review_locks.take(draft, by=editor("ada"))
    approve(draft, by=editor("bob"))  # over the API, which does not ask
    assert not ReviewLock.objects.exists()


# --- At the desk --------------------------------------------------------------------------------------


def test_the_reviewer_is_shown_on_the_queue_and_the_page():
    draft, ada, bob = make_draft(), browser("ada"), browser("bob")
    assert "Start review" in html(ada.get(address(draft)))
    assert ada.post(address(draft, "take-review-lock")).status_code == 302
    assert "You are reviewing it" in html(ada.get(address(draft)))
    assert "ada is reviewing it" in html(bob.get(address(draft)))
    assert "ada is reviewing it" in html(bob.get(reverse("desk:queue")))
    assert "Take over" not in html(browser("audrey", "Auditors").get(address(draft)))
    expire(draft)
    assert "is reviewing it" not in html(bob.get(reverse("desk:queue")))
    assert "Nobody is reviewing it" in html(bob.get(address(draft)))


def test_a_visit_takes_no_lock():
    draft, ada = make_draft(), browser("ada")
    ada.get(address(draft))
    assert ada.get(address(draft, "take-review-lock")).status_code == 405
    assert ada.get(address(draft, "release-review-lock")).status_code == 405
    assert not ReviewLock.objects.exists()


def test_the_previous_reviewer_sees_that_it_was_taken_over():
    draft, ada, bob = make_draft(), browser("ada"), browser("bob")
    ada.post(address(draft, "take-review-lock"))
    assert "ada is reviewing this draft" in said(bob.post(address(draft, "take-review-lock")))
    assert "from ada" in said(bob.post(address(draft, "take-review-lock"), {"over": ada.user.pk}))
    assert "and took over from you" in html(ada.get(address(draft)))


def test_releasing_leads_back_to_the_queue():
    draft, ada = make_draft(), browser("ada")
    ada.post(address(draft, "take-review-lock"))
    assert ada.post(address(draft, "release-review-lock")).url == reverse("desk:queue")
    assert review_locks.current(draft) is None


def test_the_script_renews_without_a_page():
    draft, ada = make_draft(), browser("ada")
    ada.post(address(draft, "take-review-lock"))
    assert ada.post(address(draft, "take-review-lock"), {"quietly": "1"}).status_code == 204


@pytest.mark.parametrize("group", ["Writers", "Publishers", "Auditors", "Integrations"])
@pytest.mark.parametrize("view", ["take-review-lock", "release-review-lock"])
def test_others_may_neither_take_nor_release_a_lock(group, view):
    draft = make_draft()
    assert browser("other", group).post(address(draft, view)).status_code == 403
    assert Client().post(address(draft, view)).url.startswith("/admin/login/")


def test_a_decision_despite_a_lock_has_to_be_confirmed():
    draft, ada, bob = make_draft(), browser("ada"), browser("bob")
    ada.post(address(draft, "take-review-lock"))
    typed = verdict(draft, "reject", reason_code="style", reason="Much too long for us.")
    answer = bob.post(address(draft), typed)
    assert answer.status_code == 409
    assert "ada is reviewing this draft until" in html(answer)
    assert "Much too long for us.</textarea>" in html(answer)
    assert not Decision.objects.exists()
    assert bob.post(address(draft), typed | {"over_lock": bob.user.pk}).status_code == 409
    assert f'name="over_lock" value="{ada.user.pk}"' in html(answer)
    assert bob.post(address(draft), typed | {"over_lock": ada.user.pk}).status_code == 302
    assert not ReviewLock.objects.exists()


def test_the_lock_holder_decides_without_confirming():
    draft, ada = make_draft(), browser("ada")
    ada.post(address(draft, "take-review-lock"))
    assert ada.post(address(draft), verdict(draft)).status_code == 302


@pytest.mark.django_db(transaction=True)
def test_a_visible_page_renews_its_lock(live_server, page):
    draft, ada = make_draft(), make_user("ada", "Editors", is_staff=True)
    review_locks.take(draft, by=ada)
    ReviewLock.objects.update(expires_at=ago(minutes=-2))
    with page.expect_response(lambda answer: answer.url.endswith("/claim/")) as renewed:
        log_in(page, live_server.url, "ada", "Editors", at=address(draft))
    assert renewed.value.status == 204
    assert review_locks.current(draft).expires_at > timezone.now() + timedelta(minutes=15)


def test_a_refused_decision_renews_the_lock():
    draft, ada = make_draft(), browser("ada")
    review_locks.take(draft, by=ada.user)
    ReviewLock.objects.update(expires_at=ago(minutes=-2))
    assert ada.post(address(draft), verdict(draft, "reject")).status_code == 400
    assert review_locks.current(draft).expires_at > timezone.now() + timedelta(minutes=15)


# --- What was on the screen ---------------------------------------------------------------------------


def test_a_decision_records_since_when_the_text_was_open():
    draft, ada = make_draft(), browser("ada")
    page = ada.get(address(draft))
    state = page.context["form"]["state"].value()
    assert ada.post(address(draft), verdict(draft, state=state)).status_code == 302
    decision = Decision.objects.get()
    assert decision.opened_at < decision.decided_at
    assert 0 < decision.seconds_open < 60


def test_a_decision_without_a_screen_has_no_opening_time():
    approve(make_draft())
    assert Decision.objects.get().seconds_open is None


def test_another_reason_keeps_the_time_at_which_the_text_was_opened():
    draft, ada = make_draft(), browser("ada")
    state = ada.get(address(draft)).context["form"]["state"].value()
    answer = ada.post(address(draft), verdict(draft, "reject", state=state))
    assert answer.status_code == 400
    assert answer.context["form"]["state"].value() == state


def test_what_came_back_with_the_same_bytes_is_not_what_was_on_the_screen():
    draft, ada = make_draft(), browser("ada")
    state = ada.get(address(draft)).context["form"]["state"].value()
    approve(draft, by=editor("bob"))
    draft.task.move_to(Status.AWAITING_APPROVAL)
    answer = ada.post(address(draft), verdict(draft, state=state))
    assert answer.status_code == 409
    assert "bob decided: approve" in html(answer)
    assert Decision.objects.count() == 1
    # What is shown now may be decided.
    again = answer.context["form"]["state"].value()
    assert ada.post(address(draft), verdict(draft, state=again)).status_code == 302


def test_a_token_of_another_text_or_reviewer_or_a_forged_one_decides_nothing():
    draft, other, ada, bob = make_draft(), make_draft(), browser("ada"), editor("bob")
    for state in (
        "forged", ReviewToken.issue(other, ada.user).signed, ReviewToken.issue(draft, bob).signed,
        ReviewToken.issue(draft, ada.user).signed[:-1],
    ):  # fmt: skip
        answer = ada.post(address(draft), verdict(draft, state=state))
        assert answer.status_code == 400
        assert "It is not clear which version you read" in html(answer)
    assert not Decision.objects.exists()
