"""Probes of what the product depends on. `health` shows them to machines, `doctor` to people."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from contentpipeline import grants
from contentpipeline.migration_history import why_too_old
from contentpipeline.processes.cluster_registry import running_clusters

STATEMENT_TIMEOUT_MS = 2000
GUIDE = "docs/production.md"


class State(StrEnum):
    OK = "ok"
    DEGRADED = "degraded"
    DOWN = "down"


Details = dict[str, float | int | str]


@dataclass(frozen=True)
class ProbeResult:
    state: State
    message: str = ""
    latency_ms: float = 0.0
    details: Details = field(default_factory=dict)


def database() -> ProbeResult:
    with connection.cursor() as cursor:
        # A database that hangs must not hang the probe, nor this connection's next user.
        cursor.execute(f"SET statement_timeout = {STATEMENT_TIMEOUT_MS}")
        try:
            cursor.execute("SHOW server_version")
            version = cursor.fetchone()[0]
        finally:
            cursor.execute("RESET statement_timeout")
    return ProbeResult(State.OK, f"PostgreSQL {version}.")


def migrations() -> ProbeResult:
    if problem := why_too_old():
        return ProbeResult(State.DOWN, problem)
    executor = MigrationExecutor(connection)
    missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if missing:
        return ProbeResult(State.DOWN, f"{len(missing)} migrations are missing: run manage.py migrate.")
    return ProbeResult(State.OK)


def database_roles() -> ProbeResult:
    """Whether the role of this connection could remove what protects the evidence in the database."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        role = cursor.fetchone()[0]
        tables = connection.introspection.django_table_names(only_existing=True)
        can, cannot = grants.excess(cursor), grants.missing(cursor, role, tables)
    if cannot:
        message = f"{role} lacks {cannot[0]}{_and_more(cannot)}: run manage.py migrate as the owner."
        return ProbeResult(State.DOWN, message)
    if can:
        message = (
            f"{role} {can[0]}{_and_more(can)}, so it could change evidence: use two roles, as in {GUIDE}."
        )
        return ProbeResult(State.DEGRADED, message)
    return ProbeResult(State.OK, f"{role} owns nothing, and can only add to the evidence.")


def _and_more(found: list[str]) -> str:
    return f" (and {len(found) - 1} more)" if len(found) > 1 else ""


def shared_cache() -> ProbeResult:
    """Writes and reads a value: the cache hides its own errors, so that pages work without it."""
    key, value = "desk:probe", secrets.token_hex(8)
    cache.set(key, value, 10)
    if cache.get(key) == value:
        kind = "Redis." if settings.REDIS_URL else "In each process: REDIS_URL is not set."
        return ProbeResult(State.OK, kind)
    return ProbeResult(State.DEGRADED, "REDIS_URL does not answer: pages are slower until it does.")


def workers() -> ProbeResult:
    from tasks.metrics import count_live_workers, queue_metrics

    details: Details = {"clusters": running_clusters(), "workers": count_live_workers()}
    if details["workers"]:
        return ProbeResult(State.OK, details=details)
    message = (
        "A cluster is running, but none of its workers is alive, so nothing is being written: check its log."
        if details["clusters"]
        else "No cluster is running, so nothing is being written: start manage.py qcluster."
    )
    return ProbeResult(State.DEGRADED, message + _waiting_tasks(queue_metrics()), details=details)


def _waiting_tasks(found: dict[str, Any]) -> str:
    total, orphaned = found["waiting"] + found["orphaned"], found["orphaned"]
    if not total:
        return ""
    taken = f", {orphaned} of them left by a worker that has died" if orphaned else ""
    return f" {total} task{'s wait' if total > 1 else ' waits'} for a worker{taken}."


def queue() -> ProbeResult:
    """Of the tasks that a worker may take now; one scheduled for later does not wait."""
    from tasks.metrics import queue_metrics

    found = queue_metrics()
    seconds = round(found["oldest_waiting_seconds"] or 0)
    details: Details = {
        "waiting": found["waiting"],
        "orphaned": found["orphaned"],
        "scheduled": found["scheduled"],
        "oldest_seconds": seconds,
    }
    if seconds > settings.QUEUE_LIMIT_SECONDS:
        message = f"A task has waited for {seconds} seconds: start another manage.py qcluster."
        return ProbeResult(State.DEGRADED, message, details=details)
    return ProbeResult(State.OK, details=details)


DEPENDENCIES: dict[str, Callable[[], ProbeResult]] = {
    "database": database,
    "migrations": migrations,
    "cache": shared_cache,
    "workers": workers,
    "queue": queue,
}
REQUIRED = {"database", "migrations"}
"""Without these no page can be served. The others cost speed or wait."""


def why_unreachable(error: Exception) -> str:
    """The driver's reason why there is no connection, on one line; empty for any other error."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    reason = (lines or [""])[0].removeprefix("connection failed: ")
    return reason.rstrip(".") if reason.startswith("connection") or "could not" in reason else ""


def probe(check: Callable[[], ProbeResult]) -> ProbeResult:
    """Run one check and time it; one that breaks is down, with the kind of error and no secrets."""
    started = time.perf_counter()
    try:
        found = check()
    except Exception as error:
        found = ProbeResult(State.DOWN, f"{type(error).__name__}.")
    elapsed = round((time.perf_counter() - started) * 1000, 2)
    return ProbeResult(found.state, found.message, elapsed, found.details)
