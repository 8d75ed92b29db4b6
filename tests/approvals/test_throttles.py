"""The API's limits hold over all processes, by address, whatever a client says about itself."""

import psycopg
import pytest
from django.db import connection
from rest_framework.test import APIClient
from rest_framework.throttling import SimpleRateThrottle

from approvals.access import tokens
from approvals.access.counting import count
from approvals.access.housekeeping import delete_old_rows
from approvals.access.models import PasswordFailures, RequestCount
from approvals.models import AuditEntry
from tests.callers import bearer, caller, problem, token_of
from tests.factories import ago
from tests.live import database_url

pytestmark = pytest.mark.django_db


@pytest.fixture
def few(monkeypatch):
    monkeypatch.setattr(SimpleRateThrottle, "THROTTLE_RATES", {"anon": "3/min", "user": "4/min"})


def ask(address="203.0.113.9", **headers):
    return APIClient().get("/api/posts/", REMOTE_ADDR=address, **headers)


def test_a_client_over_the_limit_learns_when_to_try_again(few):
    assert [ask().status_code for _ in range(4)] == [200, 200, 200, 429]
    answer = ask()
    problem(answer, 429)
    assert 1 <= int(answer["Retry-After"]) <= 60
    assert ask("203.0.113.10").status_code == 200
    RequestCount.objects.update(ends_at=ago(seconds=1))
    assert [ask().status_code for _ in range(4)] == [200, 200, 200, 429]


def test_a_header_that_anybody_can_write_gives_nobody_another_limit(few, settings):
    statuses = [ask(HTTP_X_FORWARDED_FOR=f"198.51.100.{number}").status_code for number in range(4)]
    assert statuses == [200, 200, 200, 429]
    settings.TRUSTED_PROXIES = ["203.0.113.9"]
    assert ask(HTTP_X_FORWARDED_FOR="198.51.100.1").status_code == 200
    forged = [ask(HTTP_X_FORWARDED_FOR=f"192.0.2.{number}, 198.51.100.2").status_code for number in range(4)]
    assert forged == [200, 200, 200, 429]


def test_an_ipv6_network_is_one_client(few):
    statuses = [ask(f"2001:db8:1:2::{number}").status_code for number in range(4)]
    assert statuses == [200, 200, 200, 429]


def test_an_account_has_its_own_limit_wherever_it_asks_from(few):
    client = caller("Writers")
    statuses = [client.get("/api/tasks/", REMOTE_ADDR=f"203.0.113.{n}").status_code for n in range(5)]
    assert statuses == [200] * 4 + [429]
    assert caller("Writers").get("/api/tasks/").status_code == 200


@pytest.mark.django_db(transaction=True)
def test_processes_share_the_limit(site):
    own, others = APIClient(), 0
    for _ in range(60):
        assert own.get("/api/posts/", REMOTE_ADDR="127.0.0.1").status_code == 200
        others += site.ask("GET", "/api/posts/").status == 200
    assert others == 60
    assert own.get("/api/posts/", REMOTE_ADDR="127.0.0.1").status_code == 429
    refused = site.ask("GET", "/api/posts/", headers={"X-Forwarded-For": "203.0.113.77"})
    assert (refused.status, bool(refused.header("retry-after"))) == (429, True)


@pytest.mark.django_db(transaction=True)
def test_the_application_may_count(as_application):
    assert count("a", 60).number == 1
    assert count("a", 60) == (2, 60)
    assert delete_old_rows() == 0


def test_a_connection_that_was_lost_is_opened_again(transactional_db):
    count("a", 60)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        with psycopg.connect(database_url()) as other:
            other.execute("SELECT pg_terminate_backend(%s)", cursor.fetchone())
    connection.close_if_unusable_or_obsolete()  # as at the beginning of each request
    assert count("a", 60).number == 2


# --- Tokens ---


def guess(token, address="203.0.113.9", path="/api/tasks/"):
    return APIClient().get(path, HTTP_AUTHORIZATION=f"Token {token}", REMOTE_ADDR=address)


def test_guessing_tokens_is_limited(monkeypatch):
    monkeypatch.setattr(tokens, "LIMIT", 3)
    before = AuditEntry.objects.count()
    guesses = ["a" * 64, "b" * 64, "\xff", "c" * 64, "d" * 64, "e" * 64]
    assert [guess(one).status_code for one in guesses] == [401, 401, 401, 429, 429, 429]
    answer = guess("f" * 64, path="/api/posts/")
    problem(answer, 429)
    assert 1 <= int(answer["Retry-After"]) <= 60
    assert guess("g" * 64, path="/metrics").status_code == 429
    assert guess("h" * 64, "203.0.113.10").status_code == 401
    [entry] = AuditEntry.objects.order_by("seq")[before:]
    assert (entry.action, entry.data["address"]) == ("token.limited", "203.0.113.9")
    assert not any(one * 8 in str(entry.data) for one in "abcdef")


def test_nobody_locks_out_a_program_from_its_own_address(monkeypatch):
    monkeypatch.setattr(tokens, "LIMIT", 2)
    token = token_of("nora", "writer")
    for _ in range(5):
        guess("a" * 64)
    assert guess(token).status_code == 200
    assert bearer(token).get("/api/tasks/").status_code == 200


# --- Housekeeping ---


def test_counts_that_are_over_are_deleted():
    count("old", 60)
    count("new", 60)
    RequestCount.objects.filter(key="old").update(ends_at=ago(hours=2))
    PasswordFailures.objects.create(key="old", ends_at=ago(hours=2))
    PasswordFailures.objects.create(key="new", ends_at=ago(hours=-2))
    assert delete_old_rows() == 2
    assert (RequestCount.objects.get().key, PasswordFailures.objects.get().key) == ("new", "new")
