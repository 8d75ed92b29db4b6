"""The password throttle as an authentication backend: every way to log in with a password passes it."""

from __future__ import annotations

from typing import Any

from allauth.account.signals import authentication_step_completed
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import User
from django.contrib.auth.signals import user_logged_in
from django.db import connection
from django.dispatch import receiver

from approvals.access import passwords

HELD = """
    SELECT type.app_label || '.' || permission.codename
    FROM auth_permission permission JOIN django_content_type type ON type.id = permission.content_type_id
    WHERE permission.id IN (
        SELECT permission_id FROM auth_user_user_permissions WHERE user_id = %(user)s
        UNION ALL
        SELECT of_role.permission_id FROM auth_group_permissions of_role
        JOIN auth_user_groups role ON role.group_id = of_role.group_id WHERE role.user_id = %(user)s
    )
"""
"""What a person may do, by a role or themselves. In SQL: Django takes ten times as long to write it."""


class PasswordThrottleBackend:
    """Authenticates nobody. It comes before the backend that does, and raises TooManyAttempts."""

    def authenticate(
        self, request: Any, username: str | None = None, password: str | None = None, **_: Any
    ) -> None:
        if request is not None and username and password:
            request.password_attempt = passwords.begin(request, login_name_of(username))


class RolesBackend:
    """Finds what a person may do with one query; Django's backend, which reads what this leaves, takes two.

    Every page of the desk asks for it.
    """

    def authenticate(self, request: Any, **_: Any) -> None:
        """Admits nobody."""

    def get_all_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        if obj is not None or not user_obj.is_active or user_obj.is_anonymous or user_obj.is_superuser:
            return set()
        if not hasattr(user_obj, "_perm_cache"):
            with connection.cursor() as cursor:
                cursor.execute(HELD, {"user": user_obj.pk})
                user_obj._perm_cache = {name for (name,) in cursor.fetchall()}
        permissions: set[str] = user_obj._perm_cache
        return permissions

    def has_perm(self, user_obj: Any, perm: str, obj: Any = None) -> bool:
        return perm in self.get_all_permissions(user_obj, obj)


class MailBackend(ModelBackend):
    """Admits by mail address. It comes after the backend for names, and takes as long for an unknown one."""

    def authenticate(
        self, request: Any, username: str | None = None, password: str | None = None, **_: Any
    ) -> User | None:
        if not username or not password or "@" not in username:
            return None
        user = user_of_mail(username)
        if user is None:
            User().set_password(password)
            return None
        return user if user.check_password(password) and self.user_can_authenticate(user) else None


def user_of_mail(address: str) -> User | None:
    """The active account with this mail address, if it is one alone."""
    address = address.strip()
    if not address or "\0" in address:
        return None
    found = list(User.objects.filter(email__iexact=address, is_active=True)[:2])
    return found[0] if len(found) == 1 else None


def login_name_of(typed: str) -> str:
    """What is counted: the name of the account, whether its name or its mail address was typed."""
    found = user_of_mail(typed) if "@" in typed else None
    return found.get_username() if found else typed


@receiver(authentication_step_completed)
def forgive(sender: Any, request: Any, method: str, **_: Any) -> None:
    """Only now is it known that the password was right and the account active."""
    attempt: passwords.Attempt | None = getattr(request, "password_attempt", None)
    if method == "password" and attempt is not None:
        attempt.forgive()


@receiver(user_logged_in)
def recognise(sender: Any, request: Any, user: User, **_: Any) -> None:
    """All steps are done, a second factor included: from now on this network and device are known."""
    if request is None or not request.META.get("REMOTE_ADDR"):
        return  # no browser: a command or a test
    request.logged_in_account = passwords.recognise(request, user.get_username())
