"""Sending alerts of incidents: once by each channel, whichever process sends and whichever dies.

An incident is leased. The lease may end while a slow mail server has not answered yet, so a process that
sends also holds an advisory lock, which PostgreSQL releases when the process dies.
"""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from tasks.advisory_locks import Lock, try_session_lock
from tasks.alerts.incidents import LOOK_BACK
from tasks.alerts.messages import alert_message
from tasks.delivery.backoff import Backoff
from tasks.delivery.channels import DeliveryChannel, configured
from tasks.delivery.errors import DeliveryFailed
from tasks.delivery.messages import OutboundMessage, Purpose
from tasks.models import Incident

LEASE = timedelta(seconds=30)
BACKOFF = Backoff(timedelta(seconds=2), timedelta(minutes=5))


def deliver() -> int:
    """Send the alerts that are due, each once; return how many were tried. Not inside a transaction."""
    tried: set[int] = set()
    while leased := Incident.objects.exclude(pk__in=tried).lease(LEASE):
        [incident] = leased
        tried.add(incident.pk)
        with try_session_lock(Lock.ALERT, incident.pk) as is_held:
            if is_held:
                _send(incident)
    return len(tried)


def _send(incident: Incident) -> None:
    incident.refresh_from_db()  # the process that held the lock before may have sent it
    is_recent = timezone.now() - incident.opened_at < LOOK_BACK
    missing = [channel for channel in configured(Purpose.ALERTS) if not _has_delivered(incident, channel)]
    message = alert_message(incident)
    has_failed = False
    for channel in missing if is_recent else ():
        error = _send_by(channel, message)
        has_failed |= bool(error)
        _record(incident, channel, error)
    incident.due_at = timezone.now() + BACKOFF.pause(incident.attempts) if has_failed else None
    incident.save(update_fields=["due_at"])


def _has_delivered(incident: Incident, channel: DeliveryChannel) -> bool:
    return "delivered_at" in incident.deliveries.get(channel.name, {})


def _send_by(channel: DeliveryChannel, message: OutboundMessage) -> str:
    """Why it could not be sent, or nothing."""
    try:
        channel.send(message, Purpose.ALERTS)
    except DeliveryFailed as error:
        return str(error)
    return ""


def _record(incident: Incident, channel: DeliveryChannel, error: str) -> None:
    """At once, so that a process that dies before the next channel does not have this one used again."""
    now = timezone.now()
    attempts = incident.deliveries.get(channel.name, {}).get("attempts", 0) + 1
    result = {"error": error} if error else {"delivered_at": now.isoformat()}
    incident.deliveries[channel.name] = {"attempts": attempts, **result}
    incident.last_error = error or incident.last_error
    if not error and incident.delivered_at is None:
        incident.delivered_at = now
    incident.save(update_fields=["deliveries", "last_error", "delivered_at"])
