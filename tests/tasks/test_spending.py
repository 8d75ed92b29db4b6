"""The day's budget over many tasks and workers, and calls whose worker died: on the real database."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from contentpipeline.management.commands import doctor
from contentpipeline.probes import State
from tasks import actions
from tasks.engine import leases, spending
from tasks.engine.checkpoints import CallMade, Lease, PendingWrite, book
from tasks.engine.worker import PipelineWorker
from tasks.lifecycle import Status
from tasks.models import ContentTask, ModelCall, OpenCall
from tasks.pipeline.errors import BudgetExceeded
from tasks.pipeline.providers.model_calls.budget import BudgetRequest
from tasks.pipeline.providers.model_calls.calls import CallRecord
from tasks.pipeline.types import Role
from tests.factories import make_task, make_user
from tests.model_server import ModelServer, Reply, model_server

__all__ = ["model_server"]

pytestmark = pytest.mark.django_db(transaction=True)

SOURCE = "A row of street trees cools the pavement below it by several degrees on a summer day. " * 5
CENT = Decimal("0.01")


@pytest.fixture
def priced(settings: Any, model_server: ModelServer) -> ModelServer:
    settings.PIPELINE_MODELS = ["openai:gpt-4o-mini"]
    settings.OPENAI_BASE_URL = model_server.base_url
    return model_server


def record(cost: str = "0.01", **fields: Any) -> CallRecord:
    fields = {"input_tokens": 100, "output_tokens": 20, "is_estimated": False, "outcome": "ok"} | fields
    return CallRecord(
        stage="draft", role=Role.CREATIVE, provider="openai", model="gpt-4o-mini", duration_ms=5,
        cost_usd=Decimal(cost), **fields,
    )  # fmt: skip


def wish(usd: str, least: str = "0.001") -> BudgetRequest:
    return BudgetRequest(Decimal(usd), Decimal(least), record("0.0005", output_tokens=0, outcome="lost"))


def spend(task: ContentTask, usd: str, at: datetime | None = None) -> None:
    call = task.calls.create(run=1, stage="draft", cost_usd=usd, duration_ms=1, input_tokens=1, outcome="ok")
    if at is not None:
        ModelCall.objects.filter(pk=call.pk).update(created_at=at)


def file_tasks(count: int) -> list[ContentTask]:
    return [
        actions.file_brief({"topic": f"Street trees {n}"}, [{"title": "Trees", "text": SOURCE}], by=None)
        for n in range(count)
    ]


def total_usd() -> Decimal:
    return sum((call.cost_usd or Decimal(0) for call in ModelCall.objects.all()), Decimal(0))


# --- Putting aside, and giving back ---------------------------------------------------------------------


def test_what_is_put_aside_and_what_is_spent_never_exceed_the_day(settings: Any) -> None:
    settings.DAILY_BUDGET_USD = CENT
    tasks = [make_task() for _ in range(8)]
    spend(tasks[0], "0.002")
    granted: list[Decimal | None] = []

    def take(task: ContentTask) -> None:
        try:
            granted.append(spending.reserve(1, Lease(task.pk, 1), 1, wish("0.003")))
        finally:
            connection.close()

    threads = [threading.Thread(target=take, args=(task,)) for task in tasks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    given = [usd for usd in granted if usd is not None]
    assert sorted(given) == [Decimal("0.002"), Decimal("0.003"), Decimal("0.003")]
    assert granted.count(None) == 5, "the others wait: what is put aside may come back"
    assert spending.today().reserved_usd == Decimal("0.008")


def test_a_booked_call_gives_back_the_rest_at_once(settings: Any) -> None:
    settings.DAILY_BUDGET_USD = CENT
    first, second = make_task(), make_task()
    lease = Lease(first.pk, 1)
    assert spending.reserve(1, lease, 1, wish("1")) == CENT
    assert spending.reserve(1, Lease(second.pk, 1), 1, wish("1")) is None
    book([PendingWrite(lease, CallMade(1, record("0.004"), is_reserved=True))])
    assert spending.reserve(1, Lease(second.pk, 1), 1, wish("1")) == Decimal("0.006")
    assert not OpenCall.objects.filter(task=first).exists()


def test_a_spent_day_is_said_and_the_next_day_begins_at_midnight_of_utc(settings: Any) -> None:
    settings.DAILY_BUDGET_USD = CENT
    task = make_task()
    midnight = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    spend(task, "5", at=midnight - timedelta(seconds=1))
    assert spending.reserve(1, Lease(task.pk, 1), 1, wish("1")) == CENT
    spend(task, "0.0095", at=midnight)
    with pytest.raises(
        BudgetExceeded, match=r"day's budget of \$0\.01 is spent \(\$0\.0095\).*DAILY_BUDGET_USD"
    ):
        spending.reserve(1, Lease(task.pk, 1), 1, wish("1"))


def test_without_a_days_budget_all_that_is_wanted_is_put_aside() -> None:
    task = make_task()
    spend(task, "1000")
    assert spending.reserve(1, Lease(task.pk, 1), 1, wish("3")) == 3
    spending.release(Lease(task.pk, 1))
    assert not OpenCall.objects.exists()


def test_the_applications_role_may_do_all_of_it(as_application: Any, settings: Any) -> None:
    settings.DAILY_BUDGET_USD = CENT
    task = make_task()
    lease = Lease(task.pk, 1)
    spending.reserve(7, lease, 1, wish("1"))
    spending.note_progress(7, {lease: record("0.002")})
    spending.book_lost([7])
    book([PendingWrite(lease, CallMade(1, record("0.004"), is_reserved=True))])
    assert total_usd() == Decimal("0.004")


# --- A worker that dies ---------------------------------------------------------------------------------


def test_what_a_dead_workers_call_had_cost_is_booked_and_the_rest_given_back(settings: Any) -> None:
    settings.DAILY_BUDGET_USD, settings.PIPELINE_MODELS = CENT, ["openai:gpt-4o-mini"]
    task = make_task()
    [leased] = leases.take_leases(999_999, 10)
    lease = Lease(task.pk, leased.task.lease_epoch)
    spending.reserve(999_999, lease, 1, wish("1"))
    spending.note_progress(999_999, {lease: record("0.003", output_tokens=70)})
    assert leases.reap_dead_workers(None) == 1

    call = task.calls.get()
    assert (call.outcome, call.cost_usd, call.output_tokens, call.is_estimated) == (
        "lost", Decimal("0.003"), 70, True
    )  # fmt: skip
    assert "worker ended" in call.error
    assert spending.today() == spending.DaySpending(CENT, Decimal("0.003"), Decimal(0))
    [again] = leases.take_leases(5, 10)
    assert again.spent_usd == Decimal("0.003"), "the task's own budget knows it too"


def test_a_worker_that_was_only_frozen_books_its_call_once() -> None:
    task = make_task()
    lease = Lease(task.pk, 1)
    spending.reserve(3, lease, 1, wish("1"))
    spending.book_lost([3])
    book([PendingWrite(lease, CallMade(1, record("0.004"), is_reserved=True))])
    assert [call.outcome for call in task.calls.all()] == ["ok"]


# --- Whole runs -----------------------------------------------------------------------------------------


def test_many_tasks_at_once_stay_within_the_day(settings: Any, priced: ModelServer) -> None:
    settings.DAILY_BUDGET_USD = Decimal("0.002")
    priced.for_model("gpt-4o-mini", *[Reply(endless="word ", piece_delay_seconds=0.0005)] * 40)
    tasks = file_tasks(6)
    workers = [threading.Thread(target=_work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(90)

    assert total_usd() <= Decimal("0.0021")
    assert total_usd() > Decimal("0.0015"), "it is used as well"
    assert not OpenCall.objects.exists()
    for task in ContentTask.objects.filter(pk__in=[task.pk for task in tasks]):
        assert (task.status, task.error_kind) == (Status.FAILED, "budget")
        assert "DAILY_BUDGET_USD" in task.error


def _work() -> None:
    try:
        PipelineWorker(until_idle=True).run()
    finally:
        connection.close()


def test_a_run_is_priced_and_leaves_nothing_put_aside(priced: ModelServer) -> None:
    [task] = file_tasks(1)
    _work()
    task.refresh_from_db()
    assert task.status == Status.AWAITING_APPROVAL
    assert task.cost_usd
    assert all(request.requested_tokens for request in priced.requests)
    assert not OpenCall.objects.exists()


def test_stopping_a_task_in_the_middle_of_a_call_books_it_and_gives_back_the_rest(
    priced: ModelServer,
) -> None:
    priced.for_stage("draft", Reply("Trees cool the street. " * 40, fault="stall"))
    [task] = file_tasks(1)
    worker = threading.Thread(target=_work)
    worker.start()
    assert priced.wait_for(3, seconds=30).started.wait(10)
    assert OpenCall.objects.get(task=task).stage == "draft"
    actions.cancel(ContentTask.objects.get(pk=task.pk), by=None)
    worker.join(20)
    assert task.calls.order_by("pk").last().outcome == "cancelled"
    assert not OpenCall.objects.exists()


# --- What people are shown ------------------------------------------------------------------------------


def test_the_page_work_the_api_and_the_doctor_show_the_day(settings: Any, client: Any) -> None:
    settings.DAILY_BUDGET_USD = Decimal("2")
    settings.PIPELINE_MODELS = ["openai:gpt-4o-mini", "openai:our-own"]
    task = make_task()
    spend(task, "0.5")
    spend(task, "9", at=timezone.now() - timedelta(days=2))
    client.force_login(make_user("edith", "Editors", is_staff=True))

    page = " ".join(client.get("/admin/tasks/dashboard/").content.decode().split())
    assert "<dt>spent today (UTC)</dt><dd>$0.50 of $2.00</dd>" in page
    assert "budget is spent" not in page
    assert client.get("/api/tasks/metrics/").json()["today"] == {
        "spent_usd": 0.5, "reserved_usd": 0.0, "budget_usd": 2.0, "is_spent": False
    }  # fmt: skip
    found = doctor._budgets()
    assert found.state == State.OK
    assert "$0.50 spent today of $2" in found.message
    assert found.message.endswith("Without a known price, and so not counted: openai:our-own.")

    spend(task, "1.5")
    assert "day’s budget is spent" in client.get("/admin/tasks/dashboard/").content.decode()
    assert doctor._budgets().state == State.DEGRADED
    assert "DAILY_BUDGET_USD" in doctor._budgets().message
