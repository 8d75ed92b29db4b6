"""Who receives which events, and the log of what was sent."""

from __future__ import annotations

import hashlib
import secrets
import uuid
from base64 import urlsafe_b64encode
from datetime import timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone
from django.utils.crypto import salted_hmac

from approvals.errors import SecretLost
from tasks.delivery.channels.webhook.signature import as_secret
from tasks.delivery.outbox import OutboxEntry

ROTATION_OVERLAP = timedelta(days=1)
"""For which the previous secret still signs, so that receivers can change theirs in the meantime."""


class Webhook(models.Model):
    """An address to which events are sent. Written by `approvals.webhooks` alone.

    The key that signs is made from `secret_salt` and the site's SECRET_KEY: neither of the two is enough.
    """

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="webhooks")
    url = models.CharField(max_length=500)
    events = ArrayField(models.CharField(max_length=60))
    description = models.CharField(max_length=200, blank=True)
    is_active = models.BooleanField("active", default=True)
    deactivated_because = models.CharField(
        max_length=200, blank=True, help_text="Why the desk paused it; empty when its owner did."
    )
    secret_salt = models.CharField(max_length=64, editable=False)
    secret_sha256 = models.CharField(max_length=64, editable=False)
    previous_salt = models.CharField(max_length=64, editable=False, blank=True, db_default="")
    previous_until = models.DateTimeField(
        null=True, editable=False, help_text="Until then, calls are signed with the previous secret too."
    )
    created_at = models.DateTimeField(default=timezone.now)
    changed_at = models.DateTimeField(default=timezone.now)

    failures = models.PositiveIntegerField(default=0, help_text="Attempts that failed since one went well.")
    failing_since = models.DateTimeField(null=True)
    try_at = models.DateTimeField(
        default=timezone.now, help_text="After a failure nothing is sent until then."
    )
    leased_until = models.DateTimeField(
        default=timezone.now, help_text="Until then, one process alone sends to it."
    )

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["owner", "url"], name="approvals_webhook_once")]

    def __str__(self) -> str:
        return f"{self.pk}, {self.host}"

    @property
    def host(self) -> str:
        """What may be shown of the address: its path and query often hold a secret of the receiver."""
        return urlsplit(self.url).hostname or ""

    def renew_secret(self) -> str:
        """Make a new secret and return it, for the only time. The row is not saved.

        The previous one signs too for a while, unless it is lost.
        """
        is_usable = bool(self.secret_salt) and self._is_intact()
        self.previous_salt = self.secret_salt if is_usable else ""
        self.previous_until = timezone.now() + ROTATION_OVERLAP if is_usable else None
        self.secret_salt = secrets.token_hex(32)
        key = key_from(self.secret_salt)
        self.secret_sha256 = hashlib.sha256(key).hexdigest()
        return as_secret(key)

    @property
    def keys(self) -> list[bytes]:
        """What signs now: the key of the secret, and for a while the previous one. Raises SecretLost."""
        if not self._is_intact():
            raise SecretLost("The SECRET_KEY of the site has changed: rotate the secret.")
        salts = [self.secret_salt]
        if self.previous_until and self.previous_until > timezone.now():
            salts.append(self.previous_salt)
        return [key_from(salt) for salt in salts]

    def _is_intact(self) -> bool:
        """Whether SECRET_KEY is the one that the secret was made from."""
        return hashlib.sha256(key_from(self.secret_salt)).hexdigest() == self.secret_sha256


def key_from(salt: str) -> bytes:
    """43 characters of ASCII, which once were the secret themselves."""
    made = salted_hmac("approvals.webhooks", salt, algorithm="sha256").digest()
    return urlsafe_b64encode(made).rstrip(b"=")


def secret_from(salt: str) -> str:
    return as_secret(key_from(salt))


class WebhookDelivery(OutboxEntry):
    """One event for one subscription: a row from the moment it happened.

    The subscription is leased, not this row: a receiver gets one call at a time.
    """

    class Status(models.TextChoices):
        PENDING = "pending", "To be sent"
        DELIVERED = "delivered", "Delivered"
        FAILED = "failed", "Given up"

    # The public name: unlike a number, a database that was restored does not use it for something else.
    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    # No constraint in the database: no task may fail to move because a subscription is deleted meanwhile.
    webhook = models.ForeignKey(
        Webhook, on_delete=models.CASCADE, db_constraint=False, db_index=False, related_name="deliveries"
    )
    event = models.CharField(max_length=60)
    data = models.JSONField()
    status = models.CharField(max_length=10, choices=Status, default=Status.PENDING)
    response_code = models.PositiveSmallIntegerField(null=True)
    created_at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField(null=True, default=timezone.now)

    class Meta:
        ordering = ["-id"]
        verbose_name_plural = "webhook deliveries"
        indexes = [
            models.Index(fields=["webhook", "-id"], name="approvals_webhook_log"),
            models.Index(
                fields=["webhook", "due_at"],
                name="approvals_webhook_due",
                condition=models.Q(status="pending"),
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(status="pending", due_at__isnull=False)
                | models.Q(status__in=["delivered", "failed"], due_at=None),
                name="approvals_webhook_pending_has_time",
            )
        ]

    def __str__(self) -> str:
        return f"{self.event} {self.uid}"
