"""What changes only with an entry of the audit chain: computed once between two of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib.auth.models import User
from django.core.cache import caches

from approvals.audit import chain


def since_last_entry(key: str, user: User, compute: Callable[[], Any]) -> Any:
    """What `compute` returned under this key at this head of the chain. `user` is who asks."""
    return caches["user"].get_or_compute(f"{key}:{_head(user)}", compute)  # type: ignore[attr-defined]


def _head(user: User) -> str:
    """The head of the chain as this request found it: the navigation and a page ask for it, both."""
    if not hasattr(user, "_audit_head"):
        _, user._audit_head = chain.head()  # type: ignore[attr-defined]  # ours, for one request
    head: str = user._audit_head  # type: ignore[attr-defined]
    return head
