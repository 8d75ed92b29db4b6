"""Threads in which a worker waits for the database. Each has one connection for as long as it lives."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import Any

from django.db import OperationalError, connection, connections

FROZEN_SECONDS = 5
"""A process that is frozen in the middle of a transaction holds its locks no longer than this."""
ANSWER_SECONDS = 30.0
"""What takes longer is no slow statement: the server's process for this connection hangs, maybe for ever."""


class DatabaseThread:
    """Runs one function after another. A function goes on when its caller is cancelled."""

    def __init__(self, name: str) -> None:
        self._done = 0
        self._executor = ThreadPoolExecutor(1, thread_name_prefix=f"database-{name}")
        self._is_connected = False

    async def __call__(self, function: Callable[..., Any], *arguments: object) -> Any:
        """Raises OperationalError when the database does not answer, as when it ended the connection."""
        if not self._is_connected:
            # Not before its first use: of the threads of a worker that waits, most have nothing to do.
            self._is_connected = True
            self._executor.submit(_connect)
        work = asyncio.get_running_loop().run_in_executor(self._executor, self._counted, function, *arguments)
        try:
            while True:
                before = self._done
                if (await asyncio.wait({work}, timeout=ANSWER_SECONDS))[0]:
                    return work.result()
                if self._done == before:  # otherwise it is still queued
                    raise OperationalError(f"The database did not answer within {ANSWER_SECONDS:g} s.")
        except asyncio.CancelledError:
            work.cancel()
            raise

    def _counted(self, function: Callable[..., Any], *arguments: object) -> Any:
        try:
            return function(*arguments)
        finally:
            self._done += 1

    def abandon(self) -> None:
        """Wait for nothing: its connection may never answer again."""
        self._executor.submit(connections.close_all)
        self._executor.shutdown(wait=False)

    def close(self) -> None:
        self._executor.submit(connections.close_all)
        self._executor.shutdown()


@asynccontextmanager
async def database_threads(*names: str) -> AsyncIterator[list[DatabaseThread]]:
    """Threads that are closed with the block; after an error their connections may never answer again."""
    threads = [DatabaseThread(name) for name in names]
    try:
        yield threads
    except BaseException:
        for thread in threads:
            thread.abandon()
        raise
    for thread in threads:
        thread.close()


def _connect() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('idle_in_transaction_session_timeout', %s, false)",
                       [f"{FROZEN_SECONDS}s"])  # fmt: skip
