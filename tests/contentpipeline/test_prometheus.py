"""`/metrics`: what Prometheus reads, and who may."""

import json
import re

import pytest
from django.conf import settings
from django.db import OperationalError
from prometheus_client.parser import text_string_to_metric_families

from contentpipeline import prometheus
from contentpipeline.roles import GROUP_OF_ROLE
from tasks.alerts.incidents import check
from tasks.lifecycle import Status
from tests.callers import token_of
from tests.factories import ago, make_task, make_user, make_worker

pytestmark = pytest.mark.django_db

HERE = {"REMOTE_ADDR": "127.0.0.1", "HTTP_HOST": "127.0.0.1:8000"}
ELSEWHERE = {"REMOTE_ADDR": "192.0.2.7", "HTTP_HOST": "127.0.0.1:8000"}


def samples(client):
    answer = client.get("/metrics", **HERE)
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("text/plain")
    families = text_string_to_metric_families(answer.content.decode())
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in families
        for sample in family.samples
    }


def test_it_reads_what_the_database_holds(client):
    make_worker(host="desk-7", pid=12, in_flight=3, loop_lag_ms=250)
    make_worker(silent_seconds=60)
    make_task(status_changed_at=ago(minutes=2))
    make_task(status=Status.IN_PROGRESS, stage="draft", breached_stage="draft", breached_at=ago(minutes=1))
    make_task(status=Status.FAILED, error_kind="timeout", error="Too slow.")
    check()
    found = samples(client)
    assert found["desk_tasks", "pending"] == found["desk_tasks_in_stage", "draft"] == 1
    assert found["desk_tasks_orphaned",] == 1
    assert found["desk_tasks_waiting",] == found["desk_workers_alive",] == 1
    assert found["desk_oldest_waiting_seconds",] == pytest.approx(120, abs=5)
    assert found["desk_tasks_failed", "timeout"] == found["desk_breaches_open", "draft"] == 1
    assert found["desk_incident_open", "failures"] == 1
    assert found["desk_incident_open", "no_worker"] == 0
    lag = {key: value for key, value in found.items() if key[0] == "desk_worker_loop_lag_seconds"}
    assert list(lag.values()) == [0.25], "a dead worker has no samples"


def test_with_nothing_to_measure_it_answers_all_the_same(client):
    found = samples(client)
    assert found["desk_oldest_waiting_seconds",] == 0
    assert ("desk_success_ratio",) not in found


@pytest.mark.parametrize(
    "caller",
    [
        ELSEWHERE, {"REMOTE_ADDR": ""}, {"REMOTE_ADDR": "nonsense"},
        HERE | {"HTTP_X_FORWARDED_FOR": "127.0.0.1"}, HERE | {"HTTP_X_FORWARDED_PROTO": "https"},
        HERE | {"HTTP_FORWARDED": "for=127.0.0.1"}, HERE | {"HTTP_HOST": "testserver"},
        ELSEWHERE | {"HTTP_AUTHORIZATION": "Token wrong"}, ELSEWHERE | {"HTTP_AUTHORIZATION": "Token \xe4"},
    ],
)  # fmt: skip
def test_from_elsewhere_or_through_a_proxy_it_needs_a_token(client, caller):
    answer = client.get("/metrics", **caller)
    assert (answer.status_code, answer["WWW-Authenticate"]) == (401, "Token")
    assert b"desk_" not in answer.content


@pytest.mark.parametrize("role", GROUP_OF_ROLE)
def test_every_role_may_see_tasks_and_so_this(client, role):
    token = token_of("nora", role)
    assert client.get("/metrics", HTTP_AUTHORIZATION=f"Token {token}", **ELSEWHERE).status_code == 200


def test_an_account_that_may_not_see_tasks_may_not_see_this(client):
    token = token_of("nora", "writer")
    make_user("nora").groups.clear()
    assert client.get("/metrics", HTTP_AUTHORIZATION=f"Token {token}", **ELSEWHERE).status_code == 401
    client.force_login(make_user("root", is_superuser=True))
    assert client.get("/metrics", **ELSEWHERE).status_code == 401, "a browser's session is no token"


def test_it_can_be_opened_to_everyone(client, settings):
    settings.METRICS_PUBLIC = True
    assert client.get("/metrics", **ELSEWHERE).status_code == 200


def test_it_is_only_read(client):
    assert client.post("/metrics", **HERE).status_code == 405


def test_without_a_database_it_says_so(client, monkeypatch):
    def refuse():
        raise OperationalError("password hunter2 refused")

    monkeypatch.setattr(prometheus, "task_metrics", refuse)
    answer = client.get("/metrics", **HERE)
    assert (answer.status_code, answer.content) == (503, b"The database cannot be reached.\n")


def test_the_dashboard_shows_every_metric_and_no_other():
    dashboard = json.loads((settings.BASE_DIR / "docs" / "grafana" / "desk.json").read_text())
    shown = {
        name.removesuffix("_total")
        for panel in dashboard["panels"]
        for target in panel["targets"]
        for name in re.findall(r"\bdesk_\w+", target["expr"])
    }
    source = (settings.BASE_DIR / "contentpipeline" / "prometheus.py").read_text()
    assert shown == set(re.findall(r'"(desk_\w+)"', source))
    assert len({panel["id"] for panel in dashboard["panels"]}) == len(dashboard["panels"])
