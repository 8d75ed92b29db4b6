"""The queues of the review desk: what is in which, for whom, and in which order."""

from datetime import timedelta

import pytest
from django.db import connection
from django.db.models.functions import Now
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from approvals import queues
from approvals.models import ReviewRule, Verdict
from approvals.queues import Queue
from tasks.actions import edit_draft, restore_version
from tasks.lifecycle import Status
from tasks.models import ContentTask, Draft
from tests.accessibility import accessibility_problems
from tests.approvals.desk_browser import log_in
from tests.factories import ago, approve, decide_on, make_draft, make_task, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def editor():
    return make_user("erika", "Editors", is_staff=True)


@pytest.fixture
def desk(client, editor):
    client.force_login(editor)
    return client


def show(client, queue="", **asked):
    return client.get(reverse("desk:queue"), {"queue": queue} | asked)


def titles(client, queue="", **asked):
    page = show(client, queue, **asked).context["page"]
    return [task.draft.title if hasattr(task, "draft") else task.topic for task in page]


def counts(client):
    return {queue.name: count for queue, count in show(client).context["counts"]}


def html(response):
    return response.content.decode()


def test_the_admin_leads_to_the_desk(desk):
    assert reverse("desk:queue") in html(desk.get(reverse("admin:index")))


def test_counts_are_right_after_every_step_and_counted_once_between_two(desk, editor):
    draft = make_draft(title="Counted")
    assert (counts(desk)["mine"], counts(desk)["others"]) == (1, 0)
    edit_draft(draft, {"summary": "Mine."}, by=editor)
    with CaptureQueriesContext(connection) as first:
        assert counts(desk)["others"] == 1
    with CaptureQueriesContext(connection) as again:
        assert counts(desk)["mine"] == 0
    assert len(again) <= len(first) - 8
    approve(draft, by=make_user("other", "Editors"))
    assert (counts(desk)["others"], counts(desk)["approved"]) == (0, 1)


def test_counts_are_cached_for_each_user(desk, editor, client):
    edit_draft(make_draft(title="Counted"), {"summary": "Mine."}, by=editor)
    assert counts(desk)["mine"] == 0
    client.force_login(make_user("other", "Editors", is_staff=True))
    assert counts(client)["mine"] == 1
    client.force_login(make_user("wanda", "Writers", is_staff=True))
    assert "mine" not in counts(client)


def test_the_queues_show_where_everything_stands(desk, editor):
    own, approved, rejected, sent_back = (
        make_draft(title=title) for title in ("Own", "Done", "Bad", "Sent back")
    )
    make_draft(title="Mine")
    edit_draft(own, {"summary": "Mine."}, by=editor)
    approve(approved, by=editor)
    decide_on(rejected, Verdict.REJECT, by=editor, reason="Nobody asked for this.")
    decide_on(sent_back, Verdict.REQUEST_CHANGES, by=editor, reason="Name the town in question.")
    running = make_task(topic="Being written now", status=Status.PENDING)
    running.move_to(Status.IN_PROGRESS, stage="outline", progress=20)
    failed = make_task(topic="Gone wrong", status=Status.PENDING)
    failed.move_to(Status.IN_PROGRESS)
    failed.move_to(Status.FAILED, error="The source cannot be read.")

    assert titles(desk) == titles(desk, "mine") == ["Mine"]
    assert titles(desk, "others") == ["Own"]
    assert titles(desk, "changes") == ["Sent back"]
    assert titles(desk, "approved") == ["Done"]
    assert titles(desk, "failed") == ["Gone wrong"]
    assert set(titles(desk, "at-work")) == {"Sent back", "Being written now"}
    assert counts(desk).items() >= {
        "mine": 1, "others": 1, "changes": 1, "overdue": 0, "approved": 1, "failed": 1, "at-work": 2
    }.items()  # fmt: skip
    assert "The source cannot be read." in html(show(desk, "failed"))
    assert "20 %" in html(show(desk, "at-work"))
    assert "Nobody asked for this." in html(show(desk))


