"""Probes everything the product depends on and says what to do about what is wrong."""

from __future__ import annotations

import os
import shutil
import stat
import sys
from argparse import ArgumentParser
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import OperationalError

from contentpipeline import embedded
from contentpipeline.access_probes import login_provider, second_factor_roles
from contentpipeline.media_probe import media
from contentpipeline.probes import (
    DEPENDENCIES,
    ProbeResult,
    State,
    database_roles,
    probe,
    why_unreachable,
)
from tasks.pipeline.providers.model_servers.vendor_protocol import Access
from tasks.pipeline.vendors import known_vendors, vendor_settings

LOW_DISK_BYTES = 1024**3
MAX_CHECKPOINT_AGE = timedelta(days=2)
EXIT_STATUS = {State.OK: 0, State.DEGRADED: 1, State.DOWN: 2}
LABEL = {State.OK: "ok", State.DEGRADED: "warning", State.DOWN: "FAILED"}


class Command(BaseCommand):
    help = "Runs every probe. Exit status: 0 all is well, 1 something is degraded, 2 something is down."
    requires_system_checks: list[str] = []  # it must run where they cannot

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--data-dir", help="The data directory. Default: DATA_DIR, or .data next to manage.py."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        worst = State.OK
        for name, check in self._checks().items():
            found = probe(check)
            self.stdout.write(f"{LABEL[found.state]:<8} {name:<14} {_describe(found)}")
            worst = max(worst, found.state, key=EXIT_STATUS.__getitem__)
        sys.exit(EXIT_STATUS[worst])

    def _checks(self) -> dict[str, Callable[[], ProbeResult]]:
        return {
            "python": _python,
            "data directory": _data_directory,
            "secret key": _secret_key,
            "database": _database,
            "database roles": database_roles,
            **{name: check for name, check in DEPENDENCIES.items() if name != "database"},
            "proxies": _proxies,
            "login provider": login_provider,
            "second factor": second_factor_roles,
            "static files": _static_files,
            "media": media,
            "models": _models,
            "web search": _web_search,
            "budgets": _budgets,
            "alerts": _alerts,
            "notifications": _notifications,
            "audit checkpoints": _audit_checkpoints,
        }


def _describe(found: ProbeResult) -> str:
    details = ", ".join(f"{name} {value}" for name, value in found.details.items())
    timing = f"({found.latency_ms:g} ms)" if found.latency_ms >= 1 else ""
    return " ".join(part for part in (found.message, details, timing) if part)


def _python() -> ProbeResult:
    version = ".".join(map(str, sys.version_info[:3]))
    return ProbeResult(State.OK, f"{version}.")


def _data_directory() -> ProbeResult:
    path: Path = settings.DATA_DIR
    if not path.is_dir():
        return ProbeResult(State.DEGRADED, f"{path} does not exist yet: manage.py up creates it.")
    if not os.access(path, os.W_OK | os.X_OK):
        return ProbeResult(State.DOWN, f"{path} cannot be written to: set DATA_DIR to a directory that can.")
    free = shutil.disk_usage(path).free
    if free < LOW_DISK_BYTES:
        return ProbeResult(State.DEGRADED, f"{path} has {free // 1024**2} MB left: make room.")
    return ProbeResult(State.OK, f"{path}, {free // 1024**3} GB left.")


def _secret_key() -> ProbeResult:
    path = settings.DATA_DIR / "secret_key"
    if path.exists() and stat.S_IMODE(path.stat().st_mode) & 0o077:
        return ProbeResult(State.DEGRADED, f"{path} can be read by others: chmod 600 it.")
    if len(settings.SECRET_KEY) < 32:
        return ProbeResult(State.DEGRADED, "SECRET_KEY is short: use at least 32 random characters.")
    return ProbeResult(State.OK, "Set.")


def _database() -> ProbeResult:
    if settings.USES_EMBEDDED_DATABASE:
        try:
            embedded.use(settings.DATA_DIR)
        except embedded.DatabaseUnavailable as error:
            return ProbeResult(State.DOWN, str(error))
    try:
        return DEPENDENCIES["database"]()
    except OperationalError as error:
        return ProbeResult(State.DOWN, f"It cannot be reached: {why_unreachable(error) or error}.")


def _proxies() -> ProbeResult:
    """The web server speaks no TLS, so that something stands in front of an https site."""
    if settings.TRUSTED_PROXIES:
        return ProbeResult(State.OK, f"Trusted: {', '.join(settings.TRUSTED_PROXIES)}.")
    if settings.SITE_IS_HTTPS:
        why = "SITE_URL is https, and TRUSTED_PROXIES is empty: name the proxy there, or all clients behind"
        return ProbeResult(State.DEGRADED, f"{why} it count as one client.")
    return ProbeResult(State.OK, "TRUSTED_PROXIES is empty: X-Forwarded-For is never believed.")


