"""Which account belongs to a person whom the OpenID Connect provider names, and which roles it has."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.contrib.auth.models import Group, User
from django.contrib.auth.signals import user_logged_in
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.db.models.functions import Now
from django.dispatch import receiver
from django.http import HttpRequest

from approvals.access.backends import user_of_mail
from approvals.access.names import free_username, split_name
from approvals.access.second_factor import BY_PROVIDER

SECOND_FACTOR = "mfa"
"""Among the authentication methods (`amr`) of the token, by RFC 8176."""

Claims = Mapping[str, Any]


@transaction.atomic
def match(request: HttpRequest, sociallogin: Any) -> None:
    """Find the account: the one that logged in like this before, else the one with the verified mail address.

    Roles from the claim are set each time, and taken away too. Raises PermissionDenied for a token that was
    not made for this login.
    """
    claims = _claims(sociallogin)
    token = sociallogin.account.extra_data["id_token"]
    if not sociallogin.state.get("nonce") or token.get("nonce") != sociallogin.state["nonce"]:
        raise PermissionDenied("The provider's token was not made for this login.")
    if not sociallogin.is_existing and (user := user_of_mail(_verified_mail(claims))):
        sociallogin.connect(request, user)
    if sociallogin.is_existing:
        set_roles(sociallogin.user, claims)
        sociallogin.user.invitations.unused().update(used_at=Now())
    methods = token.get("amr")
    if isinstance(methods, list) and SECOND_FACTOR in methods:
        request.provider_asked_second_factor = True  # type: ignore[attr-defined]  # ours


def may_be_created(sociallogin: Any) -> bool:
    """Only for a person to whom the provider gives a role, and who was not deactivated here."""
    claims = _claims(sociallogin)
    mail = _verified_mail(claims)
    if mail and User.objects.filter(email__iexact=mail, is_active=False).exists():
        return False
    return bool(roles_of(claims))


@transaction.atomic
def create(request: HttpRequest, sociallogin: Any) -> User:
    claims = _claims(sociallogin)
    mail = _verified_mail(claims)
    first, last = split_name(_text(claims, "name"))
    wanted = _text(claims, "preferred_username") or mail or _text(claims, "name")
    user = User(username=free_username(wanted), email=mail, first_name=first, last_name=last)
    user.set_unusable_password()
    sociallogin.user = user
    sociallogin.save(request, connect=True)
    set_roles(user, claims)
    return user


def set_roles(user: User, claims: Claims) -> None:
    """Groups that the provider decides about are as it says; all others stay."""
    if not settings.OIDC_ROLES_CLAIM:
        return
    wanted = roles_of(claims)
    managed = Group.objects.all()
    if settings.OIDC_ROLES:
        managed = managed.filter(name__in=set(settings.OIDC_ROLES.values()))
    stay = user.groups.exclude(pk__in=managed)
    user.groups.set({*stay, *managed.filter(name__in=wanted)})


def roles_of(claims: Claims) -> set[str]:
    """The names of groups. A claim inside another is named as in `realm_access.roles`."""
    found: Any = claims
    for part in settings.OIDC_ROLES_CLAIM.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    values = [found] if isinstance(found, str) else found if isinstance(found, list) else []
    names = {value for value in values if isinstance(value, str)}
    if settings.OIDC_ROLES:
        names = {settings.OIDC_ROLES[value] for value in names if value in settings.OIDC_ROLES}
    return set(Group.objects.filter(name__in=names).values_list("name", flat=True)) if names else set()


def _claims(sociallogin: Any) -> Claims:
    """What the token says, and in addition what the provider answers about the person."""
    data = sociallogin.account.extra_data
    return {**(data.get("userinfo") or {}), **data["id_token"]}


def _verified_mail(claims: Claims) -> str:
    """Empty for what is no address: mail is sent to it, and people log in by it."""
    mail = _text(claims, "email") if claims.get("email_verified") is True else ""
    try:
        validate_email(mail)
    except ValidationError:
        return ""
    return mail


def _text(claims: Claims, name: str) -> str:
    value = claims.get(name)
    return value.replace("\0", "").strip()[:150] if isinstance(value, str) else ""


@receiver(user_logged_in)
def note_second_factor(sender: Any, request: Any, user: User, **_: Any) -> None:
    if getattr(request, "provider_asked_second_factor", False):
        request.session[BY_PROVIDER] = user.pk
