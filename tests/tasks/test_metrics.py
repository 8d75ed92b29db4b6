"""Figures over all tasks, and what goes into them."""

import pytest

from tasks.alerts import causes
from tasks.lifecycle import Status
from tasks.metrics import task_metrics
from tasks.models import Worker
from tests.callers import caller
from tests.factories import ago, make_task, make_worker

pytestmark = pytest.mark.django_db


def failed(error, kind="provider_error", **fields):
    return make_task(status=Status.FAILED, error=error, error_kind=kind, **fields)


def test_without_tasks_every_figure_is_nothing_or_unknown():
    found = task_metrics()
    assert set(found["by_status"].values()) == set(found["by_stage"].values()) == {0}
    assert found["waiting"] == found["scheduled"] == found["retries_waiting"] == found["in_flight"] == 0
    assert found["failures"] == found["workers"] == []
    unknown = ("oldest_waiting_seconds", "success_rate", "median_seconds", "p95_seconds")
    assert {found[name] for name in unknown} == {None}
    assert found["breaches"] == {
        "open": 0, "last_24_hours": 0, "worst_late_seconds": None, "by_stage": []
    }  # fmt: skip


def test_waiting_means_that_a_worker_may_take_it_now():
    make_task(status_changed_at=ago(minutes=2))
    make_task(status_changed_at=ago(minutes=9), run_after=ago(minutes=1), error="The page is out.")
    make_task(status_changed_at=ago(minutes=9), run_after=ago(minutes=-1), error="The page is out.")
    found = task_metrics()
    assert (found["waiting"], found["scheduled"], found["retries_waiting"]) == (2, 1, 2)
    assert found["oldest_waiting_seconds"] == pytest.approx(120, abs=5)


def test_stages_are_those_of_tasks_in_progress():
    make_task(status=Status.IN_PROGRESS, stage="draft")
    make_task(status=Status.FAILED, stage="draft")
    assert task_metrics()["by_stage"]["draft"] == 1


def test_throughput_counts_what_ended_in_a_draft_or_a_failure():
    make_task(status=Status.APPROVED, started_at=ago(minutes=2), finished_at=ago(minutes=1))
    make_task(status=Status.FAILED, finished_at=ago(minutes=50))
    make_task(status=Status.PENDING, finished_at=ago(minutes=1))  # an attempt ended, the work did not
    make_task(status=Status.PUBLISHED, started_at=ago(hours=3), finished_at=ago(hours=2))
    found = task_metrics()
    assert (found["ended_last_5_minutes"], found["ended_last_hour"]) == (1, 2)
    assert found["ended_per_minute"] == 0.2
    assert found["median_seconds"] == pytest.approx((60 + 3600) / 2, abs=5)
    assert found["p95_seconds"] == pytest.approx(60 + 0.95 * 3540, abs=5)


def test_a_worker_lives_while_its_heartbeat_is_young():
    make_worker(in_flight=3, loop_lag_ms=2.5)
    make_worker(in_flight=5, silent_seconds=11)
    found = task_metrics()
    assert [worker["is_alive"] for worker in found["workers"]] == [True, False]
    assert found["workers"][1]["heartbeat_age_seconds"] == pytest.approx(11, abs=5)
    assert found["in_flight"] == 3


def test_a_task_is_orphaned_while_its_worker_is_gone_and_nobody_has_taken_it_back():
    alive, silent = make_worker(), make_worker(silent_seconds=11)
    ended = Worker.objects.create(host="desk-1", pid=1, max_in_flight=1)
    for owner in (alive.pk, silent.pk, ended.pk, 999_999, None):
        make_task(status=Status.IN_PROGRESS, lease_owner=owner)
    make_task(status=Status.FAILED, lease_owner=999_999)
    found = task_metrics()
    assert (found["orphaned"], found["waiting"], found["scheduled"]) == (4, 0, 0)
    assert [worker["is_alive"] for worker in found["workers"]] == [True, False, False]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Not done after 300 seconds.", "Not done after 1800 seconds."),
        ("https://a.example/x could not be read.", "http://b.example/y?z=1 could not be read."),
        ("The request req_8fK2 was refused.", "The request req_91 was refused."),
        ("Task 6f1c8d1e-9d1b-4b7a-8a55-0d3b9c0f2a11 broke.", "Task 7 broke."),
        ("It broke" + " and broke" * 30 + " here.", "It broke" + " and broke" * 30 + " there."),
    ],
)
def test_failures_that_differ_only_in_numbers_ids_and_addresses_have_one_cause(one, other):
    older, newer = failed(one, status_changed_at=ago(minutes=2)), failed(other)
    (cause,) = causes.causes()
    assert (cause.error_kind, cause.count, cause.task_ids) == ("provider_error", 2, [newer.pk, older.pk])
    assert cause.latest_at == newer.status_changed_at
    assert set(causes.tasks_of(cause.error_kind, cause.message)) == {older, newer}


def test_another_kind_or_another_sentence_is_another_cause_and_the_most_frequent_comes_first():
    failed("It broke.", kind="bug")
    for _ in range(2):
        failed("It broke.")
    failed("It was refused.")
    make_task(error="It is out.", error_kind="provider_unavailable")
    found = [(cause.error_kind, cause.count, cause.retrying) for cause in causes.causes()]
    assert found[0] == ("provider_error", 2, 0)
    assert sorted(found[1:]) == [("bug", 1, 0), ("provider_error", 1, 0), ("provider_unavailable", 0, 1)]


def test_no_more_than_a_few_tasks_are_named_of_a_cause():
    for _ in range(causes.MAX_EXAMPLES + 2):
        failed("It broke.")
    (cause,) = causes.causes()
    assert len(cause.task_ids) == causes.MAX_EXAMPLES


def test_the_api_serves_every_figure_that_there_is():
    make_worker()
    failed("It broke.")
    make_task(status=Status.IN_PROGRESS, breached_stage="draft", breached_at=ago(minutes=3))
    found = task_metrics()
    served = caller("Auditors").get("/api/tasks/metrics/").json()
    assert set(served) == set(found)
    assert set(served["workers"][0]) == set(found["workers"][0])
    assert set(served["failures"][0]) == set(found["failures"][0])
    assert served["breaches"]["by_stage"][0]["stage"] == "draft"
    assert served["breaches"]["worst_late_seconds"] == pytest.approx(180, abs=5)


def test_all_figures_take_few_queries(django_assert_max_num_queries):
    with django_assert_max_num_queries(7):
        task_metrics()
