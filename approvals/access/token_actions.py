"""The verbs of API tokens: create, rotate, revoke. Each is one transaction, recorded in the audit chain.

People have tokens of their own; superusers, and those with the permissions of the library's model, also
those of others.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import NamedTuple

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.crypto import salted_hmac
from knox.crypto import hash_token
from knox.models import AuthToken
from knox.settings import CONSTANTS, knox_settings

from approvals.access.scopes import SCOPES, Credential
from approvals.errors import TokenRefused
from approvals.models import TokenDetails

USE = "approvals.use_tokens"
MAX_TOKENS = 100
"""Of one account: each is looked at when any of them is used."""
MAX_OVERLAP = timedelta(days=7)


class NewToken(NamedTuple):
    """A token and its key, which is shown once. The key is made of `salt` and the site's SECRET_KEY."""

    details: TokenDetails
    key: str
    salt: str


def may_use(by: User) -> bool:
    return by.has_perm(USE) or may_create_for_others(by)


def may_see_all(by: User) -> bool:
    return by.has_perm("knox.view_authtoken")


def may_create_for_others(by: User) -> bool:
    return by.has_perm("knox.add_authtoken")


def visible_to(by: User) -> QuerySet[TokenDetails]:
    found = TokenDetails.objects.select_related("token__user")
    return found if may_see_all(by) else found.filter(token__user=by)


def owners_for(by: User) -> QuerySet[User]:
    """Whose tokens this person may create: only superusers create tokens of superusers."""
    accounts = User.objects.filter(is_active=True).order_by("username")
    if not may_create_for_others(by):
        return accounts.filter(pk=by.pk)
    return accounts if by.is_superuser else accounts.filter(is_superuser=False)


def default_expiry() -> datetime:
    lifetime: timedelta = knox_settings.TOKEN_TTL
    return timezone.now() + lifetime


def key_from(salt: str) -> str:
    """A key as long as those of the library. Neither the salt nor the database alone gives it."""
    return salted_hmac("approvals.access.token", salt, algorithm="sha256").hexdigest()


@transaction.atomic
def create(
    user: User,
    *,
    name: str,
    scopes: Collection[str] | None,
    expires_at: datetime | None,
    by: User,
    credential: Credential | None = None,
) -> NewToken:
    """`expires_at` None is for ever, `scopes` None all that the account may. `credential` is the caller's.

    Raises PermissionDenied, TokenRefused, and ValidationError naming the field.
    """
    if not may_use(by) or not owners_for(by).filter(pk=user.pk).exists():
        raise PermissionDenied("You may not create tokens of this account.")
    if scopes is not None and (unknown := sorted(set(scopes) - SCOPES.keys())):
        raise ValidationError({"scopes": f"There is no scope {unknown[0]!r}."})
    if scopes is not None and not scopes:
        raise ValidationError({"scopes": "Choose what the token is to be used for."})
    if expires_at is None and not may_create_for_others(by):
        raise ValidationError({"expires_at": "Only an administrator creates tokens that never expire."})
    if expires_at is not None and expires_at <= timezone.now():
        raise ValidationError({"expires_at": "This time is in the past: choose a later one."})
    require_within(credential, scopes)
    return _issue(
        user, name, None if scopes is None else [one for one in SCOPES if one in scopes], expires_at
    )


@transaction.atomic
def rotate(
    details: TokenDetails, *, overlap: timedelta, by: User, credential: Credential | None = None
) -> NewToken:
    """A new key with the same name, scopes and lifetime; the old one is valid for `overlap`, at most.

    Raises PermissionDenied, TokenRefused for one that is rotated or expired already, and ValidationError.
    """
    if not timedelta(0) <= overlap <= MAX_OVERLAP:
        raise ValidationError(
            {"overlap_hours": f"Choose from 0 to {MAX_OVERLAP // timedelta(hours=1)} hours."}
        )
    found = _locked(details)
    token, now = found.token, timezone.now()
    if not owners_for(by).filter(pk=token.user_id).exists():
        raise PermissionDenied("You may not rotate tokens of this account.")
    if found.rotated_at is not None:
        raise TokenRefused("This token was rotated already: rotate the one that took its place.")
    if token.expiry is not None and token.expiry <= now:
        raise TokenRefused("This token has expired: create another one.")
    require_within(credential, found.scopes)
    expires_at = None if token.expiry is None else now + (token.expiry - token.created)
    made = _issue(token.user, found.name, found.scopes, expires_at)
    found.rotated_at = now
    found.save(update_fields=["rotated_at"])
    if overlap:
        token.expiry = min(now + overlap, token.expiry or now + overlap)
        token.save(update_fields=["expiry"])
    else:
        token.delete()
    return made


@transaction.atomic
def revoke(details: TokenDetails, *, by: User) -> None:
    """The token no longer works."""
    token = _locked(details).token
    if token.user_id != by.pk and not (
        by.has_perm("knox.delete_authtoken") and (by.is_superuser or not token.user.is_superuser)
    ):
        raise PermissionDenied("You may not revoke tokens of this account.")
    token.delete()


def require_within(credential: Credential | None, scopes: Collection[str] | None) -> None:
    """A token makes none that may do more than itself."""
    if credential is not None and credential.is_beyond(scopes):
        raise PermissionDenied("A token cannot create one with more scopes than it has itself.")


def _issue(user: User, name: str, scopes: list[str] | None, expires_at: datetime | None) -> NewToken:
    if AuthToken.objects.filter(user=user).count() >= MAX_TOKENS:
        raise TokenRefused(f"{user} has {MAX_TOKENS} tokens: revoke those that are no longer used.")
    salt = secrets.token_hex(32)
    key = key_from(salt)
    token = AuthToken(
        digest=hash_token(key), token_key=key[: CONSTANTS.TOKEN_KEY_LENGTH], user=user, expiry=expires_at
    )
    # The receiver that records the token also makes the row of its details: see `approvals.audit.rights`.
    token.described_as = {"name": name, "scopes": scopes}
    token.save(force_insert=True)
    return NewToken(TokenDetails.objects.select_related("token__user").get(token=token), key, salt)


def _locked(details: TokenDetails) -> TokenDetails:
    """Of two changes at once, the second finds what the first left. Raises TokenRefused if it is gone."""
    rows = TokenDetails.objects.select_for_update(of=("self",)).select_related("token__user")
    found = rows.filter(pk=details.pk).first()
    if found is None:
        raise TokenRefused("This token was revoked or has expired.")
    return found
