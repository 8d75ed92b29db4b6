"""Registers a worker: its connection, its id, the advisory lock that shows it alive, and its row."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

import psycopg

from tasks.advisory_locks import Call, Lock, statement
from tasks.database_connections import connect_async
from tasks.engine import wakeups
from tasks.engine.stop_request import StopRequest

logger = logging.getLogger(__name__)

RECONNECT_SECONDS = 0.2


class Registration(NamedTuple):
    connection: psycopg.AsyncConnection[Any]
    """Listens for notifications. Its lock shows that the worker is alive, so it is never replaced."""
    worker_id: int
    registered_at: float
    """By the monotonic clock: the first heartbeat."""


@asynccontextmanager
async def registered(max_in_flight: int, stop: StopRequest) -> AsyncIterator[Registration | None]:
    """Register for as long as the block lasts; None when stopped before there was a database."""
    connection = await _connected(stop)
    if connection is None:
        yield None
        return
    async with connection:
        cursor = await connection.execute("SELECT nextval(pg_get_serial_sequence('tasks_worker', 'id'))")
        (worker_id,) = await cursor.fetchone() or (0,)
        # The lock before the row: a row without a lock is a dead worker's.
        await connection.execute(statement(Call.SESSION, Lock.WORKER, worker_id))
        registered_at = time.monotonic()
        await connection.execute(
            "INSERT INTO tasks_worker (id, host, pid, in_flight, max_in_flight, loop_lag_ms)"
            " VALUES (%s, %s, %s, 0, %s, 0)",
            [worker_id, socket.gethostname(), os.getpid(), max_in_flight],
        )
        for channel in (wakeups.WORK, wakeups.STOP, wakeups.STOP_PROPOSAL, wakeups.FOLLOW):
            await connection.execute(f"LISTEN {channel}")
        yield Registration(connection, worker_id, registered_at)


async def _connected(stop: StopRequest) -> psycopg.AsyncConnection[Any] | None:
    """Connect as Django does, and wait for a database that is starting; None when stopped meanwhile."""
    is_away = False
    while not stop.is_set():
        try:
            return await connect_async()
        except psycopg.OperationalError as error:
            if not is_away:
                logger.warning("Waiting for the database: %s", str(error).splitlines()[0])
            is_away = True
            await asyncio.sleep(RECONNECT_SECONDS)
    return None
