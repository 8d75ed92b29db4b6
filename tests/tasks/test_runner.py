"""Runs of real tasks by the real runner, on the database the tests have."""

import threading
import time
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from django.db import connection
from django.utils import timezone

from approvals.models import AuditEntry
from tasks import actions
from tasks.advisory_locks import Call, Lock, statement
from tasks.engine import leases
from tasks.engine.checkpoints import Lease, PendingWrite, RunEnded, StageEntered, StageFinished, flush
from tasks.engine.heartbeats import Heartbeats
from tasks.engine.retries import pause_seconds
from tasks.engine.worker import PipelineWorker, write_one
from tasks.lifecycle import Status
from tasks.models import ContentTask, Draft, StageRun, Worker
from tasks.pipeline.types import Research, SourceText
from tasks.sample import file_sample_brief
from tests.factories import make_task

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_sample_brief_becomes_a_cited_draft_that_awaits_approval():
    task = file_sample_brief(None)
    write_one(task.pk)
    task.refresh_from_db()
    assert (task.status, task.progress, task.error) == (Status.AWAITING_APPROVAL, 100, "")
    assert task.draft.version == 1
    assert task.draft.written_by == "offline writer"
    assert {citation["number"] for citation in task.draft.citations} <= {1, 2, 3, 4}
    assert task.draft.quality_reports.get(version=1).results
    keys = [run.key for run in task.stage_runs.all()]
    assert keys == ["research", "draft", "critique", "image", "version-draft"]


def test_every_move_of_a_run_is_in_the_audit_trail():
    task = file_sample_brief(None)
    write_one(task.pk)
    actions_seen = list(
        AuditEntry.objects.filter(task_id=task.pk).order_by("seq").values_list("action", flat=True)
    )
    assert actions_seen == [
        "contenttask.created",
        *["source.created"] * task.sources.count(),
        "task.in_progress",
        "draft.created",
        "task.awaiting_approval",
    ]


def test_a_task_without_sources_and_without_a_model_fails_with_a_remedy():
    task = actions.file_brief({"topic": "Nothing to go on"}, by=None)
    write_one(task.pk)
    task.refresh_from_db()
    assert task.status == Status.FAILED
    assert "source" in task.error
    assert not Draft.objects.filter(task=task).exists()


def test_a_source_that_cannot_be_read_is_listed_with_the_reason():
    sources = [{"url": "http://127.0.0.1/page"}]
    task = actions.file_brief({"topic": "Street trees"}, sources, by=None)
    write_one(task.pk)
    task.refresh_from_db()
    problem = task.sources.get().problem
    assert "127.0.0.1" in problem
    assert task.status == Status.FAILED
    assert task.error.endswith(f"Source 1: {problem}")


def test_a_task_that_is_not_waiting_is_left_alone():
    task = file_sample_brief(None)
    actions.cancel(task, by=None)
    write_one(task.pk)
    assert ContentTask.objects.get(pk=task.pk).status == Status.CANCELLED
    assert not task.stage_runs.exists()


def test_a_task_whose_worker_died_is_taken_over_and_repeats_nothing():
    task = file_sample_brief(None)
    write_one(task.pk)
    first = task.stage_runs.get(key="research")
    # As a process leaves it that was killed after research.
    task.stage_runs.exclude(key="research").delete()
    ContentTask.objects.filter(pk=task.pk).update(status=Status.IN_PROGRESS, lease_owner=999_999)
    assert leases.reap_dead_workers(None) == 1
    write_one(task.pk)
    task.refresh_from_db()
    assert (task.status, task.attempts) == (Status.AWAITING_APPROVAL, 1)
    assert task.stage_runs.get(key="research") == first


def test_a_task_that_ends_one_worker_after_the_other_is_taken_for_the_cause():
    task = file_sample_brief(None)
    for _ in range(leases.MAX_LOST_LEASES):
        assert leases.take_leases(999_999, 10)
        assert leases.reap_dead_workers(None) == 1
    task.refresh_from_db()
    assert (task.status, task.error_kind) == (Status.FAILED, "worker_died")
    assert "log" in task.error


def test_the_tasks_of_a_live_worker_are_left_alone():
    task = file_sample_brief(None)
    other = connection.copy()
    worker = Worker.objects.create(host="elsewhere", pid=1, max_in_flight=1)
    with other.cursor() as cursor:
        cursor.execute(statement(Call.SESSION, Lock.WORKER, worker.pk))
    leases.take_leases(worker.pk, 10)
    assert leases.reap_dead_workers(None) == 0
    long_ago = timezone.now() - timedelta(seconds=leases.LEASE_SECONDS + 1)
    Worker.objects.update(heartbeat_at=long_ago)
    assert leases.reap_dead_workers(None) == 1, "one that is frozen counts as dead"
    other.close()
    assert ContentTask.objects.get(pk=task.pk).status == Status.PENDING
    assert not Worker.objects.exists()


