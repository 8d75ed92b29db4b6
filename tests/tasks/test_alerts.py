"""Incidents: when one opens, what it counts, when it closes. At most one of a kind is open."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from tasks.actions import retry
from tasks.alerts.breaches import mark_overdue_in_queue
from tasks.alerts.incidents import QUIET, check
from tasks.lifecycle import Status
from tasks.models import ContentTask, Incident, Worker
from tests.factories import ago, make_task, make_worker

pytestmark = pytest.mark.django_db

FAILED = {"status": Status.FAILED, "error_kind": "bug"}


def incident(kind="failures"):
    return Incident.objects.filter(kind=kind).latest("id")


def age(**span):
    """Let time pass for everything that the incidents and tasks of this test remember."""
    passed = timedelta(**span)
    for row in Incident.objects.all():
        for name in ("opened_at", "latest_at", "seen_at"):
            setattr(row, name, getattr(row, name) - passed)
        since = timezone.datetime.fromisoformat(row.details["since"]) - passed
        row.details["since"] = since.isoformat()
        row.save()
    for task in ContentTask.objects.all():
        fields = {"status_changed_at": task.status_changed_at - passed}
        if task.breached_at:
            fields["breached_at"] = task.breached_at - passed
        ContentTask.objects.filter(pk=task.pk).update(**fields)


def test_as_long_as_all_is_well_there_is_none():
    make_worker()
    make_task(status_changed_at=ago(minutes=1))
    make_task(status=Status.AWAITING_APPROVAL)
    check()
    assert not Incident.objects.exists()


def test_a_failure_opens_one_and_further_ones_are_counted():
    first = make_task(**FAILED)
    check()
    opened = incident()
    assert opened.due_at is not None
    assert (opened.details["count"], opened.details["task_ids"]) == (1, [first.pk])
    second = make_task(status=Status.FAILED, error_kind="timeout")
    check()
    check()
    found = Incident.objects.get()
    assert (found.details["count"], found.details["task_ids"]) == (2, [first.pk, second.pk])
    assert found.details["by"] == {"bug": 1, "timeout": 1}


def test_a_failure_that_was_retried_did_happen():
    for _ in range(2):
        make_task(**FAILED)
    check()
    for task in ContentTask.objects.all():
        retry(task, by=None)
    make_task(**FAILED)
    check()
    assert incident().details["count"] == 2


def test_it_closes_after_a_quiet_time_and_the_next_failure_opens_another():
    make_task(**FAILED)
    check()
    age(minutes=9)
    check()
    assert incident().closed_at is None
    make_task(**FAILED)
    check()
    age(minutes=9)
    check()
    assert incident().closed_at is None, "the second failure was nine minutes ago"
    age(minutes=2)
    check()
    check()
    assert Incident.objects.get().closed_at is not None
    make_task(**FAILED)
    check()
    assert Incident.objects.count() == 2
    assert incident().details["count"] == 1, "what the first one covered is not counted again"


def test_a_failure_of_the_last_day_opens_an_incident_and_one_of_last_week_does_not():
    make_task(**FAILED, status_changed_at=ago(days=7))
    check()
    assert not Incident.objects.exists()
    make_task(**FAILED, status_changed_at=ago(hours=2))
    check()
    assert incident().details["count"] == 1


def test_a_breach_opens_one_in_the_queue_and_in_a_stage():
    make_worker()
    make_task(status_changed_at=ago(hours=1))
    mark_overdue_in_queue()
    make_task(status=Status.IN_PROGRESS, breached_at=ago(minutes=1), breached_stage="draft")
    check()
    assert incident("sla_breach").details["by"] == {"queue": 1, "draft": 1}
    age(seconds=QUIET.total_seconds() + 1)
    check()
    assert incident("sla_breach").closed_at is not None


def test_a_breach_of_an_earlier_moment_that_is_marked_late_keeps_it_open():
    make_task(status=Status.IN_PROGRESS, breached_at=ago(minutes=1), breached_stage="draft")
    check()
    age(minutes=9)
    make_task(status=Status.IN_PROGRESS, breached_at=ago(minutes=30), breached_stage="queue")
    check()
    age(minutes=2)
    check()
    assert incident("sla_breach").closed_at is None
    assert incident("sla_breach").details["count"] == 2


def test_tasks_that_nobody_takes_open_one_while_no_worker_is_alive():
    make_worker(silent_seconds=11)
    make_task(status_changed_at=ago(seconds=9))
    make_task(status_changed_at=ago(hours=1), run_after=ago(hours=-1))
    check()
    assert not Incident.objects.exists()
    make_task(status_changed_at=ago(seconds=11))
    check()
    assert incident("no_worker").details["count"] == 2
    check()
    assert incident("no_worker").closed_at is None


@pytest.mark.parametrize("silent_seconds", [12, 3600])
def test_tasks_in_progress_at_a_worker_that_is_gone_open_one(silent_seconds):
    gone = make_worker(silent_seconds=silent_seconds)
    task = make_task(status=Status.IN_PROGRESS, lease_owner=gone.pk, status_changed_at=ago(hours=2))
    check()
    found = incident("no_worker")
    assert (found.details["count"], found.details["task_ids"]) == (1, [task.pk])
    assert found.details["by"] == {"in_progress": 1}
    make_task(status_changed_at=ago(minutes=1))
    check()
    assert incident("no_worker").details["by"] == {"in_progress": 1, "pending": 1}
    make_worker()
    check()
    assert incident("no_worker").closed_at is not None


def test_a_worker_without_its_lock_counts_as_gone_though_it_beat_just_now():
    ended = Worker.objects.create(host="desk-1", pid=1, max_in_flight=1)
    make_task(status=Status.IN_PROGRESS, lease_owner=ended.pk)
    check()
    assert not Incident.objects.exists(), "another has ten seconds to take it"
    Worker.objects.update(heartbeat_at=ago(seconds=11))
    check()
    assert incident("no_worker").details["count"] == 1


def test_a_worker_that_writes_opens_none_however_long_it_takes():
    worker = make_worker()
    make_task(status=Status.IN_PROGRESS, lease_owner=worker.pk, status_changed_at=ago(hours=2))
    check()
    assert not Incident.objects.exists()


@pytest.mark.parametrize("end", [make_worker, lambda: ContentTask.objects.update(status=Status.CANCELLED)])
def test_it_is_over_once_a_worker_lives_or_nothing_waits(end):
    make_task(status_changed_at=ago(minutes=1))
    check()
    assert incident("no_worker").closed_at is None
    end()
    check()
    assert incident("no_worker").closed_at is not None
    Worker.objects.all().delete()
    make_task(status_changed_at=ago(minutes=1))
    check()
    assert Incident.objects.filter(kind="no_worker").count() == 2


def test_details_hold_numbers_and_ids_only():
    make_task(topic="Secret plans", error="The model wrote: hunter2", **FAILED)
    check()
    assert "hunter2" not in str(incident().details)
    assert "Secret" not in str(incident().details)


@pytest.mark.django_db(transaction=True)
def test_of_many_that_check_at_once_one_opens_it():
    make_task(**FAILED)

    def look(_):
        try:
            check()
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(look, range(24)))
    assert Incident.objects.count() == 1
