"""The publication scheduler: what is due goes online within seconds, whatever else is broken."""

import time
from datetime import timedelta
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from django.db import OperationalError
from django.utils import timezone

from contentpipeline.processes import publication_scheduler
from contentpipeline.processes.publication_scheduler import MAX_PAUSE_SECONDS, PublicationScheduler
from publishing.addresses import path_of
from publishing.models import Post
from publishing.schedule import schedule
from tests.factories import approve, make_draft, make_user
from tests.live import database_url, serving

pytestmark = pytest.mark.django_db(transaction=True)


def planned(**in_future):
    draft = make_draft()
    approve(draft)
    return schedule(
        draft, timezone.now() + timedelta(**in_future), zone="UTC", by=make_user("paula", "Publishers")
    )


def test_a_text_is_online_within_five_seconds_of_its_time_even_if_set_at_the_last_moment():
    tables = [PublicationScheduler(), PublicationScheduler()]
    for table in tables:
        table.start()
    try:
        time.sleep(0.3)  # both have seen that nothing is planned, and sleep
        plan = planned(seconds=0.5)
        while not (post := Post.objects.published().first()):
            assert timezone.now() < plan.publish_at + timedelta(seconds=5)
            time.sleep(0.02)
        assert post.published_at >= plan.publish_at
    finally:
        for table in tables:
            table.stop()
            table.join(5)
    assert not any(table.is_alive() for table in tables)
    assert Post.objects.count() == 1


def test_it_sleeps_until_the_next_time_and_never_for_long():
    table = PublicationScheduler()
    assert table.run_safely() == MAX_PAUSE_SECONDS
    planned(seconds=1)
    assert 0 < table.run_safely() <= 1
    planned(hours=1)
    assert table.run_safely() <= MAX_PAUSE_SECONDS


def test_a_database_that_is_away_is_said_once_and_an_error_each_time(monkeypatch, caplog):
    def away():
        raise OperationalError("connection refused\nmore")

    def broken():
        raise KeyError("a fault of ours")

    table = PublicationScheduler()
    monkeypatch.setattr(publication_scheduler, "publish_due", away)
    assert table.run_safely() == table.run_safely() == MAX_PAUSE_SECONDS
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    monkeypatch.setattr(publication_scheduler, "publish_due", broken)
    table.run_safely()
    assert caplog.records[-1].levelname == "ERROR"


def test_a_running_server_shows_it_in_time_at_an_address_it_had_answered_with_404(tmp_path):
    with serving(tmp_path / "log", "-m", "tests.live", DATABASE_URL=database_url(), MAINTENANCE="1") as site:
        plan = planned(seconds=2)
        page = f"{site.url}{path_of('post', plan.draft.slug)}"
        assert status_of(page) == 404
        while status_of(page) != 200:
            assert timezone.now() < plan.publish_at + timedelta(seconds=5)
            time.sleep(0.05)
        assert timezone.now() >= plan.publish_at


def status_of(address):
    try:
        with urlopen(address, timeout=5) as answer:
            return answer.status
    except HTTPError as error:
        return error.code
