"""Whatever a server sends: a text comes of it, or an error of the right kind that names the cause."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from tasks.pipeline.errors import LengthLimitReached, ProviderError, ProviderUnavailable
from tasks.pipeline.providers.model_replies.reply_checks import EmptyReply, check
from tasks.pipeline.providers.model_servers.vendor_pool import Vendors
from tasks.pipeline.providers.model_servers.vendor_protocol import (
    ModelReply,
    ReplyFormat,
    RequestOptions,
    Turn,
)
from tests.model_server import access_to
from tests.tasks.server_scripts import SCRIPTS, Protocol, Script, ServerResponse

KEY = "sk-very-secret"
SCHEMA = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}
MARKUP = re.compile(r"</?[a-z!?]", re.IGNORECASE)


class ScriptServer:
    """Answers a request for the model "NAME-NUMBER" as the script says."""

    def __init__(self) -> None:
        self.asked: Counter[str] = Counter()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = re.search(rb"content-length: (\d+)", head, re.IGNORECASE)
        body = await reader.readexactly(int(length[1])) if length else b""
        found = re.search(r"script-(openai-responses|openai|anthropic|google)-(\d+)", (head + body).decode())
        assert found
        script = SCRIPTS[found[1]][int(found[2])]  # type: ignore[index]
        answer = script.answers[min(self.asked[found[0]], len(script.answers) - 1)]
        self.asked[found[0]] += 1
        await self._send(answer, writer)
        writer.close()

    async def _send(self, answer: ServerResponse, writer: asyncio.StreamWriter) -> None:
        pieces = answer.body if isinstance(answer.body, tuple) else (answer.body,)
        headers = {"Content-Type": answer.kind, "Connection": "close", **answer.headers}
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        writer.write(f"HTTP/1.1 {answer.status} X\r\n{lines}Transfer-Encoding: chunked\r\n\r\n".encode())
        for piece in filter(None, pieces):
            writer.write(b"%x\r\n%s\r\n" % (len(piece), piece))
            await writer.drain()
            await asyncio.sleep(0)
        if not answer.cut:
            writer.write(b"0\r\n\r\n")


@asynccontextmanager
async def vendors_of(server: ScriptServer) -> AsyncIterator[Vendors]:
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}/v1"
    async with listening, Vendors(access_to(KEY, url, KEY, url, KEY, url)) as vendors:
        yield vendors


async def outcome(vendors: Vendors, name: str, script: Script) -> tuple[ModelReply, ProviderError | None]:
    reply_format = ReplyFormat("tool", SCHEMA, "Answer") if script.structured else None
    # A schema is what every protocol is asked for first: calls of tools come where it is refused.
    if script.structured and "JSON" not in script.name and "schema" not in script.name:
        vendors.capabilities.remember_missing(name, {"json_schema"})
    options = RequestOptions(5_000, temperature=0.2, reply_format=reply_format)
    reply = ModelReply()
    turns = [Turn("user", "Write about bees.")]
    try:
        await vendors.stream(name, "Be brief.", turns, reply, read_timeout_seconds=5, options=options)
        check(reply, name)
    except ProviderError as error:
        return reply, error
    # A chain has the model continue a reply that reached its limit; here it is an outcome.
    return reply, LengthLimitReached("length limit") if reply.ending == "length" else None


def misfit(script: Script, reply: ModelReply, error: ProviderError | None) -> str:
    """What is not as the script wants it, "" if all is."""
    kind = (
        type(None) if error is None else ProviderUnavailable if isinstance(error, EmptyReply) else type(error)
    )
    if kind is not (script.error or type(None)):
        return f"{error!r} for {reply.text!r}"
    if error is not None:
        sentence = str(error)
        wait = error.retry_after_seconds if isinstance(error, ProviderUnavailable) else None
        missing = [words for words in script.says if words not in sentence]
        is_odd = MARKUP.search(sentence) or KEY in sentence or len(sentence) > 500
        return f"{wait}: {sentence}" if missing or is_odd or wait != script.wait else ""
    usage = (reply.usage.input_tokens, reply.usage.output_tokens) if reply.usage else None
    is_fit = reply.text == script.text and script.usage in (None, usage)
    return "" if is_fit else f"{reply.text!r} with {usage}"


def test_each_script_ends_in_its_text_or_in_an_error_that_names_the_cause(
    subtests: pytest.Subtests,
) -> None:
    async def play(protocol: Protocol) -> list[str]:
        server, found = ScriptServer(), []
        async with vendors_of(server) as vendors:
            for number, script in enumerate(SCRIPTS[protocol]):
                name = f"{protocol}:script-{protocol}-{number}"
                found.append(misfit(script, *await outcome(vendors, name, script)))
                if server.asked[name.partition(":")[2]] != len(script.answers):
                    found[-1] += f" asked {server.asked[name.partition(':')[2]]} times"
        return found

    for protocol, scripts in SCRIPTS.items():
        for script, found in zip(scripts, asyncio.run(play(protocol)), strict=True):
            with subtests.test(f"{protocol}: {script.name}"):
                assert not found
    assert sum(map(len, SCRIPTS.values())) >= 100


def test_a_reply_that_is_cut_at_any_byte_is_whole_or_a_failure_that_says_so() -> None:
    body = b"".join(
        b'data: {"choices": [{"delta": {"content": "%s"}, "finish_reason": %s}]}\n\n' % part
        for part in ((b"<think>No.</think>Be", b"null"), (b"es.", b'"stop"'))
    )
    whole = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n" + body
    script = Script("cut", [], "Bees.")

    async def play() -> set[str]:
        sent, found = 0, set()

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            head = await reader.readuntil(b"\r\n\r\n")
            length = re.search(rb"content-length: (\d+)", head, re.IGNORECASE)
            await reader.readexactly(int(length[1]) if length else 0)
            writer.write(whole[:sent])
            writer.close()

        listening = await asyncio.start_server(serve, "127.0.0.1", 0)
        url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}/v1"
        async with listening, Vendors(access_to(KEY, url)) as vendors:
            for sent in range(0, len(whole) + 1, 3):
                reply, error = await outcome(vendors, "openai:cut", script)
                assert "No." not in reply.text
                assert error is None or isinstance(error, ProviderUnavailable), sent
                found.add(reply.text if error is None else str(error))
        return found

    found = asyncio.run(play())
    assert "Bees." in found
    assert not [words for words in found if MARKUP.search(words)]
    assert len(found) <= 7