def test_a_worker_looks_more_often_while_others_have_tasks_that_they_may_lose():
    task, heartbeats = file_sample_brief(None), Heartbeats()
    assert not leases.reap_and_check_others(1, heartbeats), "no other worker has a task"
    leases.take_leases(1, 10)
    assert not leases.reap_and_check_others(1, heartbeats), "its own tasks are lost together with itself"
    other = connection.copy()
    neighbour = Worker.objects.create(host="elsewhere", pid=1, max_in_flight=1)
    with other.cursor() as cursor:
        cursor.execute(statement(Call.SESSION, Lock.WORKER, neighbour.pk))
    ContentTask.objects.filter(pk=task.pk).update(lease_owner=neighbour.pk)
    assert leases.reap_and_check_others(1, heartbeats)
    other.close()
    deadline = time.monotonic() + 5  # the server frees the lock once it has noticed
    while leases.reap_and_check_others(1, heartbeats):
        assert time.monotonic() < deadline
    assert ContentTask.objects.get(pk=task.pk).status == Status.PENDING


def test_a_write_under_a_lease_that_has_ended_changes_nothing():
    task = file_sample_brief(None)
    old = leases.take_leases(1, 10)[0].task
    leases.reap_dead_workers(None)
    new = leases.take_leases(2, 10)[0].task
    lease = Lease(task.pk, old.lease_epoch)
    now = timezone.now()
    writes = [
        PendingWrite(lease, StageEntered("draft", 30)),
        PendingWrite(lease, StageFinished(1, 1, "draft", {}, now, now)),
        PendingWrite(lease, RunEnded(old, Status.FAILED, "late", {"error": "late"})),
        PendingWrite(Lease(task.pk, new.lease_epoch), StageEntered("outline", 20)),
    ]
    assert flush(1, writes) == {lease, Lease(task.pk, new.lease_epoch)}
    assert flush(2, writes) == {lease}
    task.refresh_from_db()
    assert (task.status, task.stage, task.progress) == (Status.IN_PROGRESS, "outline", 20)
    assert not task.stage_runs.exists()


def test_the_most_urgent_task_is_taken_first_and_none_before_its_time():
    tomorrow = timezone.now() + timedelta(days=1)
    late, normal, urgent = (
        make_task(run_after=tomorrow, priority=9), make_task(), make_task(priority=5)
    )  # fmt: skip
    assert [leased.task.pk for leased in leases.take_leases(1, 10)] == [urgent.pk, normal.pk]
    assert 86_000 < leases.seconds_until_due() <= 86_400
    assert 86_000 < leases.seconds_until_work() <= 86_400
    ContentTask.objects.filter(pk=late.pk).update(run_after=timezone.now())
    assert leases.seconds_until_work() == 0
    assert [leased.task.pk for leased in leases.take_leases(1, 10)] == [late.pk]
    assert leases.seconds_until_work() is None


def test_the_history_of_a_task_is_numbered_events():
    task = file_sample_brief(None)
    write_one(task.pk)
    events = list(task.events.values_list("seq", "kind", "data"))
    assert [seq for seq, _, _ in events] == list(range(1, len(events) + 1))
    assert events[0][2] | {"kind": events[0][1]} == {
        "kind": "status", "status": "in_progress", "stage": "", "progress": 0, "error": ""
    }  # fmt: skip
    assert events[-1][2]["status"] == "awaiting_approval"
    assert "research" in [data["stage"] for _, kind, data in events if kind == "stage"]


def test_a_checkpoint_that_the_database_cannot_hold_fails_its_own_task_only():
    async def pipeline(brief, providers, step, keep):
        await step(broken if brief.topic == "Broken" else whole, key="research")

    broken_task, whole_task = make_task(topic="Broken"), make_task(topic="Whole")
    PipelineWorker(pipeline=pipeline, until_idle=True).run()
    broken_task.refresh_from_db()
    whole_task.refresh_from_db()
    assert (broken_task.status, broken_task.error_kind) == (Status.FAILED, "bug")
    assert whole_task.status == Status.AWAITING_APPROVAL


async def broken() -> Research:
    return Research(sources=(SourceText(number=1, title="NUL", text="\0"),))


async def whole() -> Research:
    return Research(sources=())


def test_keeping_the_same_text_again_makes_no_second_version():
    task = file_sample_brief(None)
    write_one(task.pk)
    actions.cancel(ContentTask.objects.get(pk=task.pk), by=None)
    actions.retry(ContentTask.objects.get(pk=task.pk), by=None)
    write_one(task.pk)
    task.refresh_from_db()
    assert (task.run, task.draft.version) == (2, 1)


