"""What the engine's benchmark runs against: a real cluster, an endless model, two baselines."""

from __future__ import annotations

import asyncio
import json
import os
import re
import select
import signal
import struct
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from django.db import connection, connections

from benchmarks.process_walk import pss_mb
from contentpipeline.processes.process_tree import process_of, trees
from tasks.models import ContentTask
from tasks.pipeline.providers import LanguageModel, Providers
from tasks.pipeline.types import Article, Brief, Role, SaveVersion, Step, Value

STAGES = ("research", "outline", "draft", "critique", "refine", "seo")
CHUNKS_A_SECOND = 5
RECORD = struct.Struct("<cQd")
"""What happened to the task of this number, and when: S its code began, O its stream opened, C was closed."""


class Nothing(Value):
    pass


class StageTimes:
    """Times that other processes report, over one pipe that all inherit."""

    def __init__(self) -> None:
        self._reading, self._writing = os.pipe()
        os.set_blocking(self._reading, False)
        self._times: dict[tuple[str, int], list[float]] = {}

    def report(self, what: str, number: int) -> None:
        os.write(self._writing, RECORD.pack(what.encode(), number, time.time()))

    def times(self, what: str, number: int) -> list[float]:
        self.receive()
        return self._times.get((what, number), [])

    def wait_for(self, what: str, numbers: list[int], seconds: float, times: int = 1) -> list[float]:
        """When it last happened to each of these."""
        deadline = time.monotonic() + seconds
        while any(len(self.times(what, number)) < times for number in numbers):
            if time.monotonic() > deadline:
                missing = [number for number in numbers if len(self.times(what, number)) < times]
                raise TimeoutError(f"No {what} of {missing[:3]} ({len(missing)}) within {seconds:g} s.")
            select.select([self._reading], [], [], 0.1)
        return [self.times(what, number)[-1] for number in numbers]

    def receive(self) -> None:
        """Read what was reported. A process that reports waits once some thousand times are unread."""
        try:
            while data := os.read(self._reading, RECORD.size * 1000):
                for what, number, at in RECORD.iter_unpack(data):
                    self._times.setdefault((what.decode(), number), []).append(at)
        except BlockingIOError:
            pass


stage_times = StageTimes()
"""Made when this module is imported, which the benchmark does before it forks."""


async def pipeline(brief: Brief, providers: Providers, step: Step, keep: SaveVersion) -> Article:
    """The topic says what to do: "no-op 7", "stream 8" (until cancelled) or "sleep 9"."""
    kind, number = brief.topic.split()
    stage_times.report("S", int(number))
    match kind:
        case "no-op":
            for key in STAGES:
                await step(do_nothing, key=key)
        case "stream":
            assert providers.llm is not None
            await step(listen, brief, providers.llm, key="draft")
        case "sleep":
            await step(sleep, key="research")
    return Article(title=brief.topic, body="")


async def do_nothing() -> Nothing:
    return Nothing()


async def sleep() -> Nothing:
    await asyncio.sleep(3600)
    return Nothing()


async def listen(brief: Brief, llm: LanguageModel) -> Nothing:
    await llm.write("Go on for ever.", f"<{brief.topic}>", role=Role.CREATIVE, stage="draft")
    return Nothing()


# --- Processes ------------------------------------------------------------------------------------------


@contextmanager
def forked(run: Callable[[], object]) -> Iterator[int]:
    """Run it in a process of its own, and kill that at the end unless it ended by itself."""
    connections.close_all()
    pid = os.fork()
    if pid == 0:
        try:
            run()
        finally:
            os._exit(0)
    try:
        yield pid
    finally:
        try:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
        except (ProcessLookupError, ChildProcessError):
            pass


def memory_mb(root: int) -> float:
    """Memory of a process and all below it, what they share counted once."""
    return sum(pss_mb(each.pid) for each in trees([root]))


def cpu_seconds(pids: Iterable[int]) -> float:
    return sum(each.cpu_seconds for each in map(process_of, pids) if each is not None)


def connections_in_use() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        return int(cursor.fetchone()[0])


# --- A model --------------------------------------------------------------------------------------------


class EndlessModel(asyncio.Protocol):
    """A connection of the model: answers with a stream that goes on until the other side hangs up."""

    HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
    listeners: set[asyncio.Transport] = set()

    def __init__(self) -> None:
        self._received, self._number = b"", -1

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._received += data
        request = re.search(rb"<stream (\d+)>", self._received)
        if request and self._number < 0:
            self._number = int(request[1])
            self._transport.write(self.HEAD)
            self.listeners.add(self._transport)
            stage_times.report("O", self._number)

    def connection_lost(self, error: Exception | None) -> None:
        self.listeners.discard(self._transport)
        if self._number >= 0:
            stage_times.report("C", self._number)


async def serve_model(port_file: Path) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(EndlessModel, "127.0.0.1", 0, backlog=4096)
    port_file.write_text(str(server.sockets[0].getsockname()[1]))
    delta = {"role": "assistant", "content": "Trees cool the street below them, "}
    choice = {"index": 0, "delta": delta, "finish_reason": None}
    chunk = {
        "id": "chatcmpl-bench", "object": "chat.completion.chunk", "created": 1, "model": "bench",
        "system_fingerprint": "fp", "choices": [choice],
    }  # fmt: skip
    data = f"data: {json.dumps(chunk)}\n\n".encode()
    piece = b"%x\r\n%s\r\n" % (len(data), data)
    # In ten groups, as real streams do not all speak in the same moment.
    group = 0
    while True:
        await asyncio.sleep(1 / CHUNKS_A_SECOND / 10)
        group = (group + 1) % 10
        for listener in list(EndlessModel.listeners):
            if id(listener) // 64 % 10 == group:
                listener.write(piece)


# --- Baselines ------------------------------------------------------------------------------------------


def poll_every_five_seconds() -> None:
    """The executor that this product replaces: looks every 5 s for up to 10 tasks and runs them in turn."""
    while True:
        for task in ContentTask.objects.filter(status="pending").order_by("-priority", "id")[:10]:
            ContentTask.objects.filter(pk=task.pk).update(status="in_progress")
            stage_times.report("S", int(task.topic.split()[1]))
            ContentTask.objects.filter(pk=task.pk).update(status="awaiting_approval")
        time.sleep(5)


def plain_job(number: int) -> None:
    """What django-q2 runs as one job for one task."""
    stage_times.report("S", number)
