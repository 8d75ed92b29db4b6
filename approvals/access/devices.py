"""Devices that have logged in to an account before, known by a signed cookie, one for each account.

The cookie grants no access. It only makes failures count for this device, separately from strangers'.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.signing import BadSignature, TimestampSigner
from django.http import HttpResponse
from django.urls import reverse

VALID_FOR = timedelta(days=365)
_signer = TimestampSigner(salt="approvals.access.devices")


def device_of(request: Any, account: str) -> str:
    """The device's id, if it has logged in to this account before; else the empty string."""
    signed = request.COOKIES.get(_name(account), "")
    try:
        owner, _, device = str(_signer.unsign(signed, max_age=VALID_FOR)).rpartition(":")
    except BadSignature:
        return ""
    return device if owner == _owner(account) else ""


def set_device_cookie(response: HttpResponse, account: str) -> None:
    """Set the cookie that shows next time that this device has logged in to the account."""
    response.set_cookie(
        _name(account),
        _signer.sign(f"{_owner(account)}:{secrets.token_hex(16)}"),
        max_age=VALID_FOR,
        path=reverse("admin:index"),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Strict",
    )


def _owner(account: str) -> str:
    return hashlib.sha256(account.encode(errors="replace")).hexdigest()[:32]


def _name(account: str) -> str:
    return f"device_{_owner(account)[:12]}"
