"""Cancels runs in the middle of each stage: how soon the model's socket is closed, and what stays open."""

from __future__ import annotations

import asyncio
import json
import os
import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.figures import MeasuredFigure, at_most, milliseconds
from benchmarks.slow_model import ANSWERS, SOURCE
from tasks.pipeline.orchestrator import produce_article
from tasks.pipeline.prompts import prompt
from tasks.pipeline.providers import FetchedPage, Providers
from tasks.pipeline.providers.model_calls.calls import CallRecord
from tasks.pipeline.providers.model_calls.model_chain import ModelChain
from tasks.pipeline.providers.model_servers.vendor_pool import Vendors
from tasks.pipeline.providers.model_servers.vendor_protocol import Access
from tasks.pipeline.scoring import Criterion
from tasks.pipeline.types import Article, Assessment, Brief, GivenSource, Output, Role

STAGES = (*ANSWERS, "refine")
PHASES = ("before the first byte", "in the stream")
POOR = json.dumps({criterion: {"score": 10} for criterion in Criterion} | {"summary": "Thin."})
"""A critique after which a draft is refined."""
PIECE_SECONDS = 0.01
GIVEN_UP_SECONDS = 5.0
MODEL = "openai:m"


@dataclass
class CancellationResult:
    seconds: list[float] = field(default_factory=list)
    """From cancelling to the moment the server sees its socket closed."""
    leaked_connections: int = 0
    """Runs whose connection was still open after GIVEN_UP_SECONDS."""
    leaked_sockets: int = 0
    """More sockets open in this process after all runs than before."""
    leaked_tasks: int = 0


class StallingModel:
    """Answers every stage but one, which it only begins to answer, or not even that."""

    def __init__(self, stage: str, phase: str) -> None:
        self._stage = stage
        self._phase = phase
        self.reached = asyncio.Event()
        """Set when the stage is being answered."""
        self.closed_at: asyncio.Future[float] = asyncio.get_running_loop().create_future()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            length = re.search(rb"content-length: (\d+)", head, re.IGNORECASE)
            asked = json.loads(await reader.readexactly(int(length[1]) if length else 0))
            said = "\n".join(str(message.get("content") or "") for message in asked["messages"])
            stage, answer = self._answer(said)
            if stage == self._stage:
                await self._stall(reader, writer)
            else:
                _send_answer(writer, answer)
                await writer.drain()
        except (asyncio.IncompleteReadError, OSError):
            pass
        finally:
            writer.close()

    def _answer(self, said: str) -> tuple[str, str]:
        for stage, (known, _, answer) in ANSWERS.items():
            if known in said:
                return stage, POOR if stage == "critique" and self._stage == "refine" else answer
        return ("refine" if prompt("refine").text in said else ""), "An answer."

    async def _stall(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        hung_up = asyncio.ensure_future(reader.read())
        if self._phase == PHASES[1]:
            writer.write(HEADERS)
            for number in range(3):
                writer.write(_chunk({"choices": [{"index": 0, "delta": {"content": f"Word {number} "}}]}))
                await asyncio.sleep(PIECE_SECONDS)
        self.reached.set()
        try:
            await hung_up
        except OSError:
            pass
        self.closed_at.set_result(asyncio.get_running_loop().time())


HEADERS = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n"
    b"Transfer-Encoding: chunked\r\n\r\n"
)


def _chunk(event: dict[str, Any] | str) -> bytes:
    data = f"data: {event if isinstance(event, str) else json.dumps(event)}\n\n".encode()
    return b"%x\r\n%s\r\n" % (len(data), data)


def _send_answer(writer: asyncio.StreamWriter, answer: str) -> None:
    writer.write(HEADERS)
    writer.write(_chunk({"choices": [{"index": 0, "delta": {"content": answer}, "finish_reason": "stop"}]}))
    writer.write(_chunk("[DONE]") + b"0\r\n\r\n")


class NoPagesToFetch:
    async def fetch(self, url: str) -> FetchedPage:
        raise RuntimeError(f"{url} was to be fetched.")


async def _step(stage: Callable[..., Awaitable[Output]], *inputs: object, key: str = "") -> Output:
    return await stage(*inputs)


async def _keep(article: Article, report: Assessment, *, reason: str, key: str) -> None:
    """Versions are not looked at here."""


async def _book(record: CallRecord) -> None:
    """Nor are costs."""


async def _cancelled_run(stage: str, phase: str, result: CancellationResult) -> None:
    model = StallingModel(stage, phase)
    server = await asyncio.start_server(model.serve, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
    title, _, text = SOURCE.partition("\n\n")
    brief = Brief(
        topic=title, target_words=100, sources=(GivenSource(number=1, title=title, text=text),),
        max_refinements=1,
    )  # fmt: skip
    async with server, Vendors(Access({"OPENAI_BASE_URL": url})) as vendors:
        llm = ModelChain(dict.fromkeys(Role, (MODEL,)), vendors, on_call=_book)
        providers = Providers(NoPagesToFetch(), llm)
        run = asyncio.ensure_future(produce_article(brief, providers, _step, _keep))
        reached = asyncio.ensure_future(model.reached.wait())
        await asyncio.wait((run, reached), return_when=asyncio.FIRST_COMPLETED, timeout=60)
        if run.done() or not reached.done():
            run.cancel()
            reached.cancel()
            raise RuntimeError(f"The run did not come to {stage}: {run!r}")
        cancelled_at = asyncio.get_running_loop().time()
        run.cancel()
        try:
            result.seconds.append(await asyncio.wait_for(model.closed_at, GIVEN_UP_SECONDS) - cancelled_at)
        except TimeoutError:
            result.leaked_connections += 1
        await asyncio.wait([run])


async def cancel_runs(runs: int, stages: Sequence[str] = STAGES) -> CancellationResult:
    """Run as many times, each cancelled in another stage or phase than the one before."""
    result, cases = CancellationResult(), [(stage, phase) for stage in stages for phase in PHASES]
    sockets, tasks = _open_sockets(), len(asyncio.all_tasks())
    for number in range(runs):
        await _cancelled_run(*cases[number % len(cases)], result)
    await asyncio.sleep(0.1)  # what was closed leaves the loop
    result.leaked_sockets = max(0, _open_sockets() - sockets)
    result.leaked_tasks = max(0, len(asyncio.all_tasks()) - tasks)
    return result


def _open_sockets() -> int:
    open_sockets = 0
    for path in Path("/proc/self/fd").iterdir():
        try:
            open_sockets += os.readlink(path).startswith("socket:")
        except OSError:
            continue  # that of the listing itself
    return open_sockets


def figures(runs: int) -> list[MeasuredFigure]:
    result = asyncio.run(cancel_runs(runs))
    leaked = result.leaked_connections + result.leaked_sockets + result.leaked_tasks
    return [
        milliseconds("cancel inside any stage → the model's socket closed", result.seconds, (100, 100)),
        at_most(f"connections, sockets and tasks leaked in {runs} runs", leaked, 0, ""),
    ]
