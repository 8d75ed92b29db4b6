"""What the product depends on, and whether it is there. `health` shows it to machines, `doctor` to people."""

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


@dataclass(frozen=True)
class Finding:
    state: State
    message: str = ""
    latency_ms: float = 0.0
    details: dict[str, float | int | str] = field(default_factory=dict)


def database() -> Finding:
    with connection.cursor() as cursor:
        # A database that hangs must not hang the probe, nor this connection's next user.
        cursor.execute(f"SET statement_timeout = {STATEMENT_TIMEOUT_MS}")
        try:
            cursor.execute("SHOW server_version")
            version = cursor.fetchone()[0]
        finally:
            cursor.execute("RESET statement_timeout")
    return Finding(State.OK, f"PostgreSQL {version}.")


def migrations() -> Finding:
    if problem := why_too_old():
        return Finding(State.DOWN, problem)
    executor = MigrationExecutor(connection)
    missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if missing:
        return Finding(State.DOWN, f"{len(missing)} migrations are missing: run manage.py migrate.")
    return Finding(State.OK)


def database_roles() -> Finding:
    """Whether who works in the database could take away there what protects the evidence."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        role = cursor.fetchone()[0]
        tables = connection.introspection.django_table_names(only_existing=True)
        can, cannot = grants.excess(cursor), grants.missing(cursor, role, tables)
    if cannot:
        message = f"{role} lacks {cannot[0]}{_and_more(cannot)}: run manage.py migrate as the owner."
        return Finding(State.DOWN, message)
    if can:
        message = (
            f"{role} {can[0]}{_and_more(can)}, so it could change evidence: use two roles, as in {GUIDE}."
        )
        return Finding(State.DEGRADED, message)
    return Finding(State.OK, f"{role} owns nothing, and can only add to the evidence.")


def _and_more(found: list[str]) -> str:
    return f" (and {len(found) - 1} more)" if len(found) > 1 else ""


def shared_cache() -> Finding:
    """A miss of what was just written counts: the cache swallows its own errors, to keep pages alive."""
    key, value = "desk:probe", secrets.token_hex(8)
    cache.set(key, value, 10)
    if cache.get(key) == value:
        kind = "Redis." if settings.REDIS_URL else "In each process: REDIS_URL is not set."
        return Finding(State.OK, kind)
    return Finding(State.DEGRADED, "REDIS_URL does not answer: pages are slower until it does.")


def workers() -> Finding:
    from tasks.metrics import count_of_living_workers, queue_metrics

    details = {"clusters": running_clusters(), "workers": count_of_living_workers()}
    if details["workers"]:
        return Finding(State.OK, details=details)
    message = (
        "A cluster runs, but none of its workers is alive, so nothing is written: look into its log."
        if details["clusters"]
        else "No cluster runs, so nothing is written: start manage.py qcluster."
    )
    return Finding(State.DEGRADED, message + _what_waits(queue_metrics()), details=details)


def _what_waits(found: dict[str, Any]) -> str:
    total, orphaned = found["waiting"] + found["orphaned"], found["orphaned"]
    if not total:
        return ""
    taken = f", {orphaned} of them taken by a worker that is gone" if orphaned else ""
    return f" {total} task{'s wait' if total > 1 else ' waits'} for a worker{taken}."


def queue() -> Finding:
    """Of the tasks that a worker may take now: one whose time is still to come waits for nobody."""
    from tasks.metrics import queue_metrics

    found = queue_metrics()
    seconds = round(found["oldest_waiting_seconds"] or 0)
    details = {
        "waiting": found["waiting"],
        "orphaned": found["orphaned"],
        "scheduled": found["scheduled"],
        "oldest_seconds": seconds,
    }
    if seconds > settings.QUEUE_LIMIT_SECONDS:
        message = f"A task has waited for {seconds} seconds: start another manage.py qcluster."
        return Finding(State.DEGRADED, message, details=details)
    return Finding(State.OK, details=details)


DEPENDENCIES: dict[str, Callable[[], Finding]] = {
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


def probe(check: Callable[[], Finding]) -> Finding:
    """Run one check and time it; one that breaks is down, with the kind of error and no secrets."""
    started = time.perf_counter()
    try:
        found = check()
    except Exception as error:
        found = Finding(State.DOWN, f"{type(error).__name__}.")
    elapsed = round((time.perf_counter() - started) * 1000, 2)
    return Finding(found.state, found.message, elapsed, found.details)
