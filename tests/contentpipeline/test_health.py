import pytest
from django.test import Client

from contentpipeline import probes
from contentpipeline.probes import DEPENDENCIES, Finding, State


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
def test_a_database_that_is_away_is_503_and_tells_no_secret(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse() -> Finding:
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
