"""Computations outside the event loop, in real processes."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
import time
from collections.abc import Iterator
from functools import partial
from importlib import import_module
from pathlib import Path

import pytest

from tasks.engine import compute, threads
from tasks.engine.compute import ComputationFailed, ComputePool, ComputePoolLost
from tasks.engine.runner import CONNECTION_LOST
from tasks.pipeline.errors import StageFailed
from tasks.pipeline.off_loop import preloads


@pytest.fixture
def computing() -> Iterator[ComputePool]:
    made = ComputePool()
    yield made
    made.close()


def double(number: int) -> int:
    return 2 * number


def refuse() -> None:
    raise StageFailed("Add a source.")


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def never_end(pid_file: Path) -> None:
    pid_file.write_text(str(os.getpid()))
    while True:
        pass


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_results_and_errors_come_back(computing: ComputePool) -> None:
    async def both() -> list[object]:
        return await asyncio.gather(
            *(computing.run(double, number) for number in range(20)),
            computing.run(refuse),
            return_exceptions=True,
        )

    *doubled, error = asyncio.run(both())
    assert doubled == [2 * number for number in range(20)]
    assert isinstance(error, StageFailed)
    assert str(error) == "Add a source."


def test_a_computation_that_is_killed_is_an_error_and_the_next_one_works(computing: ComputePool) -> None:
    async def two() -> int:
        with pytest.raises(ComputationFailed):
            await computing.run(die)
        return await computing.run(double, 4)

    assert asyncio.run(two()) == 8


def test_cancelling_kills_the_computation(computing: ComputePool, tmp_path: Path) -> None:
    pid_file = tmp_path / "pid"

    async def cancelled() -> None:
        work = asyncio.create_task(computing.run(never_end, pid_file))
        while not (pid_file.exists() and pid_file.read_text()):
            await asyncio.sleep(0.01)
        work.cancel()
        with pytest.raises(asyncio.CancelledError):
            await work

    asyncio.run(cancelled())
    deadline = time.monotonic() + 5
    while is_alive(int(pid_file.read_text())):
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_closing_leaves_no_process() -> None:
    made = ComputePool()
    pid = made._pid
    made.close()
    assert not is_alive(pid)


def load_something() -> None:
    os.environ["LOADED_BY"] = f"{os.environ.get('LOADED_BY', '')} {os.getpid()}"


@preloads(load_something)
def loaded_by(_: str) -> str:
    return os.environ.get("LOADED_BY", "")


def test_what_a_function_needs_is_loaded_once_and_where_all_its_processes_begin(
    computing: ComputePool,
) -> None:
    async def three() -> list[str]:
        given = [partial(loaded_by), partial(partial(loaded_by)), loaded_by]
        return [await computing.run(function, "input") for function in given]

    assert asyncio.run(three()) == 3 * [f" {computing._pid}"]


def test_what_cannot_be_loaded_is_the_error_of_its_computation(computing: ComputePool) -> None:
    async def two() -> object:
        with pytest.raises(ModuleNotFoundError, match="no_such_module"):
            await computing.run(needs_a_missing_module)
        return await computing.run(double, 2)

    assert asyncio.run(two()) == 4


def import_missing_module() -> None:
    import_module("no_such_module")


@preloads(import_missing_module)
def needs_a_missing_module() -> None:
    import_missing_module()


def die_once(marker: Path) -> str:
    if not marker.exists():
        marker.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return "done"


def test_a_computation_that_was_killed_from_outside_is_done_again(
    computing: ComputePool, tmp_path: Path
) -> None:
    assert asyncio.run(computing.run(die_once, tmp_path / "marker")) == "done"


def test_once_its_template_is_gone_a_worker_knows_at_once_and_computes_nothing() -> None:
    made = ComputePool()

    async def lose() -> float:
        monitoring = asyncio.create_task(made.monitor())
        await asyncio.sleep(0.1)
        os.kill(made._pid, signal.SIGKILL)
        killed_at = time.monotonic()
        with pytest.raises(ComputePoolLost, match="has ended"):
            await monitoring
        with pytest.raises(ComputePoolLost):
            await made.run(double, 1)
        return time.monotonic() - killed_at

    assert asyncio.run(lose()) < 1
    os.waitpid(made._pid, 0)
    made._template.close()


def test_a_template_that_is_frozen_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compute, "PING_SECONDS", 0.2)
    monkeypatch.setattr(compute, "ANSWER_SECONDS", 0.5)
    made = ComputePool()

    async def freeze() -> None:
        monitoring = asyncio.create_task(made.monitor())
        assert await made.run(double, 2) == 4
        await asyncio.sleep(1)
        assert not monitoring.done(), "it answers when it is asked"
        os.kill(made._pid, signal.SIGSTOP)
        with pytest.raises(ComputePoolLost, match="does not answer"):
            await monitoring

    try:
        asyncio.run(freeze())
    finally:
        os.kill(made._pid, signal.SIGKILL)
        os.waitpid(made._pid, 0)
        made._template.close()


def test_a_database_that_does_not_answer_ends_the_worker_like_one_that_hung_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(threads, "ANSWER_SECONDS", 0.2)
    waits = threading.Event()

    async def ask() -> None:
        thread = threads.DatabaseThread("hangs")
        try:
            with pytest.raises(CONNECTION_LOST, match="did not answer"):
                await thread(waits.wait, 5)
        finally:
            waits.set()
            thread.abandon()

    asyncio.run(ask())


def test_who_waits_for_its_turn_at_a_database_that_answers_is_no_sign_of_one_that_does_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(threads, "ANSWER_SECONDS", 0.4)

    async def ask() -> None:
        thread = threads.DatabaseThread("busy")
        await asyncio.gather(*(thread(time.sleep, 0.2) for _ in range(6)))
        thread.close()

    asyncio.run(ask())


def load_slowly() -> None:
    time.sleep(1.0)


@preloads(load_slowly)
def needs_what_loads_slowly() -> str:
    return "done"


def test_a_template_that_loads_is_not_taken_for_frozen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compute, "PING_SECONDS", 0.2)
    made = ComputePool()

    async def watched() -> str:
        monitoring = asyncio.create_task(made.monitor())
        await asyncio.sleep(0.1)
        result = await made.run(needs_what_loads_slowly)
        assert not monitoring.done()
        monitoring.cancel()
        return str(result)

    try:
        assert asyncio.run(watched()) == "done"
    finally:
        made.close()
