"""Connections to the database that belong to an event loop."""

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


async def connect_as_django() -> LoopConnection:
    """Connect as Django would, with commands that are done at once. Raises psycopg.OperationalError."""
    given = connection.get_connection_params()
    known = {name: given[name] for name in given if name not in {"cursor_factory", "context"}}
    return await LoopConnection.connect(**known, autocommit=True)
