"""Who is told of which events, and the log of what was told."""

from __future__ import annotations

import hashlib
import secrets
import uuid
from base64 import urlsafe_b64encode
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone
from django.utils.crypto import salted_hmac

from approvals.errors import SecretLost


class Webhook(models.Model):
    """An address that is told of events. Written by `approvals.webhooks` alone.

    The secret that signs is made from `secret_salt` and the site's SECRET_KEY: neither of the two is enough.
    """

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="webhooks")
    url = models.CharField(max_length=500)
    events = ArrayField(models.CharField(max_length=60))
    description = models.CharField(max_length=200, blank=True)
    is_active = models.BooleanField("active", default=True)
    deactivated_because = models.CharField(
        max_length=200, blank=True, help_text="Why the desk stopped telling it; empty when its owner did."
    )
    secret_salt = models.CharField(max_length=64, editable=False)
    secret_sha256 = models.CharField(max_length=64, editable=False)
    created_at = models.DateTimeField(default=timezone.now)
    changed_at = models.DateTimeField(default=timezone.now)

    failures = models.PositiveIntegerField(default=0, help_text="Attempts that failed since one went well.")
    failing_since = models.DateTimeField(null=True)
    try_at = models.DateTimeField(default=timezone.now, help_text="After a failure it has peace until then.")
    claimed_until = models.DateTimeField(
        default=timezone.now, help_text="Until then, one process alone sends to it."
    )

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["owner", "url"], name="approvals_webhook_once")]

    def __str__(self) -> str:
        return f"{self.pk}, {self.host}"

    @property
    def host(self) -> str:
        """What may be told of the address: its path and query often hold somebody's secret."""
        return urlsplit(self.url).hostname or ""

    def renew_secret(self) -> str:
        """Take a new secret and return it, for the only time. The row is not saved."""
        self.secret_salt = secrets.token_hex(32)
        secret = secret_of(self.secret_salt)
        self.secret_sha256 = hashlib.sha256(secret.encode()).hexdigest()
        return secret

    @property
    def secret(self) -> str:
        """Raises SecretLost."""
        made = secret_of(self.secret_salt)
        if hashlib.sha256(made.encode()).hexdigest() != self.secret_sha256:
            raise SecretLost("The SECRET_KEY of the site is another by now: rotate the secret.")
        return made


def secret_of(salt: str) -> str:
    made = salted_hmac("approvals.webhooks", salt, algorithm="sha256").digest()
    return urlsafe_b64encode(made).rstrip(b"=").decode()


class WebhookDelivery(models.Model):
    """One event, told to one address: a row from the moment it happened."""

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
    attempts = models.PositiveIntegerField(default=0, help_text="Since it happened, or was asked for again.")
    response_code = models.PositiveSmallIntegerField(null=True)
    last_error = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    try_at = models.DateTimeField(null=True, default=timezone.now)
    delivered_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        verbose_name_plural = "webhook deliveries"
        indexes = [
            models.Index(fields=["webhook", "-id"], name="approvals_webhook_log"),
            models.Index(
                fields=["webhook", "try_at"],
                name="approvals_webhook_due",
                condition=models.Q(status="pending"),
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(status="pending", try_at__isnull=False)
                | models.Q(status__in=["delivered", "failed"], try_at=None),
                name="approvals_webhook_pending_has_time",
            )
        ]

    def __str__(self) -> str:
        return f"{self.event} {self.uid}"
