"""Sending what is due: at least once, and to each subscription by itself.

A subscription is leased by moving `leased_until` into the future, and sent to outside of any transaction. If
the process dies, another takes it then; what was sent but not yet recorded is sent again, under the same id.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, F, OuterRef
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from approvals.errors import SecretLost
from approvals.webhooks.addresses import look_up
from approvals.webhooks.events import PING, registered_events
from approvals.webhooks.models import Webhook, WebhookDelivery
from approvals.webhooks.subscriptions import deactivate
from tasks import housekeeping
from tasks.content import canonical_json
from tasks.delivery.backoff import Backoff
from tasks.delivery.channels.webhook.transport import deliver
from tasks.delivery.errors import DeliveryFailed
from tasks.delivery.outbox import OutboxQuerySet

ROUND_SECONDS = 20.0
"""How long calls may begin under one lease."""
LEASE = timedelta(minutes=2)
"""Longer than a run, its last call and a slow look-up of a name together."""
BACKOFF = Backoff(timedelta(seconds=10), timedelta(hours=1), jitter=0.25, max_attempts=30)
LONGEST_SILENCE = timedelta(minutes=5)
"""For which all other deliveries wait when one has failed: the receiver may be down."""
FAILING_ENDS = timedelta(days=3)
RETENTION = timedelta(days=30)
GONE = 410

Status = WebhookDelivery.Status


@dataclass(frozen=True)
class DeliveryLease:
    """The right to send to one subscription, until the time it names."""

    webhook_id: int
    until: datetime


@transaction.atomic
def take_leases(at_most: int) -> list[DeliveryLease]:
    """Take subscriptions for which something is due and to which no process sends, longest unserved first."""
    now = timezone.now()
    due = WebhookDelivery.objects.due().filter(webhook=OuterRef("pk"), status=Status.PENDING)
    free = Webhook.objects.filter(Exists(due), is_active=True, try_at__lte=now, leased_until__lte=now)
    locked = free.order_by("leased_until").select_for_update(skip_locked=True)
    taken = list(locked.values_list("pk", flat=True)[:at_most])
    until = now + LEASE
    Webhook.objects.filter(pk__in=taken).update(leased_until=until)
    return [DeliveryLease(pk, until) for pk in taken]


def send(lease: DeliveryLease) -> int:
    """Send what is due under this lease until one fails; return how many calls that were.

    Not inside a transaction.
    """
    sent, end = 0, time.monotonic() + ROUND_SECONDS
    try:
        while time.monotonic() < end and (delivery := _next_of(lease)):
            sent += 1
            if not _attempt(delivery):
                break
    finally:
        own = Webhook.objects.filter(pk=lease.webhook_id, leased_until=lease.until)
        own.update(leased_until=timezone.now())
    return sent


def delete_old_deliveries() -> int:
    """Delete the log of events older than a month, sent or not."""
    return housekeeping.in_batches(_delete_some)


def body_of(delivery: WebhookDelivery) -> bytes:
    """The same bytes at every attempt."""
    payload = {
        "id": str(delivery.uid),
        "event": delivery.event,
        "created_at": delivery.created_at.isoformat(),
        "data": delivery.data,
    }
    return canonical_json(payload).encode()


def _next_of(lease: DeliveryLease) -> WebhookDelivery | None:
    """Read again each time: the subscription may have been changed, or be gone."""
    due = WebhookDelivery.objects.due().filter(
        webhook=lease.webhook_id, webhook__is_active=True, status=Status.PENDING
    )
    return due.select_related("webhook__owner").order_by("due_at", "pk").first()


def _attempt(delivery: WebhookDelivery) -> bool:
    """Whether the next may follow at once."""
    if not _may_read(delivery):
        _pending(delivery).give_up("Its owner no longer has permission to read this.", status=Status.FAILED)
        return True
    try:
        code = _post(delivery)
    except (DeliveryFailed, SecretLost) as failure:
        _record_failure(delivery, str(failure), getattr(failure, "status", None))
        return False
    _record_success(delivery, code)
    return True


def _may_read(delivery: WebhookDelivery) -> bool:
    owner, event = delivery.webhook.owner, registered_events.get(delivery.event)
    needed = [event.permission] if event else []
    return (
        owner.is_active
        and (event is not None or delivery.event == PING)
        and owner.has_perms(["approvals.view_webhook", *needed])
    )


@sensitive_variables("keys")
def _post(delivery: WebhookDelivery) -> int:
    keys = delivery.webhook.keys
    return deliver(
        delivery.webhook.url,
        body_of(delivery),
        message_id=str(delivery.uid),
        keys=keys,
        legacy_version="v1",
        legacy_key=keys[0],
        more_headers={"X-Desk-Id": str(delivery.uid), "X-Desk-Event": delivery.event},
        resolve=look_up,
    )


# Each of these two takes the subscription's row first, then the delivery's, as `subscriptions` does.


@transaction.atomic
def _record_success(delivery: WebhookDelivery, code: int) -> None:
    hooks = Webhook.objects.filter(pk=delivery.webhook_id)
    hooks.update(failures=0, failing_since=None, try_at=timezone.now())
    _pending(delivery).mark_delivered(status=Status.DELIVERED, attempts=F("attempts") + 1, response_code=code)


@transaction.atomic
def _record_failure(delivery: WebhookDelivery, error: str, code: int | None) -> None:
    now, attempts = timezone.now(), delivery.attempts + 1
    hooks = Webhook.objects.filter(pk=delivery.webhook_id)
    hooks.update(
        failures=F("failures") + 1,
        failing_since=Coalesce("failing_since", now),
        try_at=now + min(BACKOFF.pause(delivery.webhook.failures + 1), LONGEST_SILENCE),
    )
    pending = _pending(delivery)
    if BACKOFF.is_over(attempts) or code == GONE:
        pending.give_up(error, status=Status.FAILED, attempts=attempts, response_code=code)
    else:
        pending.postpone(BACKOFF.pause(attempts), error, attempts=attempts, response_code=code)
    if (hook := hooks.first()) is None:
        return  # deleted meanwhile
    if code == GONE:
        deactivate(hook, "The receiver responded 410 (Gone): it accepts no more calls.")
    elif hook.failing_since and now - hook.failing_since > FAILING_ENDS:
        deactivate(hook, f"Every call failed for {FAILING_ENDS.days} days.")


def _pending(delivery: WebhookDelivery) -> OutboxQuerySet[WebhookDelivery]:
    return WebhookDelivery.objects.filter(pk=delivery.pk, status=Status.PENDING)


def _delete_some() -> int:
    old = WebhookDelivery.objects.filter(created_at__lt=timezone.now() - RETENTION).order_by("id")
    some = list(old.values_list("pk", flat=True)[: housekeeping.BATCH])
    return WebhookDelivery.objects.filter(pk__in=some).delete()[0]
