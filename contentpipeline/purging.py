"""Telling the pages that a web server keeps, and the cache tiers of the site, that the site has changed.

One connection listens. What it proves every second, by an answer on the same connection, is that everything
said before has been heard; while it cannot, no kept page is sent and no such tier is used. So a change shows
within milliseconds of its commit, and within a few seconds where the network breaks without a word.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections.abc import Awaitable, Callable
from typing import Any, Protocol

import psycopg

from publishing.site_changes import CHANNEL, heard
from tasks.engine.connections import connect_as_django

logger = logging.getLogger(__name__)

BEAT_SECONDS = 1.0
ANSWER_SECONDS = 2.0
"""How long the database may take to answer before kept pages are no longer trusted."""
BACKOFF_SECONDS = (0.1, 0.5, 1.0, 2.0, 5.0)
PROOF = "proof:"
"""What begins so changes nothing. It names the state all the same: who has just come knows no older name."""

Connect = Callable[[], Awaitable[psycopg.AsyncConnection[Any]]]


class Pages(Protocol):
    is_live: bool

    def purge(self) -> None: ...


class NotHeard(Exception):
    """The database answers, but what is said on the channel does not arrive."""


async def follow_changes(pages: Pages, connect: Connect = connect_as_django) -> None:
    """Purge `pages` at every change, for ever."""
    failures, reported = 0, ""
    while True:
        try:
            await _listen(pages, connect)
        except (psycopg.Error, OSError, TimeoutError, NotHeard) as error:
            failures = 0 if pages.is_live else failures + 1
            if pages.is_live or str(error) != reported:
                logger.warning("No page is cached until the database can be heard: %s", error)
            reported = str(error)
        finally:
            _suspend(pages)
        await asyncio.sleep(BACKOFF_SECONDS[min(failures, len(BACKOFF_SECONDS) - 1)])


async def _listen(pages: Pages, connect: Connect) -> None:
    async with asyncio.timeout(5 * ANSWER_SECONDS):
        connection = await connect()
    async with connection:
        await _answered(connection, f"LISTEN {CHANNEL}")
        heard.state = await _prove(connection)
        pages.purge()  # whatever was missed meanwhile
        pages.is_live = True
        while True:
            async for note in connection.notifies(timeout=BEAT_SECONDS, stop_after=1):
                # First: what is made from now on must not be made of what was kept before.
                heard.state = _name_of(note.payload)
                if not note.payload.startswith(PROOF):
                    pages.purge()
            # Not left to the deadline of the statement: to give one up takes the driver seconds, too.
            distrust = asyncio.get_running_loop().call_later(ANSWER_SECONDS, _suspend, pages)
            try:
                await _answered(connection, "SELECT 1")
            finally:
                distrust.cancel()


def _suspend(pages: Pages) -> None:
    heard.state, pages.is_live = "", False


def _name_of(said: str) -> str:
    """Of the state that the site is in since; one that nobody else knows where it was not named."""
    return said or secrets.token_hex(8)


async def _prove(connection: psycopg.AsyncConnection[Any]) -> str:
    """Hear oneself, and return what was heard last. Through a pool that changes connections between
    transactions, nobody would.
    """
    word, last, is_proven = PROOF + secrets.token_hex(8), "", False
    await _answered(connection, f"SELECT pg_notify('{CHANNEL}', '{word}')")
    until = time.monotonic() + ANSWER_SECONDS
    while not is_proven and (left := until - time.monotonic()) > 0:
        # To the end of what came together: a change that follows the word must not be lost.
        async for note in connection.notifies(timeout=left, stop_after=1):
            last, is_proven = _name_of(note.payload), is_proven or note.payload == word
    if not is_proven:
        raise NotHeard(
            "DATABASE_URL leads through a pool that shares connections: LISTEN needs one of its own."
        )
    return last


async def _answered(connection: psycopg.AsyncConnection[Any], statement: str) -> None:
    async with asyncio.timeout(ANSWER_SECONDS):
        await connection.execute(statement)  # type: ignore[arg-type]
