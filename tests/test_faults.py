"""What no crash may lose or repeat: real clusters, a real model server, real signals."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import InternalError, OperationalError, connection, connections, transaction
from django.db.models import Count

from approvals.audit import chain
from approvals.audit.verification import first_failure
from tasks import actions
from tasks.advisory_locks import Lock, holders_sql
from tasks.engine import wakeups
from tasks.engine.threads import FROZEN_SECONDS, DatabaseThread
from tasks.lifecycle import Status
from tasks.models import ContentTask, OpenCall, StageRun, TaskEvent, Worker
from tests.live import database_url
from tests.model_server import ModelServer, Reply, model_server
from tests.processes import are_gone, tree_of
from tests.varied_text import varied

__all__ = ["model_server"]

BASE_DIR = Path(__file__).resolve().parent.parent
SOURCE = (BASE_DIR / "tasks/sample/keeping-young-trees-alive.txt").read_text()
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(180), pytest.mark.slow]


class Cluster:
    """A running `manage.py qcluster` on the tests' database, in a process group of its own."""

    def __init__(self, log: Path, **environment: str) -> None:
        self.log = log
        with log.open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "qcluster"],
                cwd=BASE_DIR,
                env=os.environ
                | {
                    "DATABASE_URL": database_url(settings.APPLICATION_ROLE),
                    "FETCH_ALLOW_PRIVATE_NETWORKS": "on",
                }
                | environment,
                stdout=output,
                stderr=subprocess.STDOUT,
                process_group=0,
            )

    def descendants(self) -> set[int]:
        return tree_of(self.process.pid)

    def wait_for_workers(self, count: int = 2) -> list[Worker]:
        until(lambda: Worker.objects.filter(pid__in=self.descendants()).count() == count, 60, self.log)
        return list(Worker.objects.filter(pid__in=self.descendants()))

    def end(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()


def until(condition: Callable[[], Any], seconds: float, log: Path | None = None) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, log.read_text()[-4000:] if log else "not in time"
        time.sleep(0.02)


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Callable[..., Cluster]]:
    started: list[Cluster] = []

    def start(**environment: str) -> Cluster:
        started.append(Cluster(tmp_path / "cluster.log", **environment))
        return started[-1]

    yield start
    everything = {pid for each in started for pid in each.descendants()}
    for each in started:
        each.end()
    assert are_gone(everything), "a process outlived its cluster"
    # A killed server process of the database may hold its last locks for a moment.
    connections.close_all()


def with_model(server: ModelServer, **more: str) -> dict[str, str]:
    """Without covers, whose drawing takes processor time and has no part in any fault."""
    models = {"PIPELINE_MODELS": "openai:gpt-test", "OPENAI_BASE_URL": server.base_url}
    return {**models, "COVERS": "off", **more}


def file_tasks(count: int, **fields: Any) -> list[ContentTask]:
    return [
        actions.file_brief(
            {"topic": f"Watering trees {number}", **fields}, [{"title": "Trees", "text": SOURCE}], by=None
        )
        for number in range(count)
    ]


