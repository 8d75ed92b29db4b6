"""The password throttle as an authentication backend: every way to log in with a password passes it."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import User
from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver

from approvals.access import passwords


class PasswordThrottleBackend:
    """Authenticates nobody. It comes before the backend that does, and raises TooManyAttempts."""

    def authenticate(
        self, request: Any, username: str | None = None, password: str | None = None, **_: Any
    ) -> None:
        if request is not None and username and password:
            request.password_attempt = passwords.begin(request, username)


@receiver(user_logged_in)
def forgive(sender: Any, request: Any, user: User, **_: Any) -> None:
    """Only now is it known that the password was right and the account active."""
    attempt: passwords.Attempt | None = getattr(request, "password_attempt", None)
    if attempt is not None:
        attempt.forgive()
        request.logged_in_account = attempt.username
