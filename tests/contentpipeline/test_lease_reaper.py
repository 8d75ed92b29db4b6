"""Tasks are taken back by processes that write none themselves."""

import time

import pytest
from django.db import OperationalError, connection

from contentpipeline.processes.lease_reaper import LeaseReaper
from tasks.engine import leases
from tasks.lifecycle import Status
from tasks.models import ContentTask, Worker
from tests.factories import make_task

pytestmark = pytest.mark.django_db(transaction=True)


def test_it_takes_tasks_back_within_two_seconds_though_no_worker_exists() -> None:
    dead = Worker.objects.create(host="desk", pid=1, max_in_flight=1)
    make_task(status=Status.IN_PROGRESS, lease_owner=dead.pk)
    make_task(status=Status.IN_PROGRESS, lease_owner=None)
    reaper = LeaseReaper()
    reaper.start()
    deadline = time.monotonic() + 2
    while ContentTask.objects.filter(status=Status.PENDING).count() < 2:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    assert not Worker.objects.exists()
    reaper.stop()
    reaper.join(5)


def test_its_connection_stays_open_as_long_as_nothing_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    reaper = LeaseReaper()
    reaper.run_safely()
    first = connection.connection
    assert first is not None
    reaper.run_safely()
    assert connection.connection is first

    def away(*_: object) -> int:
        raise OperationalError("server closed the connection unexpectedly")

    with monkeypatch.context() as broken:
        broken.setattr(leases, "reap_dead_workers", away)
        reaper.run_safely()
    assert connection.connection is None
    reaper.run_safely()
    assert connection.connection is not None
