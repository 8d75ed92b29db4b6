"""The audit chain: how an entry is sealed, and how the whole is verified."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import connection, transaction

from approvals.models import AuditEntry
from tasks.content import canonical_json

GENESIS = "0" * 64
CHAIN_LOCK = 0x0A0D17
"""Key of the advisory lock under which `seq` is allocated: a sequence would fork the chain."""

SEALED = ("seq", "actor_id", "actor_name", "action", "object_type", "object_id", "task_id", "data")


@dataclass(frozen=True)
class Flaw:
    """The first entry at which the chain does not hold."""

    seq: int
    kind: str
    detail: str


def record(
    action: str,
    *,
    object_type: str,
    object_id: int,
    task_id: int | None = None,
    by: AbstractBaseUser | None = None,
    data: dict[str, Any] | None = None,
) -> AuditEntry:
    """Append an entry to the chain, in the caller's transaction."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            # Held to the end of the transaction: entries become visible in the order of `seq`.
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [CHAIN_LOCK])
        last = AuditEntry.objects.order_by("-seq").first()
        entry = AuditEntry(
            seq=last.seq + 1 if last else 1,
            at=datetime.now(UTC),
            actor_id=by.pk if by else None,
            actor_name=by.get_username() if by else "system",
            action=action,
            object_type=object_type,
            object_id=object_id,
            task_id=task_id,
            data=data or {},
            prev_hash=last.hash if last else GENESIS,
        )
        entry.hash = seal(entry)
        entry.save(force_insert=True)
    return entry


def seal(entry: AuditEntry) -> str:
    """The hash an entry must carry: hex SHA-256 of `prev_hash` followed by its canonical JSON."""
    facts = {name: getattr(entry, name) for name in SEALED}
    facts["at"] = entry.at.astimezone(UTC).isoformat(timespec="microseconds")
    return hashlib.sha256((entry.prev_hash + canonical_json(facts)).encode()).hexdigest()


def first_flaw() -> Flaw | None:
    """Walk the chain from its first entry; None when every link holds."""
    expected_seq, prev_hash = 1, GENESIS
    for entry in AuditEntry.objects.order_by("seq").iterator():
        if entry.seq != expected_seq:
            return Flaw(expected_seq, "removed", f"entry {expected_seq} is missing")
        if entry.prev_hash != prev_hash:
            return Flaw(entry.seq, "inserted", f"entry {entry.seq} does not follow the one before it")
        if entry.hash != seal(entry):
            return Flaw(entry.seq, "altered", f"entry {entry.seq} does not match its hash")
        expected_seq, prev_hash = entry.seq + 1, entry.hash
    return None


def head() -> tuple[int, str]:
    """Number and hash of the last entry; (0, 64 zeros) before the first."""
    last = AuditEntry.objects.order_by("-seq").first()
    return (last.seq, last.hash) if last else (0, GENESIS)
