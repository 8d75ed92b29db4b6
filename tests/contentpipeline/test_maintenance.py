"""The maintenance loop: it survives every failure, and its process ends with its parent."""

import os
import re
import signal
import subprocess
import sys
import time

import pytest
from django.conf import settings as django_settings
from django.db import OperationalError, connection

from contentpipeline.processes import maintenance
from contentpipeline.processes.maintenance import MaintenanceLoop
from tasks.housekeeping import delete_old_rows
from tasks.lifecycle import Status
from tasks.models import ContentTask, IdempotencyKey, Incident, TaskEvent
from tests.factories import ago, make_task, make_user
from tests.processes import are_gone

pytestmark = pytest.mark.django_db(transaction=True)


def wait_for(condition, seconds=10):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_it_marks_checks_and_alerts_until_it_is_stopped():
    make_task(status_changed_at=ago(hours=1))
    loop = MaintenanceLoop(interval_seconds=0.05)
    loop.start()
    wait_for(lambda: Incident.objects.filter(due_at=None).count() == 2)
    assert set(Incident.objects.values_list("kind", flat=True)) == {"sla_breach", "no_worker"}
    loop.stop()
    loop.join(5)
    assert not loop.is_alive()
    assert ContentTask.objects.get().breached_stage == "queue"


def test_an_unreachable_database_is_logged_once_and_an_error_each_time(monkeypatch, caplog):
    def away():
        raise OperationalError("connection refused\nmore")

    def broken():
        raise KeyError("a fault of ours")

    loop = MaintenanceLoop()
    monkeypatch.setattr(maintenance, "check", away)
    loop.run_safely()
    loop.run_safely()
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    monkeypatch.setattr(maintenance, "check", broken)
    loop.run_safely()
    assert caplog.records[-1].levelname == "ERROR"
    monkeypatch.setattr(maintenance, "check", lambda: None)
    make_task(status_changed_at=ago(hours=1))
    loop.run_safely()
    assert ContentTask.objects.get().breached_stage == "queue"


def test_it_leaves_no_connection_open_between_its_runs():
    MaintenanceLoop().run_safely()
    assert connection.connection is None


STARTED = """
import os, sys, time
import django
django.setup()
from contentpipeline.processes import lifetime, maintenance
lifetime.end_forks_with_parent()
process = maintenance.MaintenanceProcess()
print(*process.pids(), flush=True)
time.sleep(60)
"""


@pytest.mark.parametrize("sign", [signal.SIGKILL, signal.SIGTERM])
def test_a_maintenance_process_ends_with_its_parent(sign):
    # It reaches no database: that must not matter.
    environment = os.environ | {"DATABASE_URL": "postgres://nobody@127.0.0.1:9/none"}
    with subprocess.Popen(
        [sys.executable, "-c", STARTED], cwd=django_settings.BASE_DIR, env=environment, stdout=subprocess.PIPE
    ) as process:
        maintenance_pid = int(process.stdout.readline())
        assert not are_gone({maintenance_pid}, seconds=0.2)
        process.send_signal(sign)
    assert are_gone({maintenance_pid}, seconds=5)


CRASHING = """
import os, time
import django
django.setup()
from contentpipeline.processes import maintenance
maintenance.LONGEST_PAUSE_SECONDS, maintenance.FIRST_PAUSE_SECONDS = 1.6, 0.2
maintenance.run_maintenance = lambda parent, close_inherited: os._exit(3)
process = maintenance.MaintenanceProcess()
while True:
    process.check()
    time.sleep(0.01)
"""


def test_a_maintenance_process_that_ends_repeatedly_is_restarted_after_longer_pauses():
    with subprocess.Popen(
        [sys.executable, "-c", CRASHING], cwd=django_settings.BASE_DIR, stderr=subprocess.PIPE, text=True
    ) as process:
        lines = [process.stderr.readline() for _ in range(5)]
        process.kill()
    assert all("The maintenance process ended with status 3" in line for line in lines), lines
    pauses = [re.search(r"in ([\d.]+) s\.$", line.strip())[1] for line in lines]
    assert pauses == ["0.2", "0.4", "0.8", "1.6", "1.6"]


# --- Old rows -----------------------------------------------------------------------------------------


@pytest.fixture
def _small_batches(monkeypatch):
    monkeypatch.setattr("tasks.housekeeping.BATCH", 2)


def with_events(count, **fields):
    task = make_task(**fields)
    TaskEvent.objects.bulk_create(
        [TaskEvent(task=task, seq=seq, kind="text", data={}) for seq in range(1, count + 1)]
    )
    return task


@pytest.mark.usefixtures("_small_batches")
def test_events_are_forgotten_a_week_after_the_work_has_ended():
    with_events(5, status=Status.PUBLISHED, finished_at=ago(days=8))
    with_events(1, status=Status.CANCELLED, status_changed_at=ago(days=8))  # before anybody began
    recent = [
        with_events(1, status=Status.PUBLISHED, finished_at=ago(days=6)),
        with_events(1, status=Status.ON_HOLD, finished_at=ago(days=8), status_changed_at=ago(days=8)),
    ]
    assert delete_old_rows() == 6
    assert set(TaskEvent.objects.values_list("task", flat=True)) == {task.pk for task in recent}


@pytest.mark.usefixtures("_small_batches")
def test_idempotency_keys_are_forgotten_after_a_week():
    user = make_user("ida")
    for number in range(5):
        IdempotencyKey.objects.create(user=user, key=str(number), request_sha256="")
    IdempotencyKey.objects.exclude(key="4").update(created_at=ago(days=8))
    assert delete_old_rows() == 4
    assert IdempotencyKey.objects.get().key == "4"
