import pytest
from django.test import Client

from contentpipeline import probes
from contentpipeline.probes import DEPENDENCIES, ProbeResult, State
from tasks.lifecycle import Status
from tasks.models import Worker
from tests.factories import ago, make_task, make_worker


def test_live_needs_no_database(client: Client) -> None:
    assert client.get("/health/live/").json() == {"status": "live"}


@pytest.mark.django_db
def test_ready_names_every_dependency_with_state_and_latency(client: Client) -> None:
    answer = client.get("/health/ready/")
    checks = answer.json()["checks"]
    assert answer.status_code == 200
    assert set(checks) == set(DEPENDENCIES)
    assert all({"state", "latency_ms"} <= set(check) for check in checks.values())


@pytest.mark.django_db
def test_without_workers_pages_are_still_served(client: Client) -> None:
    answer = client.get("/health/ready/")
    assert answer.status_code == 200
    assert answer.json()["status"] == "degraded"
    assert answer.json()["checks"]["workers"]["state"] == "degraded"


@pytest.mark.django_db
def test_workers_are_counted_by_their_heartbeats_apart_from_the_clusters(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_worker(silent_seconds=30)
    monkeypatch.setattr(probes, "running_clusters", lambda: 1)
    found = client.get("/health/ready/").json()["checks"]["workers"]
    assert (found["state"], found["clusters"], found["workers"]) == ("degraded", 1, 0)
    assert "none of its workers is alive" in found["message"]
    make_worker()
    found = client.get("/health/ready/").json()["checks"]["workers"]
    assert (found["state"], found["clusters"], found["workers"]) == ("ok", 1, 1)


@pytest.mark.django_db
def test_the_queue_is_slow_when_a_due_task_waits_for_longer_than_the_limit(client: Client, settings) -> None:
    settings.QUEUE_LIMIT_SECONDS = 60
    make_task(status_changed_at=ago(hours=1), run_after=ago(hours=-1))
    make_task(status_changed_at=ago(hours=1), run_after=ago(seconds=30))
    found = client.get("/health/ready/").json()["checks"]["queue"]
    assert (found["state"], found["waiting"], found["scheduled"]) == ("ok", 1, 1)
    assert found["oldest_seconds"] == pytest.approx(30, abs=5)
    make_task(status_changed_at=ago(seconds=90))
    found = client.get("/health/ready/").json()["checks"]["queue"]
    assert (found["state"], found["waiting"]) == ("degraded", 2)


@pytest.mark.django_db
def test_tasks_that_wait_while_no_worker_beats_are_the_reason_in_words(client: Client) -> None:
    frozen = make_worker(silent_seconds=11)
    make_task(status=Status.IN_PROGRESS, lease_owner=frozen.pk)
    answer = client.get("/health/ready/").json()
    found = answer["checks"]["workers"]
    assert (answer["status"], found["state"], found["workers"]) == ("degraded", "degraded", 0)
    assert found["message"].endswith("1 task waits for a worker, 1 of them left by a worker that has died.")
    assert answer["checks"]["queue"]["orphaned"] == 1
    make_task()
    make_task(run_after=ago(hours=-1))
    make_task(status=Status.AWAITING_APPROVAL)
    found = client.get("/health/ready/").json()["checks"]["workers"]
    assert "2 tasks wait for a worker, 1 of them" in found["message"]
    make_worker()
    found = client.get("/health/ready/").json()["checks"]
    assert (found["workers"]["state"], found["queue"]["orphaned"]) == ("ok", 1)


@pytest.mark.django_db
def test_a_worker_whose_lock_is_gone_does_not_count_however_young_its_beat_is(client: Client) -> None:
    Worker.objects.create(host="desk", pid=1, max_in_flight=1)
    found = client.get("/health/ready/").json()["checks"]["workers"]
    assert (found["state"], found["workers"]) == ("degraded", 0)
    assert "for a worker" not in found["message"], "nothing waits"


@pytest.mark.parametrize(
    ("emails", "sends_mail", "url", "state", "words"),
    [
        ([], False, "", State.DEGRADED, "Nobody is notified, only the page Work"),
        (["ada@example.org"], False, "", State.DEGRADED, "set EMAIL_URL"),
        (
            ["ada@example.org"],
            True,
            "http://hook.example/t0p",
            State.OK,
            "ail to ada@example.org and an unsigned",
        ),
    ],
)
def test_the_doctor_reports_who_gets_alerts(settings, emails, sends_mail, url, state, words) -> None:
    from contentpipeline.management.commands import doctor

    settings.ALERT_EMAILS, settings.SENDS_MAIL, settings.ALERT_WEBHOOK_URL = emails, sends_mail, url
    found = doctor._alerts()
    assert found.state == state
    assert words in found.message
    assert "t0p" not in found.message


@pytest.mark.parametrize(
    ("sends_mail", "url", "secret", "state", "words"),
    [
        (False, "", "", State.DEGRADED, "None are sent: set EMAIL_URL, or NOTICE_WEBHOOK_URL."),
        (True, "", "", State.OK, "Mail as each user chooses."),
        (False, "https://hook.example/t0p", "", State.OK, "An unsigned (NOTICE_WEBHOOK_SECRET) webhook."),
        (
            True,
            "https://hook.example/t0p",
            "hush",
            State.OK,
            "Mail as each user chooses and a signed webhook.",
        ),
        (True, "", "hush", State.DEGRADED, "set NOTICE_WEBHOOK_URL"),
    ],
)
def test_the_doctor_reports_how_notifications_are_sent(
    settings, sends_mail, url, secret, state, words
) -> None:
    from contentpipeline.management.commands import doctor

    settings.SENDS_MAIL, settings.NOTICE_WEBHOOK_URL = sends_mail, url
    settings.NOTICE_WEBHOOK_SECRET = secret
    assert doctor.Command()._checks()["notifications"] is doctor._notifications
    found = doctor._notifications()
    assert found.state == state
    assert words in found.message
    assert "t0p" not in found.message
    assert "hush" not in found.message


@pytest.mark.django_db
def test_a_database_that_is_away_is_503_and_tells_no_secret(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse() -> ProbeResult:
        raise ConnectionError("password hunter2 refused")

    monkeypatch.setitem(DEPENDENCIES, "database", refuse)
    answer = client.get("/health/ready/")
    assert answer.status_code == 503
    assert answer.json()["status"] == "unavailable"
    assert "hunter2" not in answer.content.decode()


@pytest.mark.parametrize("path", ["/health/live/", "/health/ready/"])
def test_health_is_only_read(client: Client, path: str) -> None:
    assert client.post(path).status_code == 405


def test_a_cache_that_forgets_at_once_is_degraded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probes.cache, "get", lambda key: None)
    assert probes.shared_cache().state == State.DEGRADED


def test_a_cache_in_redis_is_probed(redis_url: str, settings) -> None:
    from django.core.cache import cache

    settings.REDIS_URL = redis_url
    settings.CACHES = {"default": {"BACKEND": "django_redis.cache.RedisCache", "LOCATION": redis_url}}
    assert probes.shared_cache().message == "Redis."
    cache.set("answer", 42)
    assert cache.get("answer") == 42
