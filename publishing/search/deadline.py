"""A statement for a reader who waits: it ends in time, with its rows or without."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import nullcontext
from typing import Any

from django.db import OperationalError, connection, transaction

TIMEOUT_MS = 300
QUERY_CANCELED = "57014"


class TookTooLong(Exception):
    """The statement would have taken more than TIMEOUT_MS."""


def rows(statement: str, given: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """The rows of the statement, which is one message with its own limit. Raises TookTooLong."""
    limited = (
        f"SET LOCAL statement_timeout = {TIMEOUT_MS}; {statement}; SET LOCAL statement_timeout TO DEFAULT"
    )
    # Inside a transaction a statement that failed would take the rest with it.
    undone = transaction.atomic() if connection.in_atomic_block else nullcontext()
    try:
        with undone, connection.cursor() as cursor:
            cursor.execute(limited, given)
            cursor.nextset()
            found: list[tuple[Any, ...]] = cursor.fetchall()
            return found
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", "") != QUERY_CANCELED:
            raise
        raise TookTooLong from error