def test_the_offline_writer_says_that_it_cannot_act_on_a_reviewers_words(django_user_model):
    task = file_sample_brief(None)
    write_one(task.pk)
    task.refresh_from_db()
    editor = django_user_model.objects.create_user("erin")
    actions.request_rework(task, by=editor, reason_code="style", reason="Use fewer figures, please.")
    write_one(task.pk)
    task.refresh_from_db()
    assert (task.status, task.run) == (Status.AWAITING_APPROVAL, 2)
    assert "Use fewer figures, please." in task.draft.quality_reports.get(version=1).editor_notes[0]


def test_a_failed_task_resumes_the_same_run_at_the_failed_stage():
    task = actions.file_brief({"topic": "Street trees"}, by=None)
    write_one(task.pk)
    task.refresh_from_db()
    actions.retry(task, by=None)
    assert (task.status, task.run, task.error, task.attempts) == (Status.PENDING, 1, "", 0)
    write_one(task.pk)
    assert [run.key for run in StageRun.objects.filter(task=task, output__isnull=False)] == ["research"]
    assert StageRun.objects.filter(task=task, key="draft", output__isnull=True).count() == 2


class Stalled(BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.asked.set()
        self.server.released.wait(30)

    def log_message(self, *_):
        pass


@pytest.fixture
def stalled_site():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Stalled)
    server.daemon_threads = True
    server.asked, server.released = threading.Event(), threading.Event()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.released.set()
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("verb", [actions.cancel, actions.hold])
def test_stopping_a_running_task_stops_its_work(stalled_site, settings, verb):
    settings.FETCH_ALLOW_PRIVATE_NETWORKS = True
    url = f"http://127.0.0.1:{stalled_site.server_port}/page"
    task = actions.file_brief({"topic": "Street trees"}, [{"url": url}], by=None)

    worker = threading.Thread(target=run_and_disconnect, args=(task.pk,))
    worker.start()
    assert stalled_site.asked.wait(15)
    stopped_at = time.monotonic()
    verb(ContentTask.objects.get(pk=task.pk), by=None, reason="Not needed any more")
    worker.join(10)
    assert not worker.is_alive(), f"still running {time.monotonic() - stopped_at:.1f} s after it was stopped"
    task.refresh_from_db()
    assert task.status in {Status.CANCELLED, Status.ON_HOLD}
    assert not Draft.objects.filter(task=task).exists()


def test_a_task_that_takes_too_long_fails_and_says_which_limit(stalled_site, settings):
    settings.FETCH_ALLOW_PRIVATE_NETWORKS = True
    url = f"http://127.0.0.1:{stalled_site.server_port}/page"
    task = actions.file_brief({"topic": "Street trees", "timeout_seconds": 1}, [{"url": url}], by=None)
    write_one(task.pk)
    task.refresh_from_db()
    assert task.status == Status.FAILED
    assert "timeout_seconds" in task.error
    assert (task.error_kind, task.breached_stage, task.breached_at) == (
        "timeout", "research", task.deadline_at
    )  # fmt: skip


def run_and_disconnect(task_id):
    try:
        write_one(task_id)
    finally:
        connection.close()


def test_a_page_that_is_out_is_left_alone_for_a_while_and_then_tried_again(settings):
    settings.FETCH_ALLOW_PRIVATE_NETWORKS = True
    task = actions.file_brief({"topic": "Street trees"}, [{"url": "http://127.0.0.1:9/page"}], by=None)
    write_one(task.pk)
    task.refresh_from_db()
    assert (task.status, task.attempts, task.error_kind) == (Status.PENDING, 1, "provider_unavailable")
    assert 1 < (task.run_after - task.finished_at).total_seconds() < 3
    write_one(task.pk)
    assert task.stage_runs.count() == 1, "not before its time"


def test_a_stage_that_takes_too_long_is_a_breach_and_is_tried_again(stalled_site, settings):
    settings.FETCH_ALLOW_PRIVATE_NETWORKS = True
    url = f"http://127.0.0.1:{stalled_site.server_port}/page"
    fields = {"topic": "Street trees", "stage_timeout_seconds": 1}
    task = actions.file_brief(fields, [{"url": url}], by=None)
    write_one(task.pk)
    task.refresh_from_db()
    assert (task.status, task.error_kind, task.breached_stage) == (Status.PENDING, "timeout", "research")
    assert "stage_timeout_seconds" in task.error
    assert task.stage_runs.get().error_kind == "timeout"


def test_the_pauses_grow_differ_and_have_an_end():
    for attempts, seconds in [(1, 2), (2, 8), (3, 32), (99, 300)]:
        pauses = {pause_seconds(attempts) for _ in range(20)}
        assert all(0.75 * seconds <= pause <= 1.25 * seconds for pause in pauses)
        assert len(pauses) > 1
    assert pause_seconds(1, asked_for=60) == 60
