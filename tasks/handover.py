"""What becomes of the open work of an account that is deactivated: each app registers what is its own."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib.auth.models import User
from django.db import transaction

Handover = Callable[[User, User | None], object]
"""Is given the account that ends and the one that takes over, which is None where none was chosen."""

_registered: list[Handover] = []


def register(handover: Handover) -> Handover:
    _registered.append(handover)
    return handover


@transaction.atomic
def hand_over(old_user: User, new_user: User | None) -> None:
    """Hand over all open work of an account. What the new one may not do is left to nobody."""
    for handover in _registered:
        handover(old_user, new_user)
