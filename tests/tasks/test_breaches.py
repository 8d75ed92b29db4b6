"""Time limits that were exceeded: in the queue, where no worker would notice, and how late it got."""

from datetime import timedelta

import pytest

from tasks.actions import cancel, retry
from tasks.alerts.breaches import in_words, mark_overdue_at_deadline, mark_overdue_in_queue
from tasks.lifecycle import Status
from tasks.models import ContentTask
from tests.callers import caller
from tests.factories import ago, make_task

pytestmark = pytest.mark.django_db

LIMIT = timedelta(seconds=300)


def again(task):
    return ContentTask.objects.get(pk=task.pk)


def test_a_due_task_that_waits_for_too_long_is_marked_once():
    task = make_task(status_changed_at=ago(minutes=7))
    assert mark_overdue_in_queue() == 1
    found = again(task)
    assert (found.breached_stage, found.breached_at) == ("queue", task.status_changed_at + LIMIT)
    assert found.lateness.total_seconds() == pytest.approx(120, abs=5)
    assert mark_overdue_in_queue() == 0


def test_waiting_begins_when_the_task_is_due():
    late = make_task(status_changed_at=ago(hours=2), run_after=ago(minutes=6))
    make_task(status_changed_at=ago(hours=2), run_after=ago(minutes=4))
    make_task(status_changed_at=ago(hours=2), run_after=ago(minutes=-4))
    assert mark_overdue_in_queue() == 1
    assert again(late).breached_at == late.run_after + LIMIT


@pytest.mark.parametrize("status", [status for status in Status if status != Status.PENDING])
def test_what_does_not_wait_for_a_worker_is_not_overdue(status):
    make_task(status=status, status_changed_at=ago(hours=2))
    assert mark_overdue_in_queue() == 0


def test_an_earlier_breach_stays():
    task = make_task(status_changed_at=ago(hours=2), breached_stage="draft", breached_at=ago(hours=3))
    assert mark_overdue_in_queue() == 0
    assert again(task).breached_stage == "draft"


def test_the_limit_is_a_setting(settings):
    settings.QUEUE_LIMIT_SECONDS = 5
    make_task(status_changed_at=ago(seconds=8))
    make_task(status_changed_at=ago(seconds=2))
    assert mark_overdue_in_queue() == 1


@pytest.mark.parametrize(("status", "stage"), [(Status.IN_PROGRESS, "draft"), (Status.PENDING, "queue")])
def test_a_task_whose_time_is_over_is_marked_though_no_worker_is_there_to_end_it(status, stage):
    deadline_at = ago(minutes=2)
    task = make_task(status=status, stage="draft", deadline_at=deadline_at)
    assert mark_overdue_at_deadline() == 1
    found = again(task)
    assert (found.breached_stage, found.breached_at, found.status) == (stage, deadline_at, status)
    assert mark_overdue_at_deadline() == 0


@pytest.mark.parametrize(
    "fields",
    [
        {"status": Status.IN_PROGRESS, "deadline_at": None},
        {"status": Status.IN_PROGRESS, "deadline_at": ago(hours=-24)},
        {"status": Status.FAILED, "deadline_at": ago(hours=1)},
        {"status": Status.ON_HOLD, "deadline_at": ago(hours=1)},
        {"status": Status.AWAITING_APPROVAL, "deadline_at": ago(hours=1)},
    ],
)
def test_what_has_time_left_or_has_ended_is_not_overdue_at_its_deadline(fields):
    make_task(**fields)
    assert mark_overdue_at_deadline() == 0


@pytest.mark.parametrize(
    ("status", "ended_ago", "late_seconds"),
    [
        (Status.IN_PROGRESS, None, 600),
        (Status.PENDING, 500, 600),  # its last attempt ended; the work goes on
        (Status.AWAITING_APPROVAL, 60, 540),
        (Status.FAILED, 60, 540),
    ],
)
def test_it_grows_later_until_its_work_has_ended(status, ended_ago, late_seconds):
    task = make_task(
        status=status,
        breached_at=ago(minutes=10),
        breached_stage="draft",
        finished_at=ended_ago and ago(seconds=ended_ago),
    )
    assert task.lateness.total_seconds() == pytest.approx(late_seconds, abs=5)


def test_a_task_that_was_cancelled_in_the_queue_does_not_grow_later():
    task = make_task(breached_at=ago(minutes=10), breached_stage="queue")
    cancel(task, by=None)
    ContentTask.objects.update(status_changed_at=ago(minutes=4))
    assert again(task).lateness.total_seconds() == pytest.approx(360, abs=5)


def test_a_retry_has_a_new_time_limit():
    task = make_task(status=Status.FAILED, breached_at=ago(minutes=10), breached_stage="draft")
    retry(task, by=None)
    assert again(task).lateness is None


def test_a_task_says_where_and_how_late_over_the_api():
    client = caller("Writers")
    late = make_task(status=Status.IN_PROGRESS, breached_at=ago(minutes=1), breached_stage="critique")
    breach = client.get(f"/api/tasks/{late.pk}/").json()["breach"]
    assert breach["stage"] == "critique"
    assert breach["late_seconds"] == pytest.approx(60, abs=5)
    assert client.get(f"/api/tasks/{make_task().pk}/").json()["breach"] is None
    assert [task["id"] for task in client.get("/api/tasks/?breached=true").json()["results"]] == [late.pk]


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(-3, "0 s"), (7, "7 s"), (65, "1 min 5 s"), (3600, "1 h"), (100_000, "1 d 3 h"), (86_400, "1 d")],
)
def test_a_duration_is_said_in_its_two_largest_parts(seconds, words):
    assert in_words(timedelta(seconds=seconds)) == words
