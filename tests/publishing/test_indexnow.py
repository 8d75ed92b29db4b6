"""Telling search engines of changes: to a real web server, which refuses, hangs and redirects."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone

from publishing import indexnow
from publishing.indexnow import announce_due, enqueue, pause_after
from publishing.models import Announcement
from publishing.publish import unpublish
from tests.factories import make_user
from tests.publishing.factories import make_post
from tests.tasks.test_deliveries import Hook

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
    Announcement.objects.update(deliver_at=timezone.now())


def told(engine):
    return [json.loads(body) for _, _, body in engine.got]


def test_a_published_and_a_withdrawn_post_are_told_once_each(engine):
    engine.status = 202
    post = make_post(slug="street-trees")
    assert announce_due() == 1
    assert told(engine) == [
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


def test_without_a_key_nothing_is_kept_or_told(engine, settings):
    settings.INDEXNOW_KEY = ""
    make_post()
    assert announce_due() == 0
    assert not Announcement.objects.exists()
    assert engine.got == []
    assert Client().get(f"/{KEY}.txt").status_code == 404


def test_a_change_that_was_not_committed_is_not_told(engine):
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
    assert row.last_error == f"It answered {status}."
    assert timedelta(seconds=25) < row.deliver_at - timezone.now() < timedelta(seconds=31)
    assert announce_due() == 0
    make_due()
    engine.status = 200
    announce_due()
    assert not Announcement.objects.exists()
    assert len(engine.got) == 2


def test_one_that_never_answers_is_left_in_time(engine, monkeypatch):
    monkeypatch.setattr(indexnow, "SECONDS", 0.2)
    engine.drip_seconds = 3
    enqueue(["/posts/a/"])
    announce_due()
    assert Announcement.objects.get().last_error == "No answer within 0.2 seconds."


def test_one_that_is_not_there_is_recorded_without_the_key(engine, settings):
    settings.INDEXNOW_URL = "http://127.0.0.1:9/"
    enqueue(["/posts/a/"])
    announce_due()
    error = Announcement.objects.get().last_error
    assert error.startswith("It cannot be reached")
    assert KEY not in error


def test_after_many_attempts_it_is_given_up_but_stays_on_record(engine):
    engine.status = 500
    enqueue(["/posts/a/"])
    Announcement.objects.update(attempts=indexnow.MAX_ATTEMPTS - 1)
    announce_due()
    assert Announcement.objects.get().deliver_at is None
    enqueue(["/posts/a/"])
    assert Announcement.objects.get().attempts == 0


def test_a_change_while_it_is_being_told_is_told_again(engine, monkeypatch):
    enqueue(["/posts/a/"])

    def tell_while_it_changes(paths):
        enqueue(["/posts/a/"])
        return ""

    monkeypatch.setattr(indexnow, "_why_not_told", tell_while_it_changes)
    announce_due()
    assert Announcement.objects.get().deliver_at <= timezone.now()


@pytest.mark.django_db(transaction=True)
def test_of_many_processes_one_tells(engine):
    engine.status = 200
    enqueue([f"/posts/{number}/" for number in range(30)])
    start = threading.Barrier(4)

    def tell():
        from django.db import connection

        start.wait()
        try:
            return announce_due()
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        counts = list(pool.map(lambda _: tell(), range(4)))
    assert sum(counts) == 30
    assert sorted(url for body in told(engine) for url in body["urlList"]) == sorted(
        f"http://127.0.0.1:8000/posts/{number}/" for number in range(30)
    )


def test_the_pauses_grow_and_have_an_end():
    pauses = [pause_after(attempts) for attempts in range(1, indexnow.MAX_ATTEMPTS + 1)]
    assert pauses[:3] == [timedelta(seconds=30), timedelta(minutes=1), timedelta(minutes=2)]
    assert max(pauses) == timedelta(hours=6)
