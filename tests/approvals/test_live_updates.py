"""Updates of live posts at the desk: found, reviewed, decided, notified."""

# ruff: noqa: F811 (fixtures of another module)

from datetime import timedelta

import pytest
from django.db.models import F
from django.urls import reverse

from approvals import queues, review_locks
from approvals.audit.figures import decided, filtered
from approvals.models import Decision, Notification, NotificationSettings, ReviewLock, ReviewRule, Verdict
from approvals.notifications.delivery import send_due
from publishing.publish import unpublish
from tasks.errors import TransitionRefused
from tasks.models import ContentTask, Draft
from tests.accessibility import accessibility_problems
from tests.approvals.desk_browser import log_in
from tests.approvals.test_desk import address, html, shown_form
from tests.factories import approve, decide_on, make_draft, make_user
from tests.publishing.factories import approved_update, edit_live, make_post
from tests.receivers import mailbox  # noqa: F401

pytestmark = pytest.mark.django_db


@pytest.fixture
def editor():
    return make_user("erika", "Editors", is_staff=True)


@pytest.fixture
def desk(client, editor):
    client.force_login(editor)
    return client


def sent(page):
    """What the form of the review page sends as it was opened."""
    return {name: value for name, value in shown_form(page).items() if value is not None}


def names_of_queues_with(draft, user):
    return {queue.name for queue in queues.queues_for(user) if draft.task in queues.tasks_in(queue, user)}


def test_an_update_stands_in_the_queues_like_a_new_text(editor):
    edna = make_user("edna", "Editors")
    post = make_post()
    assert names_of_queues_with(post.draft, editor) == set()
    draft = edit_live(post, by=edna)
    assert names_of_queues_with(draft, editor) == {"mine"}
    assert names_of_queues_with(draft, edna) == {"others"}
    assert names_of_queues_with(draft, make_user("wanda", "Writers")) == {"awaiting"}
    decide_on(draft, Verdict.REJECT, by=editor)
    assert names_of_queues_with(draft, editor) == set()
    draft = edit_live(post, summary="Other.")
    approve(draft, by=editor)
    assert names_of_queues_with(draft, make_user("pia", "Publishers")) == {"updates"}


def test_it_waits_since_it_was_edited_and_not_since_the_text_went_live(editor, settings):
    post = make_post()
    ContentTask.objects.update(status_changed_at=F("status_changed_at") - timedelta(days=30))
    first = make_draft()
    draft = edit_live(post)
    assert list(queues.tasks_in(queues.queues_for(editor)[0], editor)) == [first.task, draft.task]
    assert names_of_queues_with(draft, editor) == {"mine"}
    late = timedelta(hours=settings.REVIEW_HOURS + 1)
    ContentTask.objects.filter(pk=draft.task_id).update(update_changed_at=F("update_changed_at") - late)
    assert names_of_queues_with(draft, editor) == {"mine", "overdue"}


def test_how_long_a_decision_took_counts_from_the_edit(editor):
    draft = edit_live(make_post())
    ContentTask.objects.update(status_changed_at=F("status_changed_at") - timedelta(days=30))
    decision = approve(draft, by=editor)
    [row] = [row for row in decided(filtered()) if row.pk == decision.pk]
    assert row.awaiting_since >= draft.task.update_changed_at - timedelta(seconds=5)


def test_it_can_be_locked_until_it_was_decided(editor):
    post = make_post()
    with pytest.raises(TransitionRefused):
        review_locks.take(post.draft, by=editor)
    draft = edit_live(post)
    review_locks.take(draft, by=editor)
    approve(draft, by=make_user("emil", "Editors"))
    assert not ReviewLock.objects.exists()


def test_the_page_compares_with_what_is_live_first(desk, editor):
    post = make_post()
    draft = edit_live(post, summary="Two.")
    decide_on(draft, Verdict.REQUEST_CHANGES, by=editor)
    edit_live(post, summary="Three.")
    page = desk.get(address(draft))
    assert page.context["view"] == "changes"
    assert page.context["changes"].base == 1
    assert "Readers see this version until version 3 is approved" in html(page)
    assert "Update of the live post: declined" in html(page)


@pytest.mark.parametrize(
    ("verdict", "state"), [("approve", "approved"), ("request_changes", "declined"), ("reject", "declined")]
)
def test_deciding_on_the_page_leaves_the_post_alone(desk, verdict, state):
    post = make_post()
    draft = edit_live(post)
    form = sent(desk.get(address(draft)))
    said = {"decision": verdict, "reason_code": "style", "reason": "Too stiff for our readers."}
    assert desk.post(address(draft), form | said).status_code == 302
    task = ContentTask.objects.get()
    assert (task.status, task.update_state) == ("published", state)
    post.refresh_from_db()
    assert (post.version, post.is_live) == (1, True)
    page = html(desk.get(address(draft)))
    assert ("Update of a live post: " + task.get_update_state_display().lower()) in page


