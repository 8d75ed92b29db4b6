import threading
import time
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.urls import reverse

from tasks.actions import cancel
from tasks.engine.worker import write_one
from tasks.lifecycle import Status
from tasks.management.commands import write
from tasks.models import ContentTask
from tests.factories import make_task

pytestmark = pytest.mark.django_db(transaction=True)

SAMPLE = Path(write.__file__).parents[2] / "sample" / "brief.toml"


@pytest.fixture(autouse=True)
def _patience(monkeypatch):
    monkeypatch.setattr(write, "CLUSTER_WAIT_SECONDS", 0.3)


def run(command, *arguments):
    out, err = StringIO(), StringIO()
    call_command(command, *arguments, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def test_without_a_cluster_the_brief_is_written_here_and_the_drafts_address_printed(settings, capfd):
    settings.SITE_URL = "https://desk.example"
    out, _ = run("write", "--brief", str(SAMPLE), "--wait")
    task = ContentTask.objects.get()
    assert task.status == Status.AWAITING_APPROVAL
    assert out == f"https://desk.example{reverse('desk:review', args=[task.draft.pk])}\n"
    progress = capfd.readouterr().err
    assert "Pending" in progress
    assert "100 %" in progress


def test_a_topic_and_sources_on_the_command_line_join_the_brief(tmp_path):
    source = tmp_path / "notes.md"
    source.write_text("# Notes\n\nShade cools a street by several degrees on a hot afternoon.")
    out, err = run("write", "Another topic", "--brief", str(SAMPLE), "--source", str(source),
                   "--source", "https://example.org/trees")  # fmt: skip
    task = ContentTask.objects.get()
    assert (task.topic, task.status) == ("Another topic", Status.PENDING)
    assert task.sources.count() == 6
    assert task.sources.last().url == "https://example.org/trees"
    assert reverse("admin:tasks_contenttask_change", args=[task.pk]) in out
    assert f"Task {task.pk} is queued" in err


def test_a_source_that_was_not_used_is_said():
    _, err = run("write", "--brief", str(SAMPLE), "--source", "http://127.0.0.1:9/", "--wait")
    number = ContentTask.objects.get().sources.count()
    assert f"Source {number} was not used: http://127.0.0.1:9/robots.txt uses port 9;" in err


def test_a_source_of_a_brief_has_a_file_or_a_text_and_loses_neither(tmp_path):
    (tmp_path / "notes.md").write_text("Shade cools a street by several degrees on a hot afternoon.")
    brief = tmp_path / "brief.toml"
    brief.write_text('topic = "Trees"\n[[sources]]\nfile = "notes.md"\ntext = "Typed for an hour."\n')
    with pytest.raises(CommandError, match="a text or a file, not both"):
        run("write", "--brief", str(brief))
    assert not ContentTask.objects.exists()


def test_a_cluster_that_takes_the_task_is_only_watched(monkeypatch):
    monkeypatch.setattr(write, "CLUSTER_WAIT_SECONDS", 60)

    def take_it():
        try:
            while not (task := ContentTask.objects.first()):
                time.sleep(0.05)
            write_one(task.pk)
        finally:
            connection.close()

    cluster = threading.Thread(target=take_it)
    cluster.start()
    out, _ = run("write", "--brief", str(SAMPLE), "--wait")
    cluster.join()
    assert reverse("desk:review", args=[ContentTask.objects.get().draft.pk]) in out


def test_a_failure_ends_the_command_with_the_tasks_own_sentence():
    with pytest.raises(CommandError, match="source"):
        run("write", "No sources at all", "--wait")
    assert ContentTask.objects.get().status == Status.FAILED


def test_a_task_that_is_cancelled_elsewhere_ends_the_command(monkeypatch):
    monkeypatch.setattr(write, "CLUSTER_WAIT_SECONDS", 60)

    def cancel_it():
        try:
            while not (task := ContentTask.objects.first()):
                time.sleep(0.05)
            cancel(task, by=None)
        finally:
            connection.close()

    canceller = threading.Thread(target=cancel_it)
    canceller.start()
    with pytest.raises(CommandError, match="is cancelled"):
        run("write", "Not wanted", "--wait")
    canceller.join()


def test_control_c_cancels_the_task(monkeypatch):
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(write.time, "sleep", interrupted)
    with pytest.raises(CommandError, match="was cancelled"):
        run("write", "Stopped early", "--wait")
    assert ContentTask.objects.get().status == Status.CANCELLED


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ([], "topic: This field cannot be blank."),
        (["x" * 201], "topic: Ensure this value has at most 200 characters"),
        (["Trees", "--brief", "missing.toml"], "missing.toml cannot be read"),
        (["Trees", "--source", "missing.txt"], "missing.txt cannot be read"),
    ],
)
def test_what_cannot_be_filed_is_refused_in_one_sentence(arguments, sentence):
    with pytest.raises(CommandError, match=sentence):
        run("write", *arguments)
    assert not ContentTask.objects.exists()


def test_tasks_are_listed_with_their_state():
    make_task(topic="Waiting")
    make_task(topic="Broken", status=Status.FAILED, error="No source.")
    out, _ = run("tasks", "list")
    assert "pending" in out
    assert "Waiting" in out
    assert "(No source.)" in out
    out, _ = run("tasks", "list", "--status", "failed")
    assert "Waiting" not in out


def test_tasks_are_cancelled_and_retried_by_number():
    task = make_task(status=Status.FAILED)
    out, _ = run("tasks", "retry", str(task.pk), "--reason", "The source is back.")
    assert out == f"Task {task.pk} was queued again.\n"
    run("tasks", "cancel", str(task.pk))
    task.refresh_from_db()
    assert task.status == Status.CANCELLED


def test_one_refusal_does_not_stop_the_others_but_is_the_exit_status():
    waiting, published = make_task(), make_task(status=Status.PUBLISHED)
    with pytest.raises(CommandError, match="2 of 3 tasks could not be changed"):
        run("tasks", "cancel", str(published.pk), "999999", str(waiting.pk))
    waiting.refresh_from_db()
    assert waiting.status == Status.CANCELLED


def test_cancelling_nothing_in_particular_is_refused():
    with pytest.raises(CommandError, match="Select tasks by ID"):
        run("tasks", "cancel")
