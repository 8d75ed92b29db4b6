"""The brake as an authentication backend: whichever door takes a password, it is asked first."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver

from approvals.access import passwords


class PasswordBrake:
    """Knows nobody. It stands before the backend that does, and raises TooManyAttempts."""

    def authenticate(
        self, request: Any, username: str | None = None, password: str | None = None, **_: Any
    ) -> None:
        if request is not None and username and password:
            request.password_attempt = passwords.begin(request, username)


@receiver(user_logged_in)
def forgive(sender: Any, request: Any, user: AbstractBaseUser, **_: Any) -> None:
    """Only now was the password right, and the account one that may come in."""
    attempt: passwords.Attempt | None = getattr(request, "password_attempt", None)
    if attempt is not None:
        attempt.forgive()
        request.remembers_device = attempt.username
