"""Sending what is due, outside of any transaction: what is due for one account in one message.

Notifications are leased. As a slow mail server may outlast the lease, a process that sends also holds an
advisory lock per recipient, which PostgreSQL releases when the process dies.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from approvals.notifications.messages import message_of
from approvals.notifications.models import Kind, Notification
from tasks.advisory_locks import Lock, try_session_lock
from tasks.delivery import channels
from tasks.delivery.backoff import Backoff
from tasks.delivery.errors import DeliveryFailed
from tasks.delivery.messages import Purpose

LEASE = timedelta(seconds=60)
MAX_IN_MESSAGE = 500
ROUND_SECONDS = 20.0
"""After which a run starts no further message: the maintenance loop has more to do."""
BACKOFF = Backoff(timedelta(seconds=10), timedelta(hours=1), max_attempts=30)
RETENTION = timedelta(days=30)


def send_due() -> int:
    """Send what is due; return how many messages were tried. Ends early when one could not be sent.

    Not inside a transaction.
    """
    tried, end = 0, time.monotonic() + ROUND_SECONDS
    while time.monotonic() < end and (leased := _lease()):
        tried += 1
        with try_session_lock(Lock.NOTIFICATION, leased[0].recipient_id or 0) as is_held:
            # A process that sends to them already will go on; leasing more here would only delay it.
            if not is_held or not _send([row.pk for row in leased]):
                break
    return tried


def delete_old_notifications() -> int:
    """Delete what was delivered or given up a month ago."""
    old = Notification.objects.filter(due_at=None, created_at__lt=timezone.now() - RETENTION)
    return old.delete()[0]


@transaction.atomic
def _lease() -> list[Notification]:
    """All of one kind that is due for the account that has waited longest; without an account, one by one."""
    due = Notification.objects.due()
    first = due.order_by("due_at", "pk").select_for_update(skip_locked=True).first()
    if first is None:
        return []
    if first.recipient_id is None:
        return due.filter(pk=first.pk).lease(LEASE)
    same = due.filter(recipient=first.recipient_id, channel=first.channel, kind=first.kind)
    return same.lease(LEASE, MAX_IN_MESSAGE)


def _send(leased: Sequence[int]) -> bool:
    # The process that held the lock before may have sent some of them.
    rows = Notification.objects.waiting().filter(pk__in=leased).order_by("pk")
    notifications = list(rows.select_related("recipient", "decision", "draft__task", "task"))
    current = [each for each in notifications if _is_current(each)]
    try:
        if current:
            _deliver(current)
    except DeliveryFailed as failure:
        for each in notifications:
            row = Notification.objects.filter(pk=each.pk)
            row.record_failure(str(failure), each.attempts, BACKOFF)
        return False
    Notification.objects.filter(pk__in=[each.pk for each in current]).mark_delivered()
    outdated = [each.pk for each in notifications if each not in current]
    Notification.objects.filter(pk__in=outdated).give_up("")
    return True


def _is_current(notification: Notification) -> bool:
    """No account is called to a draft that was decided or changed meanwhile, or notified after it left."""
    recipient = notification.recipient
    if recipient is not None and not (recipient.is_active and recipient.email):
        return False
    if notification.kind != Kind.AWAITING:
        return True
    draft = notification.draft
    return draft is not None and draft.task.awaits_decision and draft.version == notification.version


def _deliver(notifications: Sequence[Notification]) -> None:
    first = notifications[0]
    channel = channels.find(first.channel, Purpose.NOTIFICATIONS)
    if channel is None:
        raise DeliveryFailed(f"The channel “{first.channel}” is not set up.")
    to = [first.recipient.email] if first.recipient else []
    channel.send(message_of(notifications), Purpose.NOTIFICATIONS, to=to)
