"""Which workers count as dead: those without a lock and silent ones, whatever the clocks say."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from tasks.advisory_locks import Call, Lock, statement
from tasks.engine import heartbeats, leases
from tasks.engine.heartbeats import CONFIRM_SECONDS, Heartbeats
from tasks.lifecycle import Status
from tasks.models import ContentTask, Worker
from tests.factories import make_task, make_worker

AT = timezone.now()


class Monotonic:
    """A clock that a test moves."""

    now = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Monotonic:
    clock = Monotonic()
    monkeypatch.setattr(heartbeats, "time", clock)
    return clock


def looks(seen: Heartbeats, clock: Monotonic, seconds: int, *, is_old: bool, beats: bool) -> list[bool]:
    """What one check a second finds."""
    found = []
    for second in range(seconds):
        clock.now += 1
        beat_at = AT + timedelta(seconds=second) if beats else AT
        found.append(seen.are_silent([(1, beat_at, False, is_old)])[1])
    return found


def test_a_clock_that_jumps_forward_kills_nobody_who_beats(clock: Monotonic) -> None:
    seen = Heartbeats()
    looks(seen, clock, 3, is_old=False, beats=True)
    assert not any(looks(seen, clock, 20, is_old=True, beats=True))


def test_a_clock_that_jumps_back_hides_nobody_who_is_frozen(clock: Monotonic) -> None:
    found = looks(Heartbeats(), clock, 13, is_old=False, beats=False)
    assert found == [False] * 10 + [True] * 3


def test_an_old_beat_is_confirmed_before_it_counts(clock: Monotonic) -> None:
    found = looks(Heartbeats(), clock, 5, is_old=True, beats=False)
    assert found == [False] * int(CONFIRM_SECONDS) + [True] * 2


def test_what_happened_while_nobody_looked_is_not_held_against_a_worker(clock: Monotonic) -> None:
    seen = Heartbeats()
    looks(seen, clock, 2, is_old=False, beats=False)
    clock.now += 60  # the one who looks was frozen itself, or the database was
    assert looks(seen, clock, 5, is_old=True, beats=False) == [False] * 3 + [True] * 2


@pytest.mark.django_db
def test_with_a_memory_of_beats_a_silent_worker_is_reaped_once_it_is_confirmed(clock: Monotonic) -> None:
    worker = make_worker(silent_seconds=60)
    task = make_task(status=Status.IN_PROGRESS, lease_owner=worker.pk)
    seen, reaped = Heartbeats(), []
    for _ in range(5):
        reaped.append(leases.reap_dead_workers(None, seen))
        clock.now += 1
    assert reaped == [0, 0, 0, 1, 0]
    task.refresh_from_db()
    assert (task.status, task.lease_owner, task.lost_leases) == (Status.PENDING, None, 1)


@pytest.mark.django_db
def test_one_without_a_lock_is_reaped_at_once_and_its_own_never(clock: Monotonic) -> None:
    dead = Worker.objects.create(host="desk", pid=1, max_in_flight=1)
    make_task(status=Status.IN_PROGRESS, lease_owner=dead.pk)
    assert leases.reap_dead_workers(dead.pk, Heartbeats()) == 0
    assert leases.reap_dead_workers(None, Heartbeats()) == 1
    assert not Worker.objects.exists()
    assert ContentTask.objects.get().status == Status.PENDING


@pytest.mark.django_db
def test_looking_for_dead_workers_is_one_statement(django_assert_num_queries) -> None:
    make_worker()
    with django_assert_num_queries(1):
        assert leases.reap_dead_workers(None, Heartbeats()) == 0


@pytest.mark.django_db
def test_alive_is_who_holds_its_lock_and_beats() -> None:
    alive = make_worker()
    make_worker(silent_seconds=11)
    ended = Worker.objects.create(host="desk", pid=1, max_in_flight=1)
    assert list(Worker.objects.alive()) == [alive]
    with connection.cursor() as cursor:
        cursor.execute(statement(Call.TRANSACTION, Lock.WORKER, ended.pk))
    assert list(Worker.objects.alive()) == [alive, ended]
