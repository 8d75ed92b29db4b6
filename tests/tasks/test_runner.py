"""Runs of real tasks by the real runner, on the database the tests have."""

import threading
import time
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from django.db import connection
from django.utils import timezone
from django_q.models import OrmQ

from approvals.models import AuditEntry
from tasks import actions
from tasks.engine import runner
from tasks.engine.ownership import NAMESPACE, owned
from tasks.engine.recovery import Recovery, pause_after
from tasks.lifecycle import Status
from tasks.models import ContentTask, Draft, StageRun
from tasks.sample import file_sample_brief

pytestmark = pytest.mark.django_db


def test_the_sample_brief_becomes_a_cited_draft_that_awaits_approval():
    task = file_sample_brief(None)
    runner.run(task.pk)
    task.refresh_from_db()
    assert (task.status, task.progress, task.error) == (Status.AWAITING_APPROVAL, 100, "")
    assert task.draft.version == 1
    assert task.draft.written_by == "offline writer"
    assert {citation["number"] for citation in task.draft.citations} <= {1, 2, 3, 4}
    assert task.draft.quality_reports.get(version=1).results
    assert [run.key for run in task.stage_runs.all()] == ["research", "draft", "critique", "version-draft"]


def test_every_move_of_a_run_is_in_the_audit_trail():
    task = file_sample_brief(None)
    runner.run(task.pk)
    actions_seen = list(
        AuditEntry.objects.filter(task_id=task.pk).order_by("seq").values_list("action", flat=True)
    )
    assert actions_seen == [
        "contenttask.created",
        "task.in_progress",
        "draft.created",
        "task.awaiting_approval",
    ]


def test_a_task_without_sources_and_without_a_model_fails_with_a_remedy():
    task = actions.file_brief({"topic": "Nothing to go on"}, by=None)
    runner.run(task.pk)
    task.refresh_from_db()
    assert task.status == Status.FAILED
    assert "source" in task.error
    assert not Draft.objects.filter(task=task).exists()


def test_a_source_that_cannot_be_read_is_told_apart_and_says_why():
    sources = [{"url": "http://127.0.0.1/page"}]
    task = actions.file_brief({"topic": "Street trees"}, sources, by=None)
    runner.run(task.pk)
    task.refresh_from_db()
    problem = task.sources.get().problem
    assert "127.0.0.1" in problem
    assert task.status == Status.FAILED
    assert task.error.endswith(f"Source 1: {problem}")


def test_a_task_that_is_not_waiting_is_left_alone():
    task = file_sample_brief(None)
    actions.cancel(task, by=None)
    runner.run(task.pk)
    assert ContentTask.objects.get(pk=task.pk).status == Status.CANCELLED
    assert not task.stage_runs.exists()


def test_a_task_whose_process_died_is_taken_over_and_repeats_nothing():
    task = file_sample_brief(None)
    runner.run(task.pk)
    first = task.stage_runs.get(key="research")
    # As a process leaves it that was killed after research.
    task.stage_runs.exclude(key="research").delete()
    ContentTask.objects.filter(pk=task.pk).update(status=Status.IN_PROGRESS)
    runner.run(task.pk)
    assert ContentTask.objects.get(pk=task.pk).status == Status.AWAITING_APPROVAL
    assert task.stage_runs.get(key="research") == first


def test_keeping_the_same_text_again_makes_no_second_version():
    task = file_sample_brief(None)
    runner.run(task.pk)
    actions.cancel(ContentTask.objects.get(pk=task.pk), by=None)
    actions.retry(ContentTask.objects.get(pk=task.pk), by=None)
    runner.run(task.pk)
    task.refresh_from_db()
    assert (task.run, task.draft.version) == (2, 1)


def test_the_offline_writer_says_that_it_cannot_act_on_a_reviewers_words(django_user_model):
    task = file_sample_brief(None)
    runner.run(task.pk)
    task.refresh_from_db()
    editor = django_user_model.objects.create_user("erin")
    actions.request_rework(task, by=editor, reason_code="style", reason="Use fewer figures, please.")
    runner.run(task.pk)
    task.refresh_from_db()
    assert (task.status, task.run) == (Status.AWAITING_APPROVAL, 2)
    assert "Use fewer figures, please." in task.draft.quality_reports.get(version=1).editor_notes[0]


@pytest.mark.django_db(transaction=True)
def test_the_job_may_run_longer_than_the_tasks_own_limit():
    actions.file_brief({"topic": "Street trees", "timeout_seconds": 7200}, by=None)
    assert OrmQ.objects.get().task["timeout"] > 7200


