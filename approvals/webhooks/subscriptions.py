"""Creating, changing and deleting subscriptions. Each action is one transaction, and is recorded."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.contrib.auth.models import AbstractBaseUser, User
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from approvals.audit import chain
from approvals.errors import WebhookConflict
from approvals.webhooks.events import PING, registered_events
from approvals.webhooks.models import Webhook, WebhookDelivery

MAX_EACH = 20
"""Of one account: every event is a row and a call for each of its subscriptions."""

SECRET_FIELDS = ("secret_salt", "secret_sha256", "previous_salt", "previous_until")

Status = WebhookDelivery.Status


@sensitive_variables("secret")
@transaction.atomic
def subscribe(url: str, events: Collection[str], *, by: User, description: str = "") -> tuple[Webhook, str]:
    """Return a new subscription and its secret, which is not shown again.

    Raises PermissionDenied or WebhookConflict.
    """
    _require_readable(events, by)
    # Of two requests of one account at once, one waits here.
    User.objects.select_for_update(no_key=True).get(pk=by.pk)
    own = Webhook.objects.filter(owner=by)
    _require_free(own, url)
    if own.count() >= MAX_EACH:
        raise WebhookConflict(f"You have {MAX_EACH} subscriptions: delete one that you do not need.")
    hook = Webhook(owner=by, url=url, events=sorted(set(events)), description=description)
    secret = hook.renew_secret()
    hook.save()
    _record("created", hook, by)
    return hook, secret


@transaction.atomic
def change(hook: Webhook, *, by: User, **fields: Any) -> Webhook:
    """Set `url`, `events`, `description` or `is_active`. Raises PermissionDenied or WebhookConflict."""
    hook = Webhook.objects.select_for_update().get(pk=hook.pk)
    if "events" in fields:
        fields["events"] = sorted(set(fields["events"]))
        _require_readable(fields["events"], by)
    if "url" in fields:
        _require_free(Webhook.objects.filter(owner=hook.owner_id).exclude(pk=hook.pk), fields["url"])
    changed = sorted(name for name, value in fields.items() if getattr(hook, name) != value)
    for name in changed:
        setattr(hook, name, fields[name])
    if {"url", "is_active"} & set(changed) and hook.is_active:
        hook.deactivated_because, hook.failures, hook.failing_since = "", 0, None
        hook.try_at = timezone.now()
    if changed:
        hook.changed_at = timezone.now()
        hook.save()
        _record("changed", hook, by, changed=changed)
    return hook


@sensitive_variables("secret")
@transaction.atomic
def rotate_secret(hook: Webhook, *, by: User) -> tuple[Webhook, str]:
    """Return the subscription and its new secret. For a day, calls are signed with the previous one too."""
    hook = Webhook.objects.select_for_update().get(pk=hook.pk)
    secret = hook.renew_secret()
    hook.changed_at = timezone.now()
    hook.save(update_fields=[*SECRET_FIELDS, "changed_at"])
    _record("secret_rotated", hook, by)
    return hook, secret


@transaction.atomic
def delete(hook: Webhook, *, by: User) -> None:
    """Remove the subscription with its secret and its log. Its creation stays in the audit chain."""
    # The row first, then the chain: the order in which every verb here takes them.
    hook = Webhook.objects.select_for_update().get(pk=hook.pk)
    _record("deleted", hook, by)
    hook.delete()


@transaction.atomic
def deactivate(hook: Webhook, because: str) -> None:
    """Pause a subscription whose receiver accepts no more calls; pending deliveries are given up."""
    active = Webhook.objects.filter(pk=hook.pk, is_active=True)
    if not active.update(is_active=False, deactivated_because=because, changed_at=timezone.now()):
        return
    hook.deliveries.waiting().give_up("The subscription was deactivated.", status=Status.FAILED)
    hook.is_active = False
    _record("deactivated", hook, None, because=because)


@transaction.atomic
def ping(hook: Webhook) -> WebhookDelivery:
    """Enqueue a test call; one that still waits is not repeated. Raises WebhookConflict."""
    hook = _active(hook)
    waiting = hook.deliveries.filter(event=PING, status=Status.PENDING).first()
    return waiting or hook.deliveries.create(event=PING, data={"webhook": hook.pk})


@transaction.atomic
def redeliver(delivery: WebhookDelivery) -> WebhookDelivery:
    """Enqueue it once more, under the same id. Raises WebhookConflict."""
    hook = _active(delivery.webhook)
    delivery = hook.deliveries.get(pk=delivery.pk)
    if delivery.status != Status.PENDING:
        delivery.status, delivery.attempts = Status.PENDING, 0
    delivery.due_at = timezone.now()
    delivery.save(update_fields=["status", "attempts", "due_at"])
    return delivery


def _active(hook: Webhook) -> Webhook:
    """The row, locked, and tried at once although it failed a moment ago."""
    hook = Webhook.objects.select_for_update().get(pk=hook.pk)
    if not hook.is_active:
        raise WebhookConflict("This subscription is not active: set `active` first.")
    hook.try_at = timezone.now()
    hook.save(update_fields=["try_at"])
    return hook


def _require_readable(events: Collection[str], by: User) -> None:
    for event in events:
        if not by.has_perm(registered_events[event].permission):
            raise PermissionDenied(f"You may not read what {event} is about.")


def _require_free(others: Any, url: str) -> None:
    if other := others.filter(url=url).first():
        raise WebhookConflict(
            f"Subscription {other.pk} already has this address: change that one, or rotate its secret."
        )


def _record(verb: str, hook: Webhook, by: AbstractBaseUser | None, **more: Any) -> None:
    chain.record(
        f"webhook.{verb}",
        object_type="webhook",
        object_id=hook.pk,
        by=by,
        # Of the address only its host: the rest of it is often a secret of the receiver.
        data={
            "owner": hook.owner_id, "host": hook.host, "events": hook.events, "active": hook.is_active, **more
        },
    )  # fmt: skip
