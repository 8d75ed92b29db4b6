"""The audit chain: appending entries and computing their hashes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import connection, transaction

from approvals.models import AuditEntry
from tasks.advisory_locks import Call, Lock, statement
from tasks.content import canonical_json

GENESIS = "0" * 64
HASHED_FIELDS = ("seq", "actor_id", "actor_name", "action", "object_type", "object_id", "task_id", "data")


@dataclass(frozen=True)
class IntegrityFailure:
    """The first entry at which the chain does not verify."""

    seq: int
    kind: str
    detail: str


@dataclass(frozen=True)
class Fact:
    """The content of an entry; the chain adds number, time and hashes."""

    action: str
    object_type: str
    object_id: int
    task_id: int | None = None
    by: AbstractBaseUser | None = None
    by_name: str = "system"
    """Who did it if no account did."""
    data: dict[str, Any] = field(default_factory=dict)


_batch: ContextVar[list[Fact] | None] = ContextVar("audit_batch", default=None)


@contextmanager
def batch() -> Iterator[None]:
    """Append everything that is added inside with one statement, at the end of the block.

    For a transaction that ends as a whole: an entry would outlive a savepoint that is rolled back inside.
    If the block raises, nothing is appended.
    """
    if _batch.get() is not None:
        yield
        return
    facts: list[Fact] = []
    token = _batch.set(facts)
    try:
        yield
    finally:
        _batch.reset(token)
    record_all(facts)


def add(facts: Sequence[Fact]) -> None:
    """Like `record_all`, but with the others of the surrounding `batch`, if there is one."""
    pending = _batch.get()
    if pending is None:
        record_all(facts)
    else:
        pending.extend(facts)


def record(action: str, **facts: Any) -> AuditEntry:
    """Append an entry to the chain, in the caller's transaction. Takes the fields of Fact."""
    return record_all([Fact(action, **facts)])[0]


def record_all(facts: Sequence[Fact]) -> list[AuditEntry]:
    """Append entries in this order. Callers lock their rows before this: the chain's lock comes last."""
    if not facts:
        return []
    # No savepoint: a failure here has to undo the change that it was to record.
    with transaction.atomic(savepoint=False):
        seq, prev_hash = locked_head()
        at = datetime.now(UTC)
        entries = []
        for fact in facts:
            entry = AuditEntry(
                seq=(seq := seq + 1),
                at=at,
                actor_id=fact.by.pk if fact.by else None,
                actor_name=fact.by.get_username() if fact.by else fact.by_name,
                action=fact.action,
                object_type=fact.object_type,
                object_id=fact.object_id,
                task_id=fact.task_id,
                data=fact.data,
                prev_hash=prev_hash,
            )
            entry.hash = prev_hash = hash_of(entry)
            entries.append(entry)
        return AuditEntry.objects.bulk_create(entries)


def locked_head() -> tuple[int, str]:
    """The head, locked until the transaction ends, so that entries become visible in order."""
    with connection.cursor() as cursor:
        # Two statements in one message: the second sees what was committed while the first waited.
        cursor.execute(
            f"{statement(Call.TRANSACTION, Lock.AUDIT_CHAIN)};"
            "SELECT seq, hash FROM approvals_auditentry ORDER BY seq DESC LIMIT 1"
        )
        cursor.nextset()
        return cursor.fetchone() or (0, GENESIS)


def hash_of(entry: AuditEntry) -> str:
    """The hash of an entry: hex SHA-256 of `prev_hash` followed by its canonical JSON."""
    facts = {name: getattr(entry, name) for name in HASHED_FIELDS}
    facts["at"] = entry.at.astimezone(UTC).isoformat(timespec="microseconds")
    return hashlib.sha256((entry.prev_hash + canonical_json(facts)).encode()).hexdigest()


def head() -> tuple[int, str]:
    """Number and hash of the last entry; (0, 64 zeros) before the first."""
    with connection.cursor() as cursor:  # every page of the desk asks: Django takes longer to write it
        cursor.execute("SELECT seq, hash FROM approvals_auditentry ORDER BY seq DESC LIMIT 1")
        return cursor.fetchone() or (0, GENESIS)
