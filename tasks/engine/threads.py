"""Threads in which a worker waits for the database. Each has one connection for as long as it lives."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.db import connection, connections

FROZEN_SECONDS = 5
"""A process that is frozen in the middle of a transaction keeps its locks no longer than this."""


class DatabaseThread:
    """Runs one function after another. A function goes on when its caller is cancelled."""

    def __init__(self, name: str) -> None:
        self._executor = ThreadPoolExecutor(1, thread_name_prefix=f"database-{name}")
        self._executor.submit(_connect)

    async def __call__(self, function: Callable[..., Any], *arguments: object) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._executor, function, *arguments)

    def abandon(self) -> None:
        """Wait for nothing: its connection may never answer again."""
        self._executor.submit(connections.close_all)
        self._executor.shutdown(wait=False)

    def close(self) -> None:
        self._executor.submit(connections.close_all)
        self._executor.shutdown()


def _connect() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('idle_in_transaction_session_timeout', %s, false)",
                       [f"{FROZEN_SECONDS}s"])  # fmt: skip