def test_a_failed_task_resumes_the_same_run_at_the_failed_stage():
    task = actions.file_brief({"topic": "Street trees"}, by=None)
    runner.run(task.pk)
    task.refresh_from_db()
    actions.retry(task, by=None)
    assert (task.status, task.run, task.error, task.attempts) == (Status.PENDING, 1, "", 0)
    runner.run(task.pk)
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


@pytest.mark.django_db(transaction=True)
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


@pytest.mark.django_db(transaction=True)
def test_a_task_resumed_before_its_worker_has_let_go_is_queued_again(stalled_site, settings):
    settings.FETCH_ALLOW_PRIVATE_NETWORKS = True
    url = f"http://127.0.0.1:{stalled_site.server_port}/page"
    task = actions.file_brief({"topic": "Street trees"}, [{"url": url}], by=None)
    worker = threading.Thread(target=run_and_disconnect, args=(task.pk,))
    worker.start()
    assert stalled_site.asked.wait(15)
    task.refresh_from_db()
    actions.hold(task, by=None)
    actions.resume(task, by=None)
    # The job of this resume came too early: it found the task taken.
    OrmQ.objects.all().delete()
    worker.join(10)
    assert not worker.is_alive()
    assert ContentTask.objects.get(pk=task.pk).status == Status.PENDING
    assert queued_jobs() == 1


@pytest.mark.django_db(transaction=True)
def test_a_task_that_takes_too_long_fails_and_says_which_limit(stalled_site, settings):
    settings.FETCH_ALLOW_PRIVATE_NETWORKS = True
    url = f"http://127.0.0.1:{stalled_site.server_port}/page"
    task = actions.file_brief({"topic": "Street trees", "timeout_seconds": 1}, [{"url": url}], by=None)
    runner.run(task.pk)
    task.refresh_from_db()
    assert task.status == Status.FAILED
    assert "timeout_seconds" in task.error


@pytest.mark.django_db(transaction=True)
def test_a_task_that_runs_elsewhere_is_not_run_twice():
    task = file_sample_brief(None)
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s, %s)", [NAMESPACE, task.pk])
    try:
        runner.run(task.pk)
    finally:
        other.close()
    assert ContentTask.objects.get(pk=task.pk).status == Status.PENDING


def run_and_disconnect(task_id):
    try:
        runner.run(task_id)
    finally:
        connection.close()


def queued_jobs():
    return OrmQ.objects.count()


@pytest.mark.django_db(transaction=True)
def test_a_task_whose_worker_was_killed_is_queued_again_once():
    task = file_sample_brief(None)
    OrmQ.objects.all().delete()
    recovery = Recovery()
    assert recovery.sweep() == 0, "a task that has just been filed has a job on its way"
    ContentTask.objects.filter(pk=task.pk).update(status=Status.IN_PROGRESS)
    assert (recovery.sweep(), recovery.sweep()) == (1, 0)
    assert queued_jobs() == 1


@pytest.mark.django_db(transaction=True)
def test_a_task_that_a_living_process_runs_is_not_queued_again():
    task = file_sample_brief(None)
    OrmQ.objects.all().delete()
    ContentTask.objects.filter(pk=task.pk).update(status=Status.IN_PROGRESS)
    with owned(task.pk):
        assert Recovery().sweep() == 0
    assert Recovery().sweep() == 1


@pytest.mark.django_db(transaction=True)
def test_a_task_whose_job_was_lost_is_queued_after_a_minute():
    task = file_sample_brief(None)
    OrmQ.objects.all().delete()
    long_ago = timezone.now() - timedelta(minutes=2)
    ContentTask.objects.filter(pk=task.pk).update(status_changed_at=long_ago)
    assert Recovery().sweep() == 1
    assert queued_jobs() == 1


@pytest.mark.django_db(transaction=True)
def test_a_page_that_is_out_is_left_alone_for_a_while_and_then_tried_again(settings):
    settings.FETCH_ALLOW_PRIVATE_NETWORKS = True
    task = actions.file_brief({"topic": "Street trees"}, [{"url": "http://127.0.0.1:9/page"}], by=None)
    OrmQ.objects.all().delete()
    runner.run(task.pk)
    task.refresh_from_db()
    assert (task.status, task.attempts, task.waits_for_a_retry) == (Status.PENDING, 1, True)
    recovery = Recovery()
    assert (queued_jobs(), recovery.sweep()) == (0, 0)
    ContentTask.objects.filter(pk=task.pk).update(status_changed_at=timezone.now() - pause_after(1))
    assert (recovery.sweep(), recovery.sweep()) == (1, 0)


def test_the_pauses_grow_and_have_an_end():
    pauses = [pause_after(attempts).total_seconds() for attempts in (1, 2, 3, 99)]
    assert pauses == [2, 8, 32, 300]
