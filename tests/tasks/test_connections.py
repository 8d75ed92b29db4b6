"""Connections of event loops: they get notifications at once, and wake up for nothing else."""

from __future__ import annotations

import asyncio
import resource
import time

import pytest

from tasks.engine.connections import connect_as_django

pytestmark = pytest.mark.django_db(transaction=True)


def switches() -> int:
    """How often this thread has gone to sleep so far."""
    return resource.getrusage(resource.RUSAGE_THREAD).ru_nvcsw


def test_who_listens_wakes_up_for_what_is_said_alone() -> None:
    async def listen() -> tuple[int, list[str], float]:
        async with await connect_as_django() as listener, await connect_as_django() as speaker:
            await listener.execute("LISTEN desk_test")
            before = switches()
            unheard = [note.payload async for note in listener.notifies(timeout=1.5)]
            slept = switches() - before
            await speaker.execute("NOTIFY desk_test, 'word'")
            said_at = time.monotonic()
            heard = [note.payload async for note in listener.notifies(timeout=5, stop_after=1)]
            return slept, unheard + heard, time.monotonic() - said_at

    slept, heard, seconds = asyncio.run(listen())
    assert heard == ["word"]
    assert seconds < 0.5
    assert slept <= 5, "the driver by itself looks ten times a second"


def test_waiting_can_be_cancelled_and_the_connection_goes_on() -> None:
    async def cancelled() -> object:
        async with await connect_as_django() as connection:
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.2):
                    await connection.execute("SELECT pg_sleep(60)")
            cursor = await connection.execute("SELECT 7")
            return await cursor.fetchone()

    assert asyncio.run(cancelled()) == (7,)
