"""Announcing changes to search engines: to a real web server, which refuses, hangs and redirects."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone

from publishing import indexnow
from publishing.indexnow import BACKOFF, announce_due, enqueue
from publishing.models import Announcement
from publishing.publish import unpublish
from tasks.delivery import http
from tests.factories import make_user
from tests.publishing.factories import make_post
from tests.receivers import Hook

pytestmark = pytest.mark.django_db

KEY = "0123456789abcdef"


@pytest.fixture
def engine(settings):
    hook = Hook()
    settings.INDEXNOW_KEY, settings.INDEXNOW_URL = KEY, f"{hook.url}indexnow"
    yield hook
    hook.server.shutdown()
    hook.server.server_close()


def make_due():
    Announcement.objects.update(due_at=timezone.now())


def announced(engine):
    return [json.loads(body) for _, _, body in engine.got]


def test_a_published_and_a_withdrawn_post_are_announced_once_each(engine):
    engine.status = 202
    post = make_post(slug="street-trees")
    assert announce_due() == 1
    assert announced(engine) == [
        {
            "host": "127.0.0.1:8000",
            "key": KEY,
            "keyLocation": f"http://127.0.0.1:8000/{KEY}.txt",
            "urlList": ["http://127.0.0.1:8000/posts/street-trees/"],
        }
    ]
    assert announce_due() == 0
    unpublish(post, by=make_user("publisher"))
    assert announce_due() == 1
    assert not Announcement.objects.exists()


def test_without_a_key_nothing_is_recorded_or_sent(engine, settings):
    settings.INDEXNOW_KEY = ""
    make_post()
    assert announce_due() == 0
    assert not Announcement.objects.exists()
    assert engine.got == []
    assert Client().get(f"/{KEY}.txt").status_code == 404


def test_a_change_that_was_not_committed_is_not_announced(engine):
    with transaction.atomic():
        make_post()
        transaction.set_rollback(True)
    assert announce_due() == 0


def test_the_key_is_shown_at_its_address_and_no_other_is(engine):
    response = Client().get(f"/{KEY}.txt")
    assert response.content.decode() == KEY
    assert response["Content-Type"].startswith("text/plain")
    assert Client().get("/another-key.txt").status_code == 404


@pytest.mark.parametrize("status", [301, 403, 422, 429, 500])
def test_a_refusal_is_tried_again_after_growing_pauses(engine, status):
    engine.status = status
    enqueue(["/posts/a/"])
    announce_due()
    row = Announcement.objects.get()
    assert row.last_error.removesuffix(".").startswith(f"IndexNow answered {status}")
    assert timedelta(seconds=25) < row.due_at - timezone.now() < timedelta(seconds=31)
    assert announce_due() == 0
    make_due()
    engine.status = 200
    announce_due()
    assert not Announcement.objects.exists()
    assert len(engine.got) == 2


def test_one_that_never_answers_is_left_in_time(engine, monkeypatch):
    monkeypatch.setattr(http, "TIMEOUT_SECONDS", 0.2)
    engine.drip_seconds = 3
    enqueue(["/posts/a/"])
    announce_due()
    assert Announcement.objects.get().last_error == "IndexNow did not answer within 0.2 seconds."


def test_one_that_is_not_there_is_recorded_without_the_key(engine, settings):
    settings.INDEXNOW_URL = "http://127.0.0.1:9/"
    enqueue(["/posts/a/"])
    announce_due()
    error = Announcement.objects.get().last_error
    assert error.startswith("IndexNow cannot be reached")
    assert KEY not in error


def test_after_many_attempts_it_is_given_up_but_stays_on_record(engine):
    engine.status = 500
    enqueue(["/posts/a/"])
    Announcement.objects.update(attempts=BACKOFF.max_attempts - 1)
    announce_due()
    assert Announcement.objects.get().due_at is None
    enqueue(["/posts/a/"])
    assert Announcement.objects.get().attempts == 0


def test_a_change_while_it_is_being_announced_is_announced_again(engine, monkeypatch):
    enqueue(["/posts/a/"])

    def send_while_it_changes(paths):
        enqueue(["/posts/a/"])
        return ""

    monkeypatch.setattr(indexnow, "_send", send_while_it_changes)
    announce_due()
    assert Announcement.objects.get().due_at <= timezone.now()


@pytest.mark.django_db(transaction=True)
def test_of_many_processes_one_announces(engine):
    engine.status = 200
    enqueue([f"/posts/{number}/" for number in range(30)])
    start = threading.Barrier(4)

    def announce():
        from django.db import connection

        start.wait()
        try:
            return announce_due()
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        counts = list(pool.map(lambda _: announce(), range(4)))
    assert sum(counts) == 30
    assert sorted(url for body in announced(engine) for url in body["urlList"]) == sorted(
        f"http://127.0.0.1:8000/posts/{number}/" for number in range(30)
    )


def test_the_pauses_grow_and_have_an_end():
    pauses = [BACKOFF.pause(attempts) for attempts in range(1, BACKOFF.max_attempts + 1)]
    assert pauses[:3] == [timedelta(seconds=30), timedelta(minutes=1), timedelta(minutes=2)]
    assert max(pauses) == timedelta(hours=6)
