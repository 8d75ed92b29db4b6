"""`/metrics` for Prometheus.

Several processes answer, so figures are read from the database, once in a minute at most, and what only web
processes count from their shared counters.
"""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_address
from typing import Any

from django.conf import settings
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.http.request import split_domain_port
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector
from rest_framework.exceptions import AuthenticationFailed, Throttled

from approvals.access.tokens import TokenAuthentication
from contentpipeline.cache import tier
from contentpipeline.counters import counters
from contentpipeline.processes.cluster_registry import running_clusters
from tasks.metrics import task_metrics
from tasks.models import Incident

PERMISSION = "tasks.view_contenttask"
LOOPBACK_NAMES = {"localhost", "127.0.0.1", "[::1]"}
SET_BY_PROXIES = ("Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-IP", "Via")


@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    try:
        may_read = settings.METRICS_PUBLIC or _is_from_here(request) or _has_token(request)
    except Throttled as error:
        wait = getattr(error, "wait", None)  # missing in the stubs
        headers = {"Retry-After": str(wait)}
        return HttpResponse("Too many wrong tokens.\n", "text/plain", 429, headers=headers)
    if not may_read:
        answer = HttpResponse("Send a token of an account that may see tasks.\n", "text/plain", 401)
        answer["WWW-Authenticate"] = "Token"
        return answer
    registry = CollectorRegistry(auto_describe=False)
    registry.register(DeskCollector())
    encode, content_type = choose_encoder(request.headers.get("Accept", ""))
    try:
        return HttpResponse(encode(registry), content_type)
    except OperationalError:
        return HttpResponse("The database cannot be reached.\n", "text/plain", 503)


def _is_from_here(request: HttpRequest) -> bool:
    """Whether a program on this machine asks, other than a proxy."""
    if any(name in request.headers for name in SET_BY_PROXIES):
        return False
    host, _ = split_domain_port(request.get_host())
    try:
        return ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback and host in LOOPBACK_NAMES
    except ValueError:
        return False  # a Unix socket, behind which is a proxy


def _has_token(request: HttpRequest) -> bool:
    try:
        found = TokenAuthentication().authenticate(request)
    except AuthenticationFailed:
        return False
    return found is not None and found[0].has_perm(PERMISSION)


class DeskCollector(Collector):
    """The figures of `/api/tasks/metrics/` as gauges; durations in seconds, shares from 0 to 1."""

    def collect(self) -> Iterator[Metric]:
        found = tier("metrics").get_or_compute("tasks", task_metrics)
        yield _by("desk_tasks", "Tasks by state.", "status", found["by_status"])
        yield _by("desk_tasks_in_stage", "Tasks in progress by stage.", "stage", found["by_stage"])
        yield from _gauges(found)
        yield from _workers([worker for worker in found["workers"] if worker["is_alive"]])
        yield _by(
            "desk_tasks_failed",
            "Failed tasks by cause, of the latest 10,000.",
            "error_kind",
            _failed(found["failures"]),
        )
        yield from _breaches(found["breaches"])
        yield _by("desk_incident_open", "1 while an incident is open.", "kind", _open_incidents())
        yield GaugeMetricFamily("desk_clusters", "Running django-q2 clusters.", running_clusters())
        yield from _caches()


def _caches() -> Iterator[Metric]:
    """Of this web server, since it started."""
    counted = counters.totals()
    family = CounterMetricFamily(
        "desk_cache_requests", "Lookups in the page cache and in the cache tiers.", labels=["cache", "result"]
    )
    for name, count in counted.items():
        family.add_metric(name.split("."), count)
    yield family
    yield GaugeMetricFamily(
        "desk_cache_breaker_open",
        "1 while the circuit breaker of Redis is open.",
        int(getattr(tier("content"), "is_circuit_open", False)),
    )


GAUGES = {
    "waiting": ("desk_tasks_waiting", "Pending tasks that a worker may take now."),
    "scheduled": ("desk_tasks_scheduled", "Pending tasks whose time is still to come."),
    "retries_waiting": ("desk_tasks_waiting_for_retry", "Pending tasks that were tried before."),
    "orphaned": ("desk_tasks_orphaned", "Tasks in progress whose worker is gone."),
    "oldest_waiting_seconds": ("desk_oldest_waiting_seconds", "How long the oldest due task has waited."),
    "ended_last_5_minutes": ("desk_tasks_ended_5m", "Tasks that ended in the last 5 minutes."),
    "ended_last_hour": ("desk_tasks_ended_1h", "Tasks that ended in the last hour."),
    "in_flight": ("desk_tasks_in_flight", "Tasks that live workers are writing."),
    "success_rate": ("desk_success_ratio", "Share of ended tasks that got a draft."),
    "median_seconds": ("desk_task_duration_median_seconds", "From the first start to the draft."),
    "p95_seconds": ("desk_task_duration_p95_seconds", "From the first start to the draft."),
    "cost_usd": ("desk_model_cost_usd", "Cost of all model calls whose price is known."),
    "unpriced_calls": ("desk_model_calls_unpriced", "Model calls without a known price."),
}
"""Where a figure is unknown, because there is nothing to measure, there is no sample."""


def _gauges(found: dict[str, Any]) -> Iterator[Metric]:
    for key, (name, what) in GAUGES.items():
        if key == "oldest_waiting_seconds" or found[key] is not None:
            yield GaugeMetricFamily(name, what, float(found[key] or 0))


def _workers(alive: list[dict[str, Any]]) -> Iterator[Metric]:
    yield GaugeMetricFamily("desk_workers_alive", "Workers with a current heartbeat.", len(alive))
    for name, what, key, factor in (
        ("desk_worker_in_flight", "Tasks that a worker is writing.", "in_flight", 1),
        ("desk_worker_max_in_flight", "How many it may write at a time.", "max_in_flight", 1),
        ("desk_worker_heartbeat_age_seconds", "Since its last heartbeat.", "heartbeat_age_seconds", 1),
        ("desk_worker_loop_lag_seconds", "Longest delay of its loop.", "loop_lag_ms", 0.001),
    ):
        family = GaugeMetricFamily(name, what, labels=["worker", "host", "pid"])
        for worker in alive:
            family.add_metric([str(worker["id"]), worker["host"], str(worker["pid"])], worker[key] * factor)
        yield family


def _breaches(found: dict[str, Any]) -> Iterator[Metric]:
    yield _by("desk_breaches_open", "Unfinished tasks over a time limit.", "stage", _of(found, "open"))
    yield _by("desk_breaches_24h", "Time limits exceeded in 24 hours.", "stage", _of(found, "last_24_hours"))
    worst = found["worst_late_seconds"] or 0
    yield GaugeMetricFamily("desk_breach_worst_late_seconds", "The worst lateness of these.", worst)


def _of(breaches: dict[str, Any], key: str) -> dict[str, int]:
    return {stage["stage"]: stage[key] for stage in breaches["by_stage"]}


def _failed(failures: list[dict[str, Any]]) -> dict[str, int]:
    counted: dict[str, int] = {}
    for cause in failures:
        kind = cause["error_kind"] or "unknown"
        counted[kind] = counted.get(kind, 0) + cause["count"]
    return counted


def _open_incidents() -> dict[str, int]:
    is_open = set(Incident.objects.filter(closed_at=None).values_list("kind", flat=True))
    return {kind: int(kind in is_open) for kind in Incident.Kind.values}


def _by(name: str, what: str, label: str, counted: dict[str, int]) -> Metric:
    family = GaugeMetricFamily(name, what, labels=[label])
    for value, count in counted.items():
        family.add_metric([value], count)
    return family
