"""Where two people have to approve: the page and the queue show how many have."""

import pytest
from django.urls import reverse

from approvals.bulk import decide_each
from approvals.desk.review_parts import standing
from approvals.models import Decision, ReviewRule, Verdict
from approvals.review_token import ReviewToken
from tasks.actions import edit_draft
from tasks.lifecycle import Status
from tasks.models import Draft
from tests.accessibility import accessibility_problems
from tests.approvals.desk_browser import log_in
from tests.factories import approve, decide_on, make_draft, make_task, make_user

pytestmark = pytest.mark.django_db

HALF = "One of two approvals given, by ada; one more needed"
NONE = "Needs two approvals; none given yet"


@pytest.fixture
def draft():
    ReviewRule.objects.create(category="Law", approvals_needed=2)
    return make_draft(make_task(category="Law"), title="Trees and law")


@pytest.fixture
def ada():
    return make_user("ada", "Editors", is_staff=True)


def page_of(client, draft, user):
    client.force_login(user)
    return client.get(reverse("desk:review", args=[draft.pk])).content.decode()


def queue_of(client, user, queue="awaiting"):
    client.force_login(user)
    return client.get(reverse("desk:queue"), {"queue": queue}).content.decode()


def test_the_page_says_in_its_header_and_by_the_form_what_is_missing(client, draft, ada):
    emil = make_user("emil", "Editors", is_staff=True)
    assert page_of(client, draft, emil).count(NONE) == 2
    approve(draft, by=ada)
    page = page_of(client, draft, emil)
    assert (page.count(HALF), NONE in page) == (2, False)
    approve(draft, by=emil)
    assert HALF not in page_of(client, draft, emil)


def test_the_first_approver_sees_why_another_has_to_give_the_second(client, draft, ada):
    approve(draft, by=ada)
    page = page_of(client, draft, ada)
    assert "You have already approved this text, so another editor has to give the second approval." in page
    assert "You wrote or last edited this text" not in page


def test_the_first_approver_sees_that_a_second_person_is_needed(client, draft, ada):
    client.force_login(ada)
    typed = {"version": 1, "content_sha256": draft.content_sha256, "decision": "approve"}
    answer = client.post(reverse("desk:review", args=[draft.pk]), typed, follow=True)
    assert "A second person still has to approve it." in answer.content.decode()


def test_who_may_not_decide_reads_it_too(client, draft, ada):
    approve(draft, by=ada)
    assert page_of(client, draft, make_user("wim", "Writers", is_staff=True)).count(HALF) == 2


def test_one_approval_is_nothing_to_speak_of(client, ada):
    page = page_of(client, make_draft(), ada)
    assert NONE not in page
    assert HALF not in page


def test_the_queues_say_it_as_well(client, draft, ada):
    emil = make_user("emil", "Editors", is_staff=True)
    make_draft(title="Trees in town")
    assert queue_of(client, emil, "mine").count(NONE) == 1
    approve(draft, by=ada)
    assert queue_of(client, emil, "mine").count(HALF) == 1
    assert queue_of(client, ada, "others").count(HALF) == 1


def test_an_edit_leaves_no_approval_standing(client, draft, ada):
    approve(draft, by=ada)
    edit_draft(draft, {"summary": "Another."}, by=make_user("wim", "Editors"))
    assert NONE in page_of(client, draft, ada)
    assert NONE in queue_of(client, ada, "mine")
    current = Draft.objects.get(pk=draft.pk)
    assert standing(current, list(Decision.objects.all())).given == []


def test_a_no_takes_the_first_approval_back_though_the_text_stays_the_same(client, draft, ada):
    approve(draft, by=ada)
    emil = make_user("emil", "Editors", is_staff=True)
    decide_on(draft, Verdict.REQUEST_CHANGES, by=emil)
    draft.task.move_to(Status.IN_PROGRESS)
    draft.task.move_to(Status.AWAITING_APPROVAL)  # the run found nothing to change
    assert HALF not in page_of(client, draft, ada)
    assert NONE in queue_of(client, ada, "mine")
    approve(draft, by=ada)
    assert HALF in page_of(client, draft, emil)
    assert HALF in queue_of(client, emil, "mine")


def test_of_many_approved_at_once_those_that_wait_are_counted(draft, ada):
    other = make_draft(title="Trees in town")
    result = decide_each([ReviewToken.issue(one, ada) for one in (draft, other)], Verdict.APPROVE, by=ada)
    assert result.sentence == "2 approved (1 by the first of two people)"
    assert [line.detail for line in result.rows] == ["A second person still has to approve it.", ""]


@pytest.mark.django_db(transaction=True)
def test_page_and_queue_are_accessible_with_one_of_two_approvals(live_server, page):
    ReviewRule.objects.create(category="Law", approvals_needed=2)
    draft = make_draft(make_task(category="Law"), title="Trees and law")
    approve(draft, by=make_user("ada", "Editors", is_staff=True))
    log_in(page, live_server.url, "erika", "Editors", at=reverse("desk:review", args=[draft.pk]))
    assert HALF in page.inner_text(".desk-head")
    assert HALF in page.inner_text("#decision")
    assert accessibility_problems(page) == []
    page.set_viewport_size({"width": 320, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") == 320
    page.goto(f"{live_server.url}{reverse('desk:queue')}")
    assert HALF in page.inner_text(".desk-queue")
    assert accessibility_problems(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") == 320
