"""The register of PostgreSQL's advisory locks: what is locked, under which key, and for how long.

Every lock has two keys of 32 bits: its member of `Lock`, and what it is about. PostgreSQL releases a lock
when the process that holds it dies. No other module writes SQL about them, and no function in the database
takes one.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from enum import IntEnum, StrEnum

from django.db import connection


class Lock(IntEnum):
    """The first key. A number is never used again for something else."""

    CATEGORY_GUIDELINES = 0x6A1D
    """Adopting a guideline; the category's name."""
    CLUSTER = 0x7A5D
    """A cluster that runs, shared by all of them; for a moment, whether it is the first."""
    WORKER = 0x7A5E
    """A worker, for as long as its process lives; its id."""
    DAILY_BUDGET = 0x7A5F
    """Reserving a part of the day's budget."""
    INCIDENTS = 0x7A60
    """Opening, updating and closing incidents."""
    ALERT = 0x7A61
    """Sending the alert of an incident; its id."""
    NOTIFICATION = 0x7A62
    """Sending notifications to an account; its id, or 0 for those without an account."""
    AUDIT_CHAIN = 0x7A63
    """Appending to the audit chain: numbers from a sequence would fork it."""
    SEARCH_LISTS = 0x7A64
    """Writing the lists of common words: two writers would undo each other's work."""
    POST_ADDRESS = 0x7A65
    """Taking or giving up the address of a post; the slug."""
    IMAGE = 0x7A66
    """Storing an image or deleting its files; its name."""
    FORM = 0x7A67
    """Doing what a form of the desk says; the form, with all that is in it."""
    BACKUP = 0x7A68
    """Making a backup; 0 for the one that runs, 1 for deleting files, which is shared by all who delete."""
    RESTORE = 0x7A69
    """Restoring into a server, in its maintenance database; the name of the desk's database."""


DELETING_FILES = 1
"""What `Lock.BACKUP` is about where a file of the storage is deleted."""


class Call(StrEnum):
    """Locks of a session are released by hand, others with their transaction."""

    TRANSACTION = "pg_advisory_xact_lock"
    TRY_TRANSACTION = "pg_try_advisory_xact_lock"
    SESSION = "pg_advisory_lock"
    SHARED_SESSION = "pg_advisory_lock_shared"
    TRY_SESSION = "pg_try_advisory_lock"
    TRY_SHARED_SESSION = "pg_try_advisory_lock_shared"
    RELEASE = "pg_advisory_unlock"
    RELEASE_SHARED = "pg_advisory_unlock_shared"


def lock_until_commit(lock: Lock, about: int | str = 0) -> None:
    """Wait for the lock, and hold it to the end of the transaction."""
    _execute(Call.TRANSACTION, lock, about)


def try_lock_until_commit(lock: Lock, about: int | str = 0) -> bool:
    """Whether this transaction holds the lock now."""
    return _execute(Call.TRY_TRANSACTION, lock, about)


@contextmanager
def session_lock(lock: Lock, about: int | str = 0) -> Iterator[None]:
    """Wait for the lock, and hold it in the block; no transaction is needed."""
    _execute(Call.SESSION, lock, about)
    try:
        yield
    finally:
        _execute(Call.RELEASE, lock, about)


@contextmanager
def try_session_lock(lock: Lock, about: int | str = 0) -> Iterator[bool]:
    """Whether the block holds the lock; no transaction is needed."""
    is_held = _execute(Call.TRY_SESSION, lock, about)
    try:
        yield is_held
    finally:
        if is_held:
            _execute(Call.RELEASE, lock, about)


@contextmanager
def try_shared_session_lock(lock: Lock, about: int | str = 0) -> Iterator[bool]:
    """Whether the block holds the lock together with others; no transaction is needed."""
    is_held = _execute(Call.TRY_SHARED_SESSION, lock, about)
    try:
        yield is_held
    finally:
        if is_held:
            _execute(Call.RELEASE_SHARED, lock, about)


# --- For connections other than Django's, and for larger statements ------------------------------------


def statement(call: Call, lock: Lock, about: int | str = 0) -> str:
    return f"SELECT {call}({lock:d}, {_key(about)})"


def statement_for_all(call: Call, lock: Lock, subjects: Iterable[int | str]) -> str:
    """One statement for several locks, always in one order: no two transactions wait for each other."""
    keys = sorted({_key(about) for about in subjects})
    return "SELECT " + ", ".join(f"{call}({lock:d}, {key})" for key in keys)


def holders_sql(lock: Lock, alias: str = "pg_locks") -> str:
    """A condition on rows of pg_locks: the lock is held, whatever it is about."""
    return (
        f"{alias}.locktype = 'advisory' AND {alias}.granted AND {alias}.classid = {lock:d}"
        f" AND {alias}.database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    )


def about_sql(number: str) -> str:
    """What `objid` in pg_locks is for a lock about this number, which is an SQL expression."""
    return f"mod({number}, {_NUMBERS})"


_NUMBERS = 2**31


def _key(about: int | str) -> int:
    """The second key. Two names may share one by chance, and then merely wait for each other."""
    number = zlib.crc32(about.encode()) if isinstance(about, str) else about
    return number % _NUMBERS


def _execute(call: Call, lock: Lock, about: int | str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(statement(call, lock, about))
        return bool(cursor.fetchone()[0])
