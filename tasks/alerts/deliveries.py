"""Telling operators of incidents: once by each channel, whoever tries and whichever process dies.

An alert that is due is claimed by moving its `deliver_at` into the future: if the process dies, it is due
again then. The claim may run out while a slow mail server is still being talked to, so whoever sends also
holds an advisory lock, which PostgreSQL releases when the process dies.
"""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from tasks.advisory_locks import Lock, try_session_lock
from tasks.alerts import channels
from tasks.alerts.channels import Channel, DeliveryFailed, Message
from tasks.alerts.incidents import LOOK_BACK
from tasks.alerts.wording import message_of
from tasks.models import Incident
from tasks.pauses import growing_pause

CLAIM = timedelta(seconds=30)
FIRST_PAUSE = timedelta(seconds=2)
LONGEST_PAUSE = timedelta(minutes=5)


def deliver() -> int:
    """Send the alerts that are due, each once; return how many were tried. Not inside a transaction."""
    tried: set[int] = set()
    while (incident := _claim(tried)) is not None:
        tried.add(incident.pk)
        with try_session_lock(Lock.ALERT, incident.pk) as is_alone:
            if is_alone:
                _send(incident)
    return len(tried)


def pause_after(attempts: int) -> timedelta:
    """2, 4, 8 … seconds, at most 5 minutes."""
    return growing_pause(attempts, FIRST_PAUSE, LONGEST_PAUSE)


@transaction.atomic
def _claim(tried: set[int]) -> Incident | None:
    now = timezone.now()
    due = Incident.objects.filter(deliver_at__lte=now).exclude(pk__in=tried)
    incident = due.select_for_update(skip_locked=True).order_by("deliver_at").first()
    if incident is None:
        return None
    incident.deliver_at = now + CLAIM
    incident.attempts += 1
    incident.save(update_fields=["deliver_at", "attempts"])
    return incident


def _send(incident: Incident) -> None:
    incident.refresh_from_db()  # whoever held the lock before may have sent it
    is_news = timezone.now() - incident.opened_at < LOOK_BACK
    ways = [way for way in channels.configured() if is_news and not _is_told(incident, way)]
    message = message_of(incident)
    failed = False
    for way in ways:
        error = _why_not_sent(way, message)
        failed |= bool(error)
        _record(incident, way, error)
    incident.deliver_at = timezone.now() + pause_after(incident.attempts) if failed else None
    incident.save(update_fields=["deliver_at"])


def _is_told(incident: Incident, way: Channel) -> bool:
    return "delivered_at" in incident.deliveries.get(way.name, {})


def _why_not_sent(way: Channel, message: Message) -> str:
    try:
        way.send(message)
    except DeliveryFailed as error:
        return str(error)
    return ""


def _record(incident: Incident, way: Channel, error: str) -> None:
    """At once, so that a process that dies before the next channel does not have this one told again."""
    now = timezone.now()
    attempts = incident.deliveries.get(way.name, {}).get("attempts", 0) + 1
    outcome = {"error": error} if error else {"delivered_at": now.isoformat()}
    incident.deliveries[way.name] = {"attempts": attempts, **outcome}
    incident.last_error = error or incident.last_error
    if not error and incident.notified_at is None:
        incident.notified_at = now
    incident.save(update_fields=["deliveries", "last_error", "notified_at"])