def follow_text(tasks: list[ContentTask]) -> None:
    """Ask for the text that is being written, as an open task page does."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, %s)", [wakeups.FOLLOW, wakeups.ids_payload(t.pk for t in tasks)])


def statuses(tasks: list[ContentTask]) -> dict[str, int]:
    found = ContentTask.objects.filter(pk__in=[task.pk for task in tasks]).order_by()
    return dict(found.values_list("status").annotate(Count("id")))


def all_are(tasks: list[ContentTask], status: Status) -> bool:
    return statuses(tasks) == {status: len(tasks)}


def assert_nothing_was_repeated(tasks: list[ContentTask]) -> None:
    finished = StageRun.objects.filter(task__in=tasks, output__isnull=False)
    assert not finished.values("task", "run", "key").annotate(count=Count("id")).filter(count__gt=1).exists()
    for task in tasks:
        assert task.history.count() >= 1
        assert [event.seq for event in task.events.all()] == list(range(1, task.events.count() + 1))
    assert first_failure() is None


@pytest.mark.long
def test_kill_9_of_workers_again_and_again_loses_and_repeats_nothing(
    cluster: Callable[..., Cluster], model_server: ModelServer
) -> None:
    running = cluster(**with_model(model_server))
    running.wait_for_workers()
    tasks = file_tasks(30)
    for _ in range(6):
        until(lambda: statuses(tasks).get(Status.IN_PROGRESS), 20, running.log)
        victim = Worker.objects.filter(pid__in=running.descendants()).order_by("?").first()
        if victim:
            os.kill(victim.pid, signal.SIGKILL)
        time.sleep(0.5)
        if all_are(tasks, Status.AWAITING_APPROVAL):
            break
    until(lambda: all_are(tasks, Status.AWAITING_APPROVAL), 90, running.log)
    assert_nothing_was_repeated(tasks)
    for task in ContentTask.objects.filter(pk__in=[task.pk for task in tasks]):
        assert task.attempts == 1, "a lost worker is not the task's failure"
        versions = list(task.draft.versions.values_list("version", flat=True))
        assert versions == sorted(set(versions), reverse=True)


def test_what_a_killed_workers_call_had_cost_is_booked(
    cluster: Callable[..., Cluster], model_server: ModelServer
) -> None:
    model_server.for_stage("draft", Reply(varied("Trees cool the street below. " * 100), fault="stall"))
    priced = with_model(model_server) | {"PIPELINE_MODELS": "openai:gpt-4o-mini", "DAILY_BUDGET_USD": "5"}
    running = cluster(**priced, ENGINE_WORKERS="1")
    [worker] = running.wait_for_workers(1)
    [task] = file_tasks(1)
    until(lambda: OpenCall.objects.filter(task=task, stage="draft", output_tokens__gt=100), 30, running.log)
    os.kill(worker.pid, signal.SIGKILL)
    until(lambda: all_are([task], Status.AWAITING_APPROVAL), 60, running.log)
    [lost] = task.calls.filter(outcome="lost")
    assert (lost.stage, lost.is_estimated) == ("draft", True)
    assert lost.output_tokens > 100
    assert lost.cost_usd
    assert not OpenCall.objects.exists(), "what was put aside for it is given back"


def test_all_tasks_of_a_killed_worker_run_again_at_another(
    cluster: Callable[..., Cluster], model_server: ModelServer
) -> None:
    model_server.for_stage("research", *[Reply("…", fault="hang")] * 20)
    running = cluster(**with_model(model_server))
    running.wait_for_workers()
    tasks = file_tasks(8)
    until(lambda: len(model_server.requests) >= 8, 30, running.log)
    count = len(model_server.requests)
    victim = Worker.objects.get(pk=ContentTask.objects.values_list("lease_owner", flat=True).first())
    held = ContentTask.objects.filter(lease_owner=victim.pk).count()
    os.kill(victim.pid, signal.SIGKILL)
    until(lambda: len(model_server.requests) == count + held, 10, running.log)
    assert statuses(tasks) == {Status.IN_PROGRESS: 8}


@pytest.mark.parametrize("whole_group", [False, True])
def test_sigterm_gives_every_task_back_and_ends_every_process(
    cluster: Callable[..., Cluster], model_server: ModelServer, whole_group: bool
) -> None:
    model_server.for_stage("research", *[Reply("…", fault="hang")] * 5)
    running = cluster(**with_model(model_server))
    running.wait_for_workers()
    tasks = file_tasks(5)
    until(lambda: len(model_server.requests) >= 5, 30, running.log)
    everything = running.descendants()
    if whole_group:
        os.killpg(running.process.pid, signal.SIGTERM)
    else:
        running.process.terminate()
    assert running.process.wait(10) == 0
    assert are_gone(everything, seconds=1)
    assert statuses(tasks) == {Status.PENDING: 5}
    assert not Worker.objects.exists()
    assert set(ContentTask.objects.values_list("attempts", "lease_owner")) == {(0, None)}
    assert len(model_server.requests) == 5, "and nothing that was given back is begun again"
    assert all(request.disconnected.wait(5) for request in model_server.requests)
    until(lambda: sum(task.calls.count() for task in tasks) == 5, 5)


def test_kill_9_of_the_clusters_main_process_leaves_no_orphan_and_the_next_cluster_goes_on(
    cluster: Callable[..., Cluster], model_server: ModelServer
) -> None:
    model_server.for_stage("outline", *[Reply("…", fault="hang")] * 4)
    running = cluster(**with_model(model_server))
    running.wait_for_workers()
    tasks = file_tasks(4)
    until(lambda: model_server.stages.count("outline") >= 4, 30, running.log)
    everything = running.descendants()
    running.end()
    assert are_gone(everything)
    until(lambda: sum(request.disconnected.is_set() for request in model_server.requests) >= 4, 10)
    following = cluster(**with_model(model_server))
    until(lambda: all_are(tasks, Status.AWAITING_APPROVAL), 90, following.log)
    assert_nothing_was_repeated(tasks)
    assert model_server.stages.count("research") == 4, "finished stages are not requested again"


def test_a_frozen_worker_loses_its_tasks_and_makes_no_call_when_it_thaws(
    cluster: Callable[..., Cluster], model_server: ModelServer
) -> None:
    model_server.for_stage("research", *[Reply("Trees", fault="hang")] * 2)
    running = cluster(**with_model(model_server, ENGINE_WORKERS="2"))
    running.wait_for_workers()
    [task] = file_tasks(1)
    until(lambda: len(model_server.requests) >= 1, 30, running.log)
    task.refresh_from_db()
    frozen = Worker.objects.get(pk=task.lease_owner)
    os.kill(running.process.pid, signal.SIGSTOP)  # which would end what is frozen
    os.kill(frozen.pid, signal.SIGSTOP)
    try:
        until(lambda: len(model_server.requests) >= 2, 20, running.log)
        task.refresh_from_db()
        assert task.lease_owner != frozen.pk
        count = len(model_server.requests)
    finally:
        os.kill(frozen.pid, signal.SIGCONT)
    assert are_gone({frozen.pid}), "it ends itself"
    os.kill(running.process.pid, signal.SIGCONT)
    assert model_server.requests[0].disconnected.wait(10)
    assert len(model_server.requests) == count
    task.refresh_from_db()
    assert task.status == Status.IN_PROGRESS
    assert not Worker.objects.filter(pk=frozen.pk).exists()


def test_a_process_frozen_in_a_transaction_keeps_its_locks_for_seconds_only() -> None:
    [task] = file_tasks(1)
    locked, thread = threading.Event(), DatabaseThread("frozen")

    @transaction.atomic
    def lock_and_freeze() -> None:
        ContentTask.objects.select_for_update().get(pk=task.pk)
        chain.record("test", object_type="test", object_id=1)
        locked.set()
        time.sleep(FROZEN_SECONDS + 2)

    def thaw() -> None:
        async def freeze() -> None:
            await thread(lock_and_freeze)

        with pytest.raises((OperationalError, InternalError), match="idle-in-transaction"):
            asyncio.run(freeze())

    frozen = threading.Thread(target=thaw)
    frozen.start()
    assert locked.wait(10)
    actions.cancel(task, by=None, reason="Not held up")
    frozen.join()
    thread.abandon()
    assert ContentTask.objects.get().status == Status.CANCELLED


def test_a_dropped_listener_ends_the_worker_and_another_goes_on(
    cluster: Callable[..., Cluster], model_server: ModelServer
) -> None:
    model_server.for_stage("research", Reply("…", fault="hang"))
    running = cluster(**with_model(model_server))
    running.wait_for_workers()
    [task] = file_tasks(1)
    until(lambda: len(model_server.requests) >= 1, 30, running.log)
    task.refresh_from_db()
    owner = Worker.objects.get(pk=task.lease_owner)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT pg_terminate_backend(pid) FROM pg_locks WHERE {holders_sql(Lock.WORKER)} AND objid = %s",
            [owner.pk],
        )
    assert model_server.requests[0].disconnected.wait(10), "it lets go of the stream at once"
    until(lambda: all_are([task], Status.AWAITING_APPROVAL), 60, running.log)
    assert are_gone({owner.pid})
    assert_nothing_was_repeated([task])


def test_two_clusters_race_for_the_same_tasks_and_each_is_written_once(
    cluster: Callable[..., Cluster],
) -> None:
    clusters = [cluster(ENGINE_WORKERS="1", PIPELINE_MODELS="") for _ in range(2)]
    for each in clusters:
        each.wait_for_workers(1)
    tasks = file_tasks(12)
    until(lambda: all_are(tasks, Status.AWAITING_APPROVAL), 120, clusters[0].log)
    assert_nothing_was_repeated(tasks)
    for task in tasks:
        moves = [event.data["status"] for event in task.events.filter(kind="status")]
        assert moves == ["in_progress", "awaiting_approval"]


def test_cancelling_many_at_once_closes_their_streams_and_no_call_follows(
    cluster: Callable[..., Cluster], model_server: ModelServer
) -> None:
    model_server.for_stage("draft", *[Reply("Trees cool the street below.", fault="stall")] * 10)
    running = cluster(**with_model(model_server))
    running.wait_for_workers()
    tasks = file_tasks(10)
    until(lambda: model_server.stages.count("draft") >= 10, 60, running.log)
    drafting = [request for request in model_server.requests if request.stage == "draft"]
    follow_text(tasks)
    written = TaskEvent.objects.filter(kind="text").values("task").distinct()
    until(lambda: written.count() == len(tasks), 20, running.log)
    count = len(model_server.requests)
    for task in ContentTask.objects.all():
        actions.cancel(task, by=None, reason="All of them")
    assert all(request.disconnected.wait(5) for request in drafting)
    until(lambda: all(hasattr(task, "draft") for task in ContentTask.objects.all()), 30, running.log)
    assert len(model_server.requests) == count
    assert all_are(tasks, Status.CANCELLED)
    cut = [task.calls.get(outcome="cancelled") for task in tasks]
    assert all(call.is_estimated and call.input_tokens for call in cut)


def test_a_model_that_stalls_breaks_off_or_never_answers_is_asked_again(
    cluster: Callable[..., Cluster], model_server: ModelServer
) -> None:
    for fault in ("stall", "truncate", "hang", "drop"):
        model_server.for_stage("research", Reply("[]", fault=fault))
    running = cluster(**with_model(model_server))
    running.wait_for_workers()
    tasks = file_tasks(4, stage_timeout_seconds=5, max_attempts=9)
    until(lambda: all_are(tasks, Status.AWAITING_APPROVAL), 90, running.log)
    failed = StageRun.objects.filter(output__isnull=True)
    assert failed.count() >= 4
    assert set(failed.values_list("error_kind", flat=True)) == {"timeout", "provider_unavailable"}
    assert_nothing_was_repeated(tasks)


def test_workers_come_back_by_themselves_when_every_connection_of_theirs_is_cut(
    cluster: Callable[..., Cluster],
) -> None:
    running = cluster(PIPELINE_MODELS="")
    before = {worker.pid for worker in running.wait_for_workers()}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    assert are_gone(before)
    running.wait_for_workers()
    tasks = file_tasks(3)
    until(lambda: all_are(tasks, Status.AWAITING_APPROVAL), 60, running.log)
    assert running.process.poll() is None
