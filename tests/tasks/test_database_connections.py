"""Connections of event loops: they get notifications at once, and wake up for nothing else."""

from __future__ import annotations

import asyncio
import resource
import time

import pytest

from tasks.database_connections import connect_async

pytestmark = pytest.mark.django_db(transaction=True)


def switches() -> int:
    """How often this thread has gone to sleep so far."""
    return resource.getrusage(resource.RUSAGE_THREAD).ru_nvcsw


def test_who_listens_wakes_up_for_what_is_said_alone() -> None:
    async def listen() -> tuple[int, list[str], float]:
        async with await connect_async() as listener, await connect_async() as speaker:
            await listener.execute("LISTEN desk_test")
            before = switches()
            early = [note.payload async for note in listener.notifies(timeout=1.5)]
            slept = switches() - before
            await speaker.execute("NOTIFY desk_test, 'word'")
            said_at = time.monotonic()
            received = [note.payload async for note in listener.notifies(timeout=5, stop_after=1)]
            return slept, early + received, time.monotonic() - said_at

    slept, received, seconds = asyncio.run(listen())
    assert received == ["word"]
    assert seconds < 0.5
    assert slept <= 5, "the driver by itself looks ten times a second"


def test_waiting_can_be_cancelled_and_the_connection_goes_on() -> None:
    async def cancelled() -> object:
        async with await connect_async() as connection:
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.2):
                    await connection.execute("SELECT pg_sleep(60)")
            cursor = await connection.execute("SELECT 7")
            return await cursor.fetchone()

    assert asyncio.run(cancelled()) == (7,)