def test_what_came_back_is_my_turn_again_and_says_so(desk, editor):
    draft = make_draft()
    decide_on(draft, Verdict.REQUEST_CHANGES, by=editor)
    task = ContentTask.objects.get()
    task.move_to(Status.IN_PROGRESS)
    task.move_to(Status.AWAITING_APPROVAL)
    assert titles(desk, "changes") == []
    assert titles(desk, "mine") == [draft.title]
    assert "Back after requested changes" in html(show(desk))


def test_who_may_not_decide_sees_all_that_awaits_approval(client):
    draft = make_draft(author=make_user("walter", "Writers", is_staff=True))
    client.force_login(make_user("walter"))
    assert titles(client) == [draft.title]
    assert not {"mine", "others"} & set(counts(client))


def test_my_turn_is_what_four_eyes_lets_me_approve(desk, editor):
    """The same rule in the list and on the page, for anyone who wrote, edited or restored."""
    from approvals.decisions import may_approve

    other = make_user("walter", "Writers")
    make_draft(title="Of a model")
    edited_by_another = make_draft(title="First mine", author=editor)
    edit_draft(edited_by_another, {"summary": "Another's."}, by=other)
    edit_draft(make_draft(title="Last mine"), {"summary": "Mine."}, by=editor)
    between = make_draft(title="Once mine")
    edit_draft(between, {"summary": "Mine."}, by=editor)
    edit_draft(between, {"summary": "Another's."}, by=other)
    restored = make_draft(title="My bytes")
    edit_draft(restored, {"summary": "Mine."}, by=editor)
    edit_draft(restored, {"summary": "Another's."}, by=other)
    restore_version(restored, 2, by=other)

    make_draft(make_task(category="Notes"), title="Mine, and free", author=editor)
    ReviewRule.objects.create(category="Notes", four_eyes=False)
    ReviewRule.objects.create(category="Law", approvals_needed=2)
    approve(make_draft(make_task(category="Law"), title="Half approved"), by=editor)
    approve(
        make_draft(make_task(category="Law"), title="To be approved again"), by=make_user("ada", "Editors")
    )

    allowed = {draft.title for draft in Draft.objects.all() if may_approve(draft, editor)}
    assert set(titles(desk, "mine")) == allowed
    assert allowed == {"Of a model", "Once mine", "Mine, and free", "To be approved again"}
    assert set(titles(desk, "others")) == {"First mine", "Last mine", "My bytes", "Half approved"}


def test_the_longest_waiting_comes_first_unless_another_matters_more(desk):
    first, second = make_draft(), make_draft()
    urgent = make_draft(make_task(priority=5))
    assert titles(desk) == [urgent.title, first.title, second.title]


def test_overdue_is_what_is_past_its_date_or_has_waited_too_long(desk, editor, settings):
    settings.REVIEW_HOURS = 48
    make_draft(make_task(due_at=ago(hours=-1)), title="In time")
    late = make_draft(make_task(due_at=ago(hours=1)), title="Late")
    waiting = make_draft(title="Long")
    decided = make_draft(make_task(due_at=ago(hours=1)), title="Decided")
    make_task(topic="Not even written", due_at=ago(days=3))
    approve(decided, by=editor)
    tasks = ContentTask.objects.filter(pk=waiting.task_id)
    tasks.update(status_changed_at=ago(hours=47))
    assert titles(desk, "overdue") == ["Not even written", "Late"]
    tasks.update(status_changed_at=ago(hours=50))
    assert titles(desk, "overdue") == ["Not even written", "Long", "Late"]
    assert counts(desk)["overdue"] == 3
    assert "was due" in html(show(desk, "overdue"))
    assert late.task.due_at < timezone.now()


def test_a_queue_is_filtered_by_category_and_author(desk):
    make_draft(make_task(category="City"), title="A")
    make_draft(make_task(category="Forest"), title="B")
    make_draft(make_task(category="City"), title="C", author=make_user("walter", "Writers"))
    assert titles(desk, category="City") == ["A", "C"]
    assert titles(desk, category="City", author="walter") == ["C"]
    page = show(desk, category="Forest")
    assert '<option value="Forest" selected>' in html(page)
    # The figures of the tabs stay those of the whole queue.
    assert {queue.name: count for queue, count in page.context["counts"]}["mine"] == 3
    assert titles(desk, category="No such") == []