def _static_files() -> ProbeResult:
    if not (Path(settings.STATIC_ROOT) / "staticfiles.json").exists():
        return ProbeResult(State.DEGRADED, "Not built: run manage.py collectstatic, or manage.py up.")
    return ProbeResult(State.OK, f"{settings.STATIC_ROOT}.")


def _models() -> ProbeResult:
    """Whether every vendor that is named has its key. Asks no vendor: a probe costs nothing."""
    named = _named_models()
    if not named:
        return ProbeResult(State.OK, "PIPELINE_MODELS is empty: the offline writer is used.")
    access = Access({setting.name: getattr(settings, setting.name) for setting in vendor_settings()})
    used = {model.partition(":")[0] for model in named}
    vendors = [vendor for name, vendor in known_vendors().items() if name in used]
    if missing := [setting for vendor in vendors if (setting := vendor.missing_setting(access))]:
        return ProbeResult(State.DOWN, f"{', '.join(named)}: set {' and '.join(missing)}.")
    return ProbeResult(State.OK, ", ".join(dict.fromkeys(named)) + ".")


def _web_search() -> ProbeResult:
    from tasks.web_search import probe_search

    is_sound, sentence = probe_search()
    return ProbeResult(State.OK if is_sound else State.DEGRADED, sentence)


def _named_models() -> list[str]:
    return [*settings.PIPELINE_MODELS, *(model for chain in settings.MODEL_FOR.values() for model in chain)]


def _budgets() -> ProbeResult:
    """What may be spent on models, and which of them no budget limits, because their price is unknown."""
    from tasks.engine.spending import today
    from tasks.pipeline.providers.model_calls.calls import Usage, list_price_usd

    day = today()
    task = f"${settings.TASK_BUDGET_USD} a task"
    if day.is_spent:
        return ProbeResult(
            State.DEGRADED,
            f"The day's budget is spent (${day.spent_usd:.2f} of ${day.budget_usd}): no model is called "
            "before midnight UTC unless DAILY_BUDGET_USD is raised.",
        )
    spent = f"${day.spent_usd:.2f} spent today"
    limit = f"{spent} of ${day.budget_usd}" if day.budget_usd is not None else f"{spent}, without a limit"
    named = dict.fromkeys(_named_models())
    unpriced = [model for model in named if list_price_usd(*_vendor_and_name(model), Usage(1, 1)) is None]
    beyond = f" Without a known price, and so not counted: {', '.join(unpriced)}." if unpriced else ""
    return ProbeResult(State.OK, f"{task}; {limit} (DAILY_BUDGET_USD).{beyond}")


def _vendor_and_name(model: str) -> tuple[str, str]:
    vendor, _, name = model.partition(":")
    return vendor, name


def _audit_checkpoints() -> ProbeResult:
    """Whether checkpoints of the audit chain exist outside the database, and still match it."""
    from approvals.audit.checkpoints import CheckpointForged, latest_day, read_checkpoints
    from approvals.models import AuditEntry

    try:
        heads = read_checkpoints()
    except CheckpointForged as error:
        return ProbeResult(State.DOWN, str(error))
    if not heads:
        return ProbeResult(State.OK, "None yet: a running cluster or web server writes one a day.")
    newest = heads[-1]
    if not AuditEntry.objects.filter(seq=newest.seq, hash=newest.hash).exists():
        return ProbeResult(
            State.DOWN, f"Entry {newest.seq} does not match its checkpoint: run manage.py audit verify."
        )
    day = str(latest_day())
    if datetime.now(UTC).date() - date.fromisoformat(day) > MAX_CHECKPOINT_AGE:
        return ProbeResult(State.DEGRADED, f"The newest is of {day}: start a cluster or the web server.")
    where = "signed with AUDIT_KEY" if settings.AUDIT_KEY else "signed with SECRET_KEY: set AUDIT_KEY"
    return ProbeResult(State.OK, f"{len(heads)}, the newest of {day}, {where}.")


def _alerts() -> ProbeResult:
    """How incidents are reported. Sends nothing."""
    return _channels("alerts")


def _notifications() -> ProbeResult:
    """How people learn of decisions and of drafts that await them. Sends nothing."""
    return _channels("notifications")


def _channels(purpose: str) -> ProbeResult:
    from tasks.delivery.messages import Purpose
    from tasks.delivery.probe import probe_channels

    is_sound, sentence = probe_channels(Purpose(purpose))
    return ProbeResult(State.OK if is_sound else State.DEGRADED, sentence)
