"""Counters of requests and of wrong passwords, invitations, and what the library does not store of tokens."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac

INVITATION_VALID_FOR = timedelta(days=7)


class RequestCount(models.Model):
    """How many requests there were since the count began: see counting.py."""

    key = models.CharField(max_length=100, primary_key=True)
    count = models.PositiveIntegerField()
    ends_at = models.DateTimeField()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return self.key


class PasswordFailures(models.Model):
    """Wrong passwords of one source. The key reveals neither account nor address: see passwords.py."""

    key = models.CharField(max_length=64, primary_key=True)
    failures = models.PositiveIntegerField(default=0)
    blocked_until = models.DateTimeField(null=True)
    ends_at = models.DateTimeField(help_text="When the row may be deleted.")

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return self.key


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def unused(self) -> InvitationQuerySet:
        """Those that nobody has used or revoked; they may have expired."""
        return self.filter(used_at=None, revoked_at=None)

    def open(self) -> InvitationQuerySet:
        return self.unused().filter(expires_at__gt=Now())


def new_nonce() -> str:
    return secrets.token_urlsafe(24)


def in_a_week() -> datetime:
    return timezone.now() + INVITATION_VALID_FOR


class Invitation(models.Model):
    """A link by which a new person sets a password, once. Written by `approvals.access.invitations` alone.

    The link is made from `nonce` and the site's SECRET_KEY: the table alone lets nobody in.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="invitations")
    nonce = models.CharField(max_length=32, default=new_nonce, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(default=in_a_week)
    used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        ordering = ("-created_at", "-pk")
        constraints = [
            models.UniqueConstraint(
                fields=["user"],
                name="approvals_one_unused_invitation",
                condition=models.Q(used_at=None, revoked_at=None),
            )
        ]

    def __str__(self) -> str:
        return f"invitation of {self.user}"

    @property
    def token(self) -> str:
        proof = salted_hmac("approvals.access.invitation", f"{self.pk}:{self.nonce}", algorithm="sha256")
        return f"{self.pk}-{proof.hexdigest()}"

    def is_token(self, token: str) -> bool:
        return constant_time_compare(self.token, token)

    @property
    def is_expired(self) -> bool:
        return self.expires_at <= timezone.now()


class TokenDetails(models.Model):
    """What an API token is for. The token itself, with its digest and expiry, is a row of the library.

    Every token has a row, made by `approvals.audit.rights`. Written by `approvals.access.token_actions` and,
    for `last_used_at`, by `approvals.access.tokens`.
    """

    token = models.OneToOneField(
        "knox.AuthToken",
        on_delete=models.CASCADE,
        related_name="details",
        db_constraint=False,  # the library's table stays as it is, also for what deletes from it by SQL
    )
    public_name = models.CharField(
        max_length=16, unique=True, help_text="As in addresses and in the audit chain."
    )
    name = models.CharField(max_length=100, blank=True)
    scopes = models.JSONField(null=True, help_text="Null for everything that the account may do.")
    last_used_at = models.DateTimeField(null=True)
    rotated_at = models.DateTimeField(null=True, help_text="When another token took its place.")

    class Meta:
        default_permissions = ()
        permissions = [("use_tokens", "Can create, rotate and revoke own API tokens")]
        ordering = ("-id",)

    def __str__(self) -> str:
        return self.name or self.public_name
