"""Sending what is due: at least once, and to each subscription by itself.

A subscription is claimed by moving `claimed_until` into the future and sent to outside of any transaction. If
the process dies, another takes it then; what was sent but not yet recorded is sent again, under the same id.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, F, OuterRef, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from approvals.errors import SecretLost
from approvals.webhooks.addresses import look_up
from approvals.webhooks.events import PING, known
from approvals.webhooks.models import Webhook, WebhookDelivery
from approvals.webhooks.subscriptions import deactivate
from tasks import housekeeping
from tasks.alerts.channels import DeliveryFailed, post, signature
from tasks.content import canonical_json
from tasks.pauses import growing_pause

ROUND_SECONDS = 20.0
"""After which no further call begins under one claim."""
CLAIM = timedelta(minutes=2)
"""Longer than a round, its last call and a slow look-up of a name together."""
FIRST_PAUSE = timedelta(seconds=10)
LONGEST_PAUSE = timedelta(hours=1)
LONGEST_SILENCE = timedelta(minutes=5)
"""For which all other deliveries wait when one has failed: the receiver may be down."""
JITTER = 0.25
MAX_ATTEMPTS = 30
FAILING_ENDS = timedelta(days=3)
KEPT = timedelta(days=30)
GONE = 410

Status = WebhookDelivery.Status


@dataclass(frozen=True)
class Claim:
    """The right to send to one subscription, until the time it names."""

    webhook_id: int
    until: datetime


@transaction.atomic
def claim(at_most: int) -> list[Claim]:
    """Take subscriptions for which something is due and to which nobody sends, longest unserved first."""
    now = timezone.now()
    due = WebhookDelivery.objects.filter(webhook=OuterRef("pk"), status=Status.PENDING, try_at__lte=now)
    free = Webhook.objects.filter(Exists(due), is_active=True, try_at__lte=now, claimed_until__lte=now)
    locked = free.order_by("claimed_until").select_for_update(skip_locked=True)
    taken = list(locked.values_list("pk", flat=True)[:at_most])
    until = now + CLAIM
    Webhook.objects.filter(pk__in=taken).update(claimed_until=until)
    return [Claim(pk, until) for pk in taken]


def send(claimed: Claim) -> int:
    """Send what is due under this claim until one fails; return how many calls that were.

    Not inside a transaction.
    """
    sent, end = 0, time.monotonic() + ROUND_SECONDS
    try:
        while time.monotonic() < end and (delivery := _next_of(claimed)):
            sent += 1
            if not _attempt(delivery):
                break
    finally:
        own = Webhook.objects.filter(pk=claimed.webhook_id, claimed_until=claimed.until)
        own.update(claimed_until=timezone.now())
    return sent


def forget_old() -> int:
    """Delete the log of what happened a month ago, sent or not."""
    return housekeeping.in_batches(_forget_some)


def pause_after(attempts: int) -> timedelta:
    """10, 20, 40 … seconds, at most an hour, a quarter more or less."""
    return growing_pause(attempts, FIRST_PAUSE, LONGEST_PAUSE, jitter=JITTER)


def body_of(delivery: WebhookDelivery) -> bytes:
    """The same bytes at every attempt."""
    told = {
        "id": str(delivery.uid),
        "event": delivery.event,
        "created_at": delivery.created_at.isoformat(),
        "data": delivery.data,
    }
    return canonical_json(told).encode()


def _next_of(claimed: Claim) -> WebhookDelivery | None:
    """Read anew each time: the subscription may have been changed, or be gone."""
    due = WebhookDelivery.objects.filter(
        webhook=claimed.webhook_id,
        webhook__is_active=True,
        status=Status.PENDING,
        try_at__lte=timezone.now(),
    )
    return due.select_related("webhook__owner").order_by("try_at", "pk").first()


def _attempt(delivery: WebhookDelivery) -> bool:
    """Whether the next may follow at once."""
    if not _may_read(delivery):
        _give_up(delivery, "Its owner may not read this any more.")
        return True
    try:
        code = _post(delivery)
    except (DeliveryFailed, SecretLost) as failure:
        _failed(delivery, str(failure), getattr(failure, "status", None))
        return False
    _delivered(delivery, code)
    return True


def _may_read(delivery: WebhookDelivery) -> bool:
    owner, event = delivery.webhook.owner, known.get(delivery.event)
    needed = [event.needs] if event else []
    return (
        owner.is_active
        and (event is not None or delivery.event == PING)
        and owner.has_perms(["approvals.view_webhook", *needed])
    )


@sensitive_variables("secret", "headers")
def _post(delivery: WebhookDelivery) -> int:
    body, timestamp = body_of(delivery), str(int(time.time()))
    secret = delivery.webhook.secret
    headers = {
        "User-Agent": f"EditorialDesk/1.0 (+{settings.SITE_URL})",
        "X-Desk-Id": str(delivery.uid),
        "X-Desk-Event": delivery.event,
        "X-Desk-Timestamp": timestamp,
        "X-Desk-Signature": f"v1={signature(secret, timestamp, body)}",
    }
    return post(delivery.webhook.url, body, headers, guard=look_up)


# Each of these two takes the subscription's row first, then the delivery's, as `subscriptions` does.


@transaction.atomic
def _delivered(delivery: WebhookDelivery, code: int) -> None:
    now = timezone.now()
    Webhook.objects.filter(pk=delivery.webhook_id).update(failures=0, failing_since=None, try_at=now)
    _pending(delivery).update(
        status=Status.DELIVERED, attempts=F("attempts") + 1, response_code=code, last_error="", try_at=None,
        delivered_at=now,
    )  # fmt: skip


@transaction.atomic
def _failed(delivery: WebhookDelivery, error: str, code: int | None) -> None:
    now, attempts = timezone.now(), delivery.attempts + 1
    silence = min(pause_after(delivery.webhook.failures + 1), LONGEST_SILENCE)
    hooks = Webhook.objects.filter(pk=delivery.webhook_id)
    hooks.update(
        failures=F("failures") + 1, failing_since=Coalesce("failing_since", now), try_at=now + silence
    )
    facts = {"attempts": attempts, "response_code": code, "last_error": error[:300]}
    if attempts >= MAX_ATTEMPTS or code == GONE:
        _pending(delivery).update(status=Status.FAILED, try_at=None, **facts)
    else:
        _pending(delivery).update(try_at=now + pause_after(attempts), **facts)
    if (hook := hooks.first()) is None:
        return  # deleted meanwhile
    if code == GONE:
        deactivate(hook, "The receiver answered 410: it wants no more.")
    elif now - hook.failing_since > FAILING_ENDS:
        deactivate(hook, f"No call went well for {FAILING_ENDS.days} days.")


def _give_up(delivery: WebhookDelivery, error: str) -> None:
    _pending(delivery).update(status=Status.FAILED, try_at=None, last_error=error)


def _pending(delivery: WebhookDelivery) -> QuerySet[WebhookDelivery]:
    return WebhookDelivery.objects.filter(pk=delivery.pk, status=Status.PENDING)


def _forget_some() -> int:
    old = WebhookDelivery.objects.filter(created_at__lt=timezone.now() - KEPT).order_by("id")
    some = list(old.values_list("pk", flat=True)[: housekeeping.BATCH])
    return WebhookDelivery.objects.filter(pk__in=some).delete()[0]
