"""What django-q2 calls: mail that no page waits for. All are given what was typed, and look it up here.

So the page that asks takes as long for an account that does not exist.
"""

from __future__ import annotations

from django.contrib.auth.models import User

from approvals.access import mails
from approvals.access.backends import user_of_mail
from approvals.access.counting import count

WARNINGS_SECONDS = 6 * 3600
"""The owner of an account gets one warning in this time, however many addresses try."""


def send_reset(typed: str) -> None:
    """To an active account with this mail address that has a password. Others get an invitation instead."""
    user = user_of_mail(typed)
    if user is not None and user.has_usable_password():
        mails.send_reset(user)


def warn_of_guessing(username: str, address: str, secret: str) -> None:
    user = User.objects.filter(username=username, is_active=True).exclude(email="").first()
    if user is None or count(f"warned:{secret}:{user.pk}", WARNINGS_SECONDS).number > 1:
        return
    advice = (
        "That person knows your password: choose another one now."
        if secret == "code"
        else "If it was you, there is nothing to do. If not, your password should be a long one that you use "
        "nowhere else, and a second factor protects you even from one who knows it."
    )
    mails.send(
        user.email,
        f"Failed attempts to log in as {username}",
        f"There were several attempts to log in to your account with a wrong {secret}, from the address "
        f"{address or 'unknown'}. Further ones have to wait.",
        advice,
        mails.address_of("/admin/profile/"),
    )


def warn_of_change(user_id: int, change: str) -> None:
    """Of a change that a thief of the account would make."""
    user = User.objects.filter(pk=user_id, is_active=True).exclude(email="").first()
    if user is not None:
        mails.send(
            user.email,
            f"Your account: {change}",
            f"{change[0].upper()}{change[1:]}, of your account {user.get_username()}. If it was neither you "
            "nor an administrator, ask an administrator to deactivate the account.",
            mails.address_of("/admin/profile/"),
        )
