"""Server-sent events as vendors of language models send them: each event's data is one line of JSON."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any, Protocol

LONGEST_LINE = 1_000_000


class UnreadableStream(Exception):
    """What came is no stream of JSON events; its text is one clause for a person."""


class Bytes(Protocol):
    def iter_any(self) -> AsyncIterator[bytes]: ...


async def events(content: Bytes) -> AsyncIterator[dict[str, Any]]:
    """The events in order, up to `[DONE]` or the end. Raises UnreadableStream."""
    async for line in _lines(content):
        if not line.startswith(b"data:"):
            continue  # comments, names of events, blank lines
        data = line[5:].strip()
        if data == b"[DONE]":
            return
        try:
            event = json.loads(data)
        except ValueError:
            raise UnreadableStream("an event that is not JSON") from None
        if not isinstance(event, dict):
            raise UnreadableStream("an event that is not a JSON object")
        yield event


async def _lines(content: Bytes) -> AsyncIterator[bytes]:
    rest = b""
    async for data in content.iter_any():
        *lines, rest = (rest + data).split(b"\n")
        for line in lines:
            yield line
        if len(rest) > LONGEST_LINE:
            raise UnreadableStream("a line without an end")
    yield rest
