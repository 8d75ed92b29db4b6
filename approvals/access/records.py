"""The audit entry for a limit that was reached: which account was tried and from where, but no secret."""

from __future__ import annotations

import logging
from typing import Any

from django.contrib.auth.models import User

from approvals.access import mails
from approvals.access.addresses import network_of
from approvals.access.counting import count
from approvals.audit import chain

logger = logging.getLogger(__name__)

ENTRIES_AN_HOUR = 60
"""The chain is permanent: an attack from a thousand addresses must not fill it."""


def record_limit(
    action: str,
    request: Any,
    *,
    address: str,
    username: str = "",
    by: User | None = None,
    **facts: Any,
) -> None:
    """To be called once each time a limit is reached, not for each attempt after it."""
    shown = username[:150].encode(errors="replace").decode().replace("\0", "\N{REPLACEMENT CHARACTER}")
    network = network_of(address)
    logger.warning("Too many failures (%s) for %r from %s at %s.", action, shown, network, request.path)
    written = count("audit:limits", 3600).number
    if written > ENTRIES_AN_HOUR:
        return
    data = {"address": address, "network": network, "path": request.path[:200], **facts}
    if written == ENTRIES_AN_HOUR:
        data["note"] = "Further ones within this hour are only in the log."
    if username:
        data["username"] = shown
    if username:
        mails.enqueue("warn_of_guessing", shown, address, str(facts.get("secret", "password")))
    account = User.objects.filter(username=shown).values_list("pk", flat=True).first()
    chain.record(
        action,
        object_type="user",
        object_id=account or 0,
        by=by,
        by_name="unknown",
        data=data,
    )
