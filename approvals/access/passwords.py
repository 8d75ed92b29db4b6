"""Throttles password guessing, counted in PostgreSQL, after OWASP's scheme of device cookies.

An attempt counts as failed from before the password is checked until it turns out to be right: a hundred
concurrent attempts get no more tries than a hundred in sequence. Each counts for its source, which is

- a *device* that has logged in to this account before, shown by a signed cookie; or else
- a *client*: the account and the address. Five are free; then each waits twice as long as the one before;
- in addition, the *network* of the address, for any account: someone may try a list of accounts;
- and the *account*, from anywhere: a thousand addresses may try. A network that logged in to it before is
  neither counted nor stopped, so that no stranger can lock out the owner of an account.

An unknown account is counted like any other, so that nothing reveals which accounts exist.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from math import ceil
from typing import Any

from django.db import connection, transaction
from django.db.models.functions import Now
from django.utils.crypto import salted_hmac
from rest_framework.exceptions import Throttled

from approvals.access import devices
from approvals.access.addresses import client_address, network_of
from approvals.access.models import PasswordFailures
from approvals.access.records import record_limit

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
KNOWN_FOR = timedelta(days=90)
"""How long a network counts as the account's own after a login from it."""


class TooManyAttempts(Throttled):
    """No password is checked for `seconds`. The API answers 429."""

    def __init__(self, seconds: int, secret: str = "password") -> None:
        self._what = f"Too many attempts with a wrong {secret}."
        super().__init__(seconds, self._what)
        self.seconds = seconds

    def __str__(self) -> str:
        return f"{self._what} Try again in {_in_words(self.seconds)}."


@dataclass(frozen=True)
class Limit:
    """`free` failures are allowed within `seconds`."""

    free: int
    seconds: int
    first_wait_seconds: int = 0
    """Each one beyond waits twice as long as the one before. 0: all wait for the end of the window."""

    def wait_after(self, failures: int, seconds_left: float) -> float:
        if failures < self.free:
            return 0
        if not self.first_wait_seconds:
            return seconds_left
        return min(self.first_wait_seconds * 2.0 ** min(failures - self.free, 20), LONGEST_WAIT_SECONDS)


LONGEST_WAIT_SECONDS = 3600
LIMITS = {
    "device": Limit(5, 24 * 3600, first_wait_seconds=30),
    "client": Limit(5, 24 * 3600, first_wait_seconds=30),
    "network": Limit(50, 600),
    "account": Limit(100, 3600),
}
LIMITS_OF = {
    "password": LIMITS,
    # Only who has the password gets as far, and there are but a million codes.
    "code": LIMITS | {"account": Limit(20, 24 * 3600)},
}


@dataclass
class Attempt:
    """One password that is being checked: a failure, unless `forgive` is called."""

    keys: Mapping[str, str]
    """By kind of source."""
    secret: str = "password"
    is_forgiven: bool = field(default=False, init=False)

    @transaction.atomic
    def forgive(self) -> None:
        """The password was right: reset the failures of this source, and take one off the other counts."""
        if self.is_forgiven:
            return
        self.is_forgiven = True
        for kind, row in _locked(self.keys).items():
            row.failures = 0 if kind in {"device", "client"} else max(0, row.failures - 1)
            if row.failures < LIMITS_OF[self.secret][kind].free:
                row.blocked_until = None
            row.save()


def recognise(request: Any, username: str) -> str:
    """This network has logged in to the account: failures of others do not concern it."""
    account, network = _account(username), network_of(client_address(request))
    known = {"ends_at": _now() + KNOWN_FOR}
    PasswordFailures.objects.update_or_create(key=_known(account, network), defaults=known)
    return account


def begin(request: Any, username: str, *, secret: str = "password") -> Attempt:
    """Count an attempt to log in to this account. Raises TooManyAttempts without counting it.

    Attempts with another `secret`, such as a code of a second factor, are counted separately.
    """
    request = getattr(request, "_request", request)  # DRF's would authenticate to find `user`
    account, address = _account(username), client_address(request)
    network = network_of(address)
    attempt = Attempt(_source_keys(request, account, network, secret), secret)
    with transaction.atomic():
        rows = _locked(attempt.keys)
        now = _now()
        waits = [(row.blocked_until - now).total_seconds() for row in rows.values() if row.blocked_until]
        wait = max(waits, default=0)
        limits = LIMITS_OF[secret]
        reached = [] if wait > 0 else [kind for kind, row in rows.items() if _fail(row, limits[kind], now)]
        for kind in reached:
            row = rows[kind]
            assert row.blocked_until is not None  # the limit is reached
            record_limit(
                "login.limited", request, address=address, username=username, limit=kind, **_what(secret),
                by=request.user if _is_logged_in(request) else None, failures=row.failures,
                seconds=ceil((row.blocked_until - now).total_seconds()),
            )  # fmt: skip
    if wait > 0:
        raise TooManyAttempts(ceil(wait), secret)
    return attempt


def _source_keys(request: Any, account: str, network: str, secret: str) -> dict[str, str]:
    of = () if secret == "password" else (secret,)
    device = devices.device_of(request, account)
    if device:
        return {"device": _key("device", account, device, *of)}
    keys = {"client": _key("client", account, network, *of), "network": _key("network", network)}
    known = PasswordFailures.objects.filter(key=_known(account, network), ends_at__gt=Now())
    return keys if known.exists() else keys | {"account": _key("account", account, *of)}


def _what(secret: str) -> dict[str, str]:
    return {} if secret == "password" else {"secret": secret}


def _locked(keys: Mapping[str, str]) -> dict[str, PasswordFailures]:
    """The rows of these keys, created if missing, locked in one order so that there is no deadlock."""
    missing = [PasswordFailures(key=key, ends_at=LONG_AGO) for key in sorted(keys.values())]
    PasswordFailures.objects.bulk_create(missing, ignore_conflicts=True)
    rows = PasswordFailures.objects.filter(key__in=keys.values()).order_by("key").select_for_update()
    by_key = {row.key: row for row in rows}
    return {kind: by_key[key] for kind, key in keys.items()}


def _fail(row: PasswordFailures, limit: Limit, now: datetime) -> bool:
    """Count one more; whether this one reaches the limit."""
    if row.ends_at <= now:
        row.failures, row.ends_at = 0, now + timedelta(seconds=limit.seconds)
    elif limit.first_wait_seconds:
        row.ends_at = now + timedelta(seconds=limit.seconds)  # a day without failures, not a day in total
    row.failures += 1
    wait = limit.wait_after(row.failures, (row.ends_at - now).total_seconds())
    row.blocked_until = now + timedelta(seconds=wait) if wait else None
    row.save()
    return row.failures == limit.free


def _now() -> datetime:
    """By the clock of the database, which all hosts share."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        now: datetime = cursor.fetchone()[0]
    return now


def _account(username: str) -> str:
    """The same for all spellings that are likely meant for one account."""
    whole = username.encode(errors="replace").decode()  # without lone surrogates
    return unicodedata.normalize("NFKC", whole).casefold().strip()


def _known(account: str, network: str) -> str:
    return _key("known", account, network)


def _key(*parts: str) -> str:
    """Hashed, so that the table shows no account, no address, and nothing typed into the wrong field."""
    return salted_hmac("approvals.access", "\0".join(parts), algorithm="sha256").hexdigest()


def _is_logged_in(request: Any) -> bool:
    return getattr(request, "user", None) is not None and request.user.is_authenticated


def _in_words(seconds: int) -> str:
    if seconds < 90:
        return f"{seconds} second{'s' * (seconds != 1)}"
    return f"{ceil(seconds / 60)} minutes"