def test_a_long_queue_is_paged_and_the_pages_keep_what_was_asked(desk):
    for number in range(27):
        make_draft(title=f"Draft {number:02}")
    assert len(titles(desk)) == 25
    assert titles(desk, page=2) == ["Draft 25", "Draft 26"]
    assert "?queue=mine&amp;category=City&amp;page=2" in html(show(desk, "mine", category="City"))


def test_a_queue_has_one_choice_for_each_category_however_it_is_written(desk):
    make_draft(make_task(category="Heat health"), title="A")
    make_draft(make_task(category="heat-health"), title="B")
    make_draft(make_task(category="Forest"), title="C")
    assert titles(desk, category="HEAT_HEALTH") == ["A", "B"]
    choices = show(desk).context["form"].fields["category"].choices
    assert [value for value, _ in choices] == ["", "Forest", "Heat health"]


@pytest.mark.parametrize("asked", ["\0", "a" * 5000, "' OR 1=1", "🌳"])
def test_nonsense_in_a_filter_finds_nothing_and_breaks_nothing(desk, asked):
    make_draft()
    assert show(desk, category=asked, author=asked).status_code == 200


@pytest.mark.parametrize("page", ["0", "-1", "x", "9" * 50])
def test_nonsense_in_the_address_shows_a_page_all_the_same(desk, page):
    draft = make_draft()
    assert titles(desk, "no such queue", page=page) == [draft.title]


def test_a_longer_queue_needs_no_more_queries(desk, editor, django_assert_max_num_queries):
    for _ in range(6):
        make_draft()
        approve(make_draft(), by=editor)
        make_task()
    desk.get(reverse("desk:guidance"))  # a browser's first request is recorded as its session
    with django_assert_max_num_queries(21):  # one for each queue
        show(desk)
    with django_assert_max_num_queries(6):  # nothing has happened since: the overdue, and the rows
        show(desk)


def test_an_app_further_up_adds_a_queue_that_takes_rows_from_another(desk, editor, monkeypatch):
    monkeypatch.setattr(queues, "_registered", dict(queues._registered))
    planned, unplanned = make_draft(title="Planned"), make_draft(title="Unplanned")
    for draft in (planned, unplanned):
        approve(draft, by=editor)
    rows = ContentTask.objects.filter(draft__title="Planned").annotate(publish_at=Now())
    queues.register(Queue(
        "planned", "Planned", lambda user: rows, 59, takes_from="approved", order=("publish_at",),
        row="desk/_score.html",
    ))  # fmt: skip
    assert titles(desk, "planned") == ["Planned"]
    assert "data-row" not in html(show(desk, "planned"))  # its own row is another
    assert titles(desk, "approved") == ["Unplanned"]
    assert list(counts(desk)).index("planned") == list(counts(desk)).index("approved") - 1
    with pytest.raises(ValueError, match="planned"):
        queues.register(Queue("planned", "Again", queues.awaiting, 1))


def test_a_visit_changes_nothing(desk):
    before = ContentTask.objects.get(pk=make_draft().task_id)
    show(desk)
    after = ContentTask.objects.get()
    assert (before.status, before.status_changed_at) == (after.status, after.status_changed_at)
    assert desk.post(reverse("desk:queue")).status_code == 405


def test_the_setting_says_how_long_is_too_long(desk, settings):
    draft = make_draft()
    ContentTask.objects.update(status_changed_at=timezone.now() - timedelta(hours=3))
    settings.REVIEW_HOURS = 2
    assert titles(desk, "overdue") == [draft.title]


@pytest.mark.django_db(transaction=True)
def test_a_queue_is_accessible_and_fits_a_phone(live_server, page):
    for number in range(26):
        make_draft(make_task(due_at=ago(hours=number - 3), priority=number % 3), title=f"Draft {number}")
    log_in(page, live_server.url, "erika", "Editors", at=reverse("desk:queue"))
    assert accessibility_problems(page) == []
    page.set_viewport_size({"width": 320, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") == 320
