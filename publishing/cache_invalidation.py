"""Invalidates the caches of the public site, in every process, when the site changes.

A transaction that changes published content notifies one PostgreSQL channel; the notification arrives when it
commits, and not at all when it does not. PostgreSQL delivers to all listeners in the order of the commits, so
the last notification names the site's generation, and names it alike in every process.

Each web server has one connection that listens. Once a second it proves, by a query on the same connection,
that everything sent before has arrived; while it cannot, no cached page is sent and no cache tier of the site
is used. So a change shows within milliseconds of its commit, and within seconds where the network breaks
silently.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections.abc import Awaitable, Callable
from typing import Any, Protocol

import psycopg
from django.db import connection

from tasks.database_connections import connect_async

logger = logging.getLogger(__name__)

CHANNEL = "desk_site"

# PostgreSQL delivers equal payloads of a transaction once. The time tells a transaction from the one of the
# same number in a database that was restored.
NOTIFY = """
SELECT pg_notify(%s, 'change:' || pg_current_xact_id() || ':' || extract(epoch FROM transaction_timestamp()))
"""

PROBE = "proof:"
"""Begins a notification that changes nothing; it names a generation for processes that listen from now on."""
BEAT_SECONDS = 1.0
ANSWER_SECONDS = 2.0
"""How long the database may take to answer before cached pages are no longer trusted."""
BACKOFF_SECONDS = (0.1, 0.5, 1.0, 2.0, 5.0)

Connect = Callable[[], Awaitable[psycopg.AsyncConnection[Any]]]


class SiteGeneration:
    """The site generation that this process was last notified of; set by `follow_changes`."""

    current = ""
    """Empty in a process that does not listen, or whose connection does not answer now."""


site_generation = SiteGeneration()


class InvalidatedCache(Protocol):
    is_live: bool
    """Whether notifications arrive. While not, nothing cached may be used."""

    def invalidate(self) -> None: ...


class ChannelUnreachable(Exception):
    """The database answers, but notifications on the channel do not arrive."""


def notify_site_changed() -> None:
    """Invalidate all caches of the site when this transaction commits. Cheap to repeat."""
    with connection.cursor() as cursor:
        cursor.execute(NOTIFY, [CHANNEL])


async def follow_changes(cache: InvalidatedCache, connect: Connect = connect_async) -> None:
    """Invalidate `cache` at every change of the site, until cancelled."""
    failures, reported = 0, ""
    while True:
        try:
            await _listen(cache, connect)
        except (psycopg.Error, OSError, TimeoutError, ChannelUnreachable) as error:
            failures = 0 if cache.is_live else failures + 1
            if cache.is_live or str(error) != reported:
                logger.warning("Caches are off until notifications arrive again: %s", error)
            reported = str(error)
        finally:
            _suspend(cache)
        await asyncio.sleep(BACKOFF_SECONDS[min(failures, len(BACKOFF_SECONDS) - 1)])


async def _listen(cache: InvalidatedCache, connect: Connect) -> None:
    async with asyncio.timeout(5 * ANSWER_SECONDS):
        listening = await connect()
    async with listening:
        await _execute(listening, f"LISTEN {CHANNEL}")
        site_generation.current = await _prove(listening)
        cache.invalidate()  # of what changed before LISTEN
        cache.is_live = True
        while True:
            async for note in listening.notifies(timeout=BEAT_SECONDS, stop_after=1):
                # First: pages rendered from now on must not use values cached before.
                site_generation.current = _generation(note.payload)
                if not note.payload.startswith(PROBE):
                    cache.invalidate()
            # Not left to the statement's timeout: cancelling one takes the driver seconds of its own.
            distrust = asyncio.get_running_loop().call_later(ANSWER_SECONDS, _suspend, cache)
            try:
                await _execute(listening, "SELECT 1")
            finally:
                distrust.cancel()


def _suspend(cache: InvalidatedCache) -> None:
    site_generation.current, cache.is_live = "", False


def _generation(payload: str) -> str:
    """The name in a notification; one that no other process has where it is empty."""
    return payload or secrets.token_hex(8)


async def _prove(listening: psycopg.AsyncConnection[Any]) -> str:
    """Receive a notification of our own, and return the last generation received.

    Behind a pool that changes connections between transactions, it would not arrive.
    """
    probe, last, is_proven = PROBE + secrets.token_hex(8), "", False
    await _execute(listening, f"SELECT pg_notify('{CHANNEL}', '{probe}')")
    until = time.monotonic() + ANSWER_SECONDS
    while not is_proven and (left := until - time.monotonic()) > 0:
        # To the end of what arrived together: a change that follows the probe must not be lost.
        async for note in listening.notifies(timeout=left, stop_after=1):
            last, is_proven = _generation(note.payload), is_proven or note.payload == probe
    if not is_proven:
        raise ChannelUnreachable(
            "DATABASE_URL leads through a pool that shares connections: LISTEN needs one of its own."
        )
    return last


async def _execute(listening: psycopg.AsyncConnection[Any], statement: str) -> None:
    async with asyncio.timeout(ANSWER_SECONDS):
        await listening.execute(statement)
