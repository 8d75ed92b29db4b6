"""The outbox: leases, back-off, and rows that end delivered or given up."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from publishing.models import Announcement
from tasks.delivery.backoff import Backoff
from tasks.delivery.errors import DeliveryFailed
from tasks.delivery.http import MAX_BODY_BYTES, post
from tests.factories import ago

pytestmark = pytest.mark.django_db

LEASE = timedelta(seconds=60)
BACKOFF = Backoff(timedelta(seconds=10), timedelta(minutes=1), max_attempts=3)


def make_rows(*due_at):
    return [
        Announcement.objects.create(path=f"/{number}/", changed_at=timezone.now(), due_at=moment)
        for number, moment in enumerate(due_at)
    ]


def seconds_until_due(row):
    row.refresh_from_db()
    return (row.due_at - timezone.now()).total_seconds()


def test_a_lease_takes_what_is_due_longest_first_and_counts_an_attempt():
    later, second, first, ended = make_rows(
        timezone.now() + timedelta(minutes=1), ago(minutes=1), ago(minutes=2), None
    )
    leased = Announcement.objects.lease(LEASE, 5)
    assert [row.pk for row in leased] == [first.pk, second.pk]
    assert [row.attempts for row in leased] == [1, 1]
    assert seconds_until_due(first) == pytest.approx(60, abs=3)
    assert Announcement.objects.lease(LEASE, 5) == [], "they are leased"
    for row, attempts in ((first, 1), (second, 1), (later, 0), (ended, 0)):
        row.refresh_from_db()
        assert row.attempts == attempts


def test_a_lease_takes_no_more_than_it_was_asked_for_and_stays_in_its_selection():
    first, second, _ = make_rows(ago(minutes=3), ago(minutes=2), ago(minutes=1))
    assert [row.pk for row in Announcement.objects.exclude(pk=first.pk).lease(LEASE)] == [second.pk]


def test_a_lease_that_ended_is_taken_over():
    [row] = make_rows(ago(minutes=1))
    Announcement.objects.lease(LEASE)
    Announcement.objects.update(due_at=ago(seconds=1))
    [again] = Announcement.objects.lease(LEASE)
    assert (again.pk, again.attempts) == (row.pk, 2)


@pytest.mark.django_db(transaction=True)
def test_no_two_processes_lease_the_same_row():
    make_rows(*[ago(minutes=1)] * 40)
    start = threading.Barrier(4)

    def lease(_):
        start.wait()
        try:
            return [row.pk for _ in range(10) for row in Announcement.objects.lease(LEASE, 2)]
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        taken = [pk for found in pool.map(lease, range(4)) for pk in found]
    assert len(taken) == len(set(taken)) == 40


def test_what_fails_is_postponed_longer_each_time_and_then_given_up():
    [row] = make_rows(ago(minutes=1))
    own = Announcement.objects.filter(pk=row.pk)
    for attempts, pause in ((1, 10), (2, 20)):
        own.record_failure("It answered 500.", attempts, BACKOFF)
        assert seconds_until_due(row) == pytest.approx(pause, abs=3)
        assert list(Announcement.objects.waiting()) == [row]
    own.record_failure("It answered 503.", 3, BACKOFF)
    row.refresh_from_db()
    assert (row.due_at, row.last_error) == (None, "It answered 503.")
    assert not Announcement.objects.waiting().exists()


def test_a_pause_has_an_end_and_its_jitter_spreads_it():
    assert [BACKOFF.pause(attempts).total_seconds() for attempts in (1, 2, 3, 4, 5, 10_000)] == [
        10, 20, 40, 60, 60, 60,
    ]  # fmt: skip
    wide = Backoff(timedelta(seconds=2), timedelta(minutes=5), factor=4, jitter=0.25)
    pauses = {wide.pause(2).total_seconds() for _ in range(200)}
    assert len(pauses) > 100
    assert min(pauses) >= 6
    assert max(pauses) <= 10
    assert max(wide.pause(10_000) for _ in range(20)) <= timedelta(minutes=5) * 1.25


def test_without_a_last_attempt_nothing_is_given_up():
    endless = Backoff(timedelta(seconds=2), timedelta(minutes=5))
    assert not endless.is_over(10_000)
    assert (BACKOFF.is_over(2), BACKOFF.is_over(3)) == (False, True)


def test_what_is_too_large_is_not_sent():
    with pytest.raises(DeliveryFailed, match="too large: 1,048,577 bytes"):
        post("http://127.0.0.1:9/", b" " * (MAX_BODY_BYTES + 1), {})