def test_a_page_from_before_the_post_was_taken_off_decides_nothing(desk):
    post = make_post()
    draft = edit_live(post)
    form = sent(desk.get(address(draft)))
    unpublish(post, by=make_user("publisher"))
    assert desk.post(address(draft), form | {"decision": "approve"}).status_code == 409
    assert Decision.objects.count() == 1


def test_a_page_from_before_a_further_edit_decides_nothing(desk):
    post = make_post()
    draft = edit_live(post)
    form = sent(desk.get(address(draft)))
    edit_live(post, summary="Slipped in.")
    assert desk.post(address(draft), form | {"decision": "approve"}).status_code == 409
    assert Decision.objects.count() == 1


def test_many_updates_are_decided_at_once(desk):
    drafts = [edit_live(make_post()), edit_live(make_post())]
    ticks = {"draft": [f"{draft.pk}:{draft.version}" for draft in drafts], "decision": "approve"}
    shown = desk.post("/admin/desk/bulk/", ticks)
    readings = [row.token for row in shown.context["rows"]]
    desk.post("/admin/desk/bulk/", ticks | {"review_token": readings, "confirmed": "1"})
    assert set(ContentTask.objects.values_list("update_state", flat=True)) == {"approved"}


def test_save_and_approve_where_the_rule_allows_it(desk):
    ReviewRule.objects.create(category="City", four_eyes=False)
    post = make_post()
    form = shown_form(desk.get(address(post.draft, "edit")))
    desk.post(address(post.draft, "edit"), form | {"summary": "New.", "then": "approve"})
    assert ContentTask.objects.get().update_state == "approved"
    assert Draft.objects.get().version == 2


def test_editors_and_the_author_are_notified(mailbox):
    for name in ("erika", "edna"):
        user = make_user(name, "Editors", is_staff=True, email=f"{name}@example.org")
        NotificationSettings.objects.create(user=user, awaiting="now", decision="now")
    post = make_post()
    Notification.objects.all().delete()
    edna, erika = make_user("edna"), make_user("erika")
    edit_live(post, by=edna)
    edit_live(post, by=edna, summary="Further.")
    assert [(row.recipient, row.version) for row in Notification.objects.all()] == [(erika, 3)]
    assert send_due() == 1
    edit_live(post, by=edna, summary="And further.")
    assert send_due() == 0
    decide_on(Draft.objects.get(), Verdict.REQUEST_CHANGES, by=erika)
    assert send_due() == 1
    assert [to for tos, _ in mailbox.got for to in tos] == ["erika@example.org", "edna@example.org"]


@pytest.mark.django_db(transaction=True)
def test_the_pages_of_an_update_are_accessible_and_work_without_scripts(live_server, browser):
    draft = approved_update(make_post("Street trees"), body="Planes cool the street [1].")
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    log_in(page, live_server.url, "pia", "Publishers", at=address(draft))
    page.get_by_role("link", name="Update the live post …").click()
    page.get_by_label("Correction: something was wrong").check()
    page.get_by_label("Note to readers").fill("Short")
    page.get_by_role("button", name="Update the live post").click()
    assert "Tell readers what has changed" in page.content()
    assert page.get_by_label("Note to readers").input_value() == "Short"
    page.get_by_label("Note to readers").fill("They were planes, not limes.")
    page.get_by_role("button", name="Update the live post").click()
    assert "Version 2 is now live" in page.content()
    page.goto(f"{live_server.url}/posts/street-trees/")
    assert "They were planes, not limes." in page.content()
    context.close()


@pytest.mark.django_db(transaction=True)
def test_the_pages_of_an_update_pass_axe(live_server, page):
    draft = edit_live(make_post("Street trees"), body="Planes cool the street [1].")
    make_user("root", is_staff=True, is_superuser=True)
    log_in(page, live_server.url, "root", at=address(draft))
    pages = [address(draft), reverse("publishing_desk:update", args=[draft.pk])]
    problems = {}
    for state in ("awaiting", "approved"):
        if state == "approved":
            approve(draft)
        for path in pages:
            page.goto(live_server.url + path)
            problems[state, path] = accessibility_problems(page)
    assert problems == {key: [] for key in problems}
