"""Second factors: who must have one, and what is on record about them."""

from __future__ import annotations

from collections.abc import Callable

from allauth.core import context
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from approvals.access import mails, sessions
from approvals.audit import rights

ADMINISTRATORS = "administrators"
"""In REQUIRE_SECOND_FACTOR: the superusers, who need no group."""
SESSION_KEY = "second_factor"
BY_PROVIDER = "second_factor_by_provider"
"""In the session: the OpenID Connect provider says that it asked for a second factor itself."""
FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
OPEN_PAGES = ("/account/", "/logout/", "/login/", "/jsi18n/")
"""Below the admin: what an account without its second factor may open."""

Next = Callable[[HttpRequest], HttpResponse]


def has_second_factor(user: User) -> bool:
    return bool(Authenticator.objects.filter(user=user, type__in=FACTORS).exists())


def is_required_of(user: User) -> bool:
    """By the names of REQUIRE_SECOND_FACTOR, in whatever case they are written."""
    names = {name.casefold() for name in settings.REQUIRE_SECOND_FACTOR}
    if not names:
        return False
    if user.is_superuser and ADMINISTRATORS in names:
        return True
    return any(name.casefold() in names for name in user.groups.values_list("name", flat=True))


@transaction.atomic
def reset(user: User) -> int:
    """Remove all second factors of an account whose owner has lost them, and end its sessions."""
    removed, _ = Authenticator.objects.filter(user=user).delete()
    sessions.end_all(user)
    if removed:
        rights.record_change(User, user.pk, "second_factor_reset", {"username": user.get_username()})
    return int(removed)


class SecondFactorRequired:
    """Middleware: pages of the desk and the API by session are closed until a second factor is set up.

    A token of the API needs none: who creates it has passed this, and a program has no telephone.
    """

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response
        self.admin = reverse("admin:index")
        self.closed = (self.admin, "/api/", "/mcp/", "/events/")

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if settings.REQUIRE_SECOND_FACTOR and self._is_closed(request):
            if not request.path.startswith(self.admin):
                raise PermissionDenied("Set up your second factor at the desk first: your role requires one.")
            messages.warning(request, "Your role requires a second factor. Set one up to go on.")
            return redirect("mfa_index")
        return self.get_response(request)

    def _is_closed(self, request: HttpRequest) -> bool:
        if not request.path.startswith(self.closed) or settings.SESSION_COOKIE_NAME not in request.COOKIES:
            return False
        if request.path.startswith(tuple(f"{self.admin.rstrip('/')}{page}" for page in OPEN_PAGES)):
            return False
        user = request.user
        if not isinstance(user, User) or request.session.get(SESSION_KEY) == user.pk:
            return False
        if not is_required_of(user):
            return False
        if request.session.get(BY_PROVIDER) == user.pk or has_second_factor(user):
            request.session[SESSION_KEY] = user.pk  # asked once a session: a reset ends all sessions
            return False
        return True


@receiver(post_save, sender=Authenticator)
def after_save(sender: type, instance: Authenticator, created: bool, **_: object) -> None:
    if not created:
        return
    _record(instance, "second_factor_added")
    others = Authenticator.objects.filter(user=instance.user_id, type__in=FACTORS).exclude(pk=instance.pk)
    if instance.type in FACTORS and not others.exists():
        _end_other_sessions(instance.user, "a second factor was added")


@receiver(post_delete, sender=Authenticator)
def after_delete(sender: type, instance: Authenticator, **_: object) -> None:
    _record(instance, "second_factor_removed")
    if instance.type in FACTORS:
        _end_other_sessions(instance.user, "a second factor was removed")


def _end_other_sessions(user: User, change: str) -> None:
    """A thief who is logged in elsewhere must not stay so behind a factor that was never asked of him."""
    request = context.request
    if request is None or request.user != user:
        sessions.end_all(user)
        return
    sessions.end_others(request, user)
    mails.enqueue("warn_of_change", user.pk, change)


def _record(authenticator: Authenticator, verb: str) -> None:
    user = authenticator.user
    rights.record_change(
        User, user.pk, verb, {"username": user.get_username(), "type": str(authenticator.type)}
    )
