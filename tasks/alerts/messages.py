"""The text of an alert: what, how many, since when, which tasks, and what to do. Nothing a model wrote."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from tasks.alerts.incidents import QUIET
from tasks.delivery.messages import OutboundMessage
from tasks.models import Incident
from tasks.pipeline.errors import KINDS
from tasks.site_name import site_name, site_zone

SHOWN_TASKS = 5

SUBJECT = {
    Incident.Kind.FAILURES: "{count} failed",
    Incident.Kind.SLA_BREACH: "{count} exceeded a time limit",
    Incident.Kind.NO_WORKER: "No worker is alive, {count} waiting",
    Incident.Kind.SCHEDULE_FAILED: "{count} not published as scheduled",
}
WHAT_TO_DO = {
    Incident.Kind.FAILURES: "Open {dashboard} and see why they failed. Fix the cause, then retry its tasks "
    "there, or all of them with: manage.py tasks retry --status failed",
    Incident.Kind.SLA_BREACH: "Open {dashboard} and see where the time goes. In the queue: start another "
    "manage.py qcluster. In a stage: check whether its model or pages are slow, or raise the limit.",
    Incident.Kind.NO_WORKER: "Start manage.py qcluster where the workers run, and check its log. "
    "manage.py doctor says what else is wrong; {dashboard} shows what is waiting.",
    Incident.Kind.SCHEDULE_FAILED: "Open the draft of the task: its page says why. Fix that, then publish or "
    "schedule it again: there is no further attempt. The person who scheduled it is notified too.",
}


def alert_message(incident: Incident) -> OutboundMessage:
    kind, details = Incident.Kind(incident.kind), incident.details
    count = f"{details['count']:,} task{'s' if details['count'] != 1 else ''}"
    headline = SUBJECT[kind].format(count=count)
    urls = [_address("admin:tasks_contenttask_change", pk) for pk in details["task_ids"][:SHOWN_TASKS]]
    dashboard = _address("admin:tasks_dashboard")
    first_at = datetime.fromisoformat(details["first_at"])
    paragraphs = [
        f"{headline}, since {_zoned(first_at)}{_groups(incident)}.",
        "\n".join(["The first of them:" if details["count"] > len(urls) else "Affected:", *urls]),
        f"What to do: {WHAT_TO_DO[kind].format(dashboard=dashboard)}",
        f"This is incident {incident.pk}. You get one alert, however many more tasks are affected; "
        f"{_closing(incident)}.",
    ]
    payload = {
        "event": "incident.opened",
        "incident": incident.pk,
        "kind": incident.kind,
        "title": headline,
        "text": "\n\n".join(paragraphs),
        "count": details["count"],
        "by": details["by"],
        "since": first_at.isoformat(),
        "opened_at": incident.opened_at.isoformat(),
        "closed_at": incident.closed_at and incident.closed_at.isoformat(),
        "tasks": [{"id": pk, "url": url} for pk, url in zip(details["task_ids"], urls, strict=False)],
        "dashboard_url": dashboard,
        "site": site_name(),
    }
    # With the time, because another desk or a restored database uses the same numbers.
    message_id = f"incident-{incident.pk}-{int(incident.opened_at.timestamp())}"
    return OutboundMessage(message_id, headline, payload["text"], payload)


def _groups(incident: Incident) -> str:
    if incident.kind in {Incident.Kind.NO_WORKER, Incident.Kind.SCHEDULE_FAILED}:
        return ""
    by = incident.details["by"].items()
    return ": " + ", ".join(f"{count:,} × {KINDS.get(name, name)}" for name, count in by)


def _closing(incident: Incident) -> str:
    if incident.closed_at:
        return f"it has been over since {_zoned(incident.closed_at)}"
    if incident.kind == Incident.Kind.NO_WORKER:
        return "it closes by itself once a worker is alive or nothing is waiting"
    return f"it closes by itself after {QUIET.total_seconds() / 60:g} quiet minutes"


def _zoned(time: datetime) -> str:
    return f"{timezone.localtime(time, site_zone()):%d %B %Y, %H:%M:%S %Z}"


def _address(name: str, *args: int) -> str:
    return settings.SITE_URL + reverse(name, args=args)
