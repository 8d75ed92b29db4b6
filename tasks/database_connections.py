"""Connections to the database outside of Django's own: one function says where it is and as whom."""

from __future__ import annotations

from typing import Any

import psycopg
from django.db import connection

LONGEST_WAIT_SECONDS = 60.0


class LoopConnection(psycopg.AsyncConnection[Any]):
    """A connection that wakes up for the database alone.

    By itself the driver wakes up ten times a second while it waits, to see whether it was interrupted.
    An event loop needs none of that: it hears of signals, and cancels what waits.
    """

    async def wait(
        self, gen: Any, interval: float = LONGEST_WAIT_SECONDS, timeout: float | None = None
    ) -> Any:
        return await super().wait(gen, interval=interval, timeout=timeout)


def connection_parameters() -> dict[str, Any]:
    """What Django connects with, without what only its own cursors need."""
    given = connection.get_connection_params()
    return {name: given[name] for name in given if name not in {"cursor_factory", "context"}}


def connect() -> psycopg.Connection[Any]:
    """Connect as Django would, with statements that commit at once. Raises psycopg.OperationalError."""
    return psycopg.Connection.connect(**connection_parameters(), autocommit=True)


async def connect_async() -> LoopConnection:
    """The same for an event loop. Raises psycopg.OperationalError."""
    return await LoopConnection.connect(**connection_parameters(), autocommit=True)
