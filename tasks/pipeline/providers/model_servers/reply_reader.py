"""Reads the body of a response into a ModelReply, piece by piece.

A worker holds a thousand streams on one event loop and one core: everything here that runs for each
piece of a reply is counted in microseconds (docs/measurements.md).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

import aiohttp

from tasks.pipeline.errors import ProviderUnavailable
from tasks.pipeline.providers.model_servers import aiohttp_internals
from tasks.pipeline.providers.model_servers.sse_parser import EventStreamParser
from tasks.pipeline.providers.model_servers.vendor_errors import VendorErrors
from tasks.pipeline.providers.model_servers.vendor_protocol import AllowanceUsed, ModelReply, ReplyParser

MAX_REPLY_CHARACTERS = 1_000_000
"""Twice what the largest model writes."""
MAX_ERROR_BYTES = 20_000
LINGER_SECONDS = 0.1
USAGE_SECONDS = 3.0
"""How long the usage may take to come after the end of a reply."""
# What reading JSON of an unexpected shape raises, without a check for each field of each event.
MISSHAPEN = (ValueError, TypeError, LookupError, AttributeError, RecursionError, AssertionError)


class IdleTimeout:
    """Ends a response that has sent nothing for `seconds`.

    aiohttp's own limit creates a timer for every piece, a tenth of its cost; this one reads the clock.
    """

    def __init__(self, response: aiohttp.ClientResponse, seconds: float) -> None:
        self._response = response
        self._seconds = seconds
        self._loop = asyncio.get_running_loop()
        self.restart()

    def __enter__(self) -> Self:
        aiohttp_internals.stop_read_timeout(self._response)
        self._timer = self._loop.call_later(self._seconds, self._check)
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()

    def restart(self) -> None:
        self._restarted_at = self._loop.time()

    def shorten(self, seconds: float) -> None:
        """Wait no longer than this from now on."""
        if seconds < self._seconds:
            self._seconds = seconds
            self._timer.cancel()
            self._timer = self._loop.call_later(seconds, self._check)

    def _check(self) -> None:
        left = self._restarted_at + self._seconds - self._loop.time()
        if left > 0:
            self._timer = self._loop.call_later(left, self._check)
        else:
            aiohttp_internals.fail_reading(self._response, aiohttp.SocketTimeoutError())


@dataclass(frozen=True)
class ReplyReader:
    parser: ReplyParser
    reply: ModelReply
    errors: VendorErrors
    on_text: Callable[[str], None] | None
    most_tokens: int | None

    async def read(self, response: aiohttp.ClientResponse, idle_timeout: IdleTimeout) -> None:
        """Read until the protocol or the connection ends the reply. Raises AllowanceUsed."""
        events = EventStreamParser()
        is_open = True
        try:
            while is_open and not self.parser.is_done:
                received = await response.content.readany()
                is_open = bool(received)
                idle_timeout.restart()
                length = len(self.reply.text)
                self._take(events, received)
                # Some servers give a reason with every piece: only one without a text is the last.
                if self.parser.ending is not None and len(self.reply.text) == length:
                    idle_timeout.shorten(USAGE_SECONDS)
        except aiohttp.ClientError:
            # Many servers just hang up, or stay silent, when the model has said its last.
            if self.parser.ending is None:
                raise
        else:
            if is_open:
                await _linger(response)
        self._add(self.parser.rest())
        if not events.has_events:
            raise self.errors.no_reply(events.other.decode("utf-8", "replace"))

    def _take(self, events: EventStreamParser, received: bytes) -> None:
        try:
            found = events.feed(received) if received else events.end()
        except ValueError as error:
            raise self.errors.unreadable(error) from error
        parser, reply = self.parser, self.reply
        for data in found:
            piece = self._parsed(data)
            reply.usage = parser.usage
            if parser.hidden:
                reply.hide(parser.hidden)
            self._add(piece)
            if reply.characters > MAX_REPLY_CHARACTERS:
                raise ProviderUnavailable(
                    f"{self.errors.name} wrote more than {MAX_REPLY_CHARACTERS:,} characters and was stopped."
                )
            if self.most_tokens is not None and _is_too_long(parser, reply, self.most_tokens):
                raise AllowanceUsed

    def _add(self, piece: str) -> None:
        if piece:
            self.reply.add(piece)
            if self.on_text is not None:
                self.on_text(self.reply.text)

    def _parsed(self, data: bytes) -> str:
        """Raises ReportedError."""
        try:
            return self.parser.take(data)
        except MISSHAPEN as error:
            raise self.errors.unreadable(error) from error


def _is_too_long(parser: ReplyParser, reply: ModelReply, most_tokens: int) -> bool:
    """By our count, or by the server's own while it writes: what it reports at the end stops nothing."""
    if reply.counted.tokens > most_tokens:
        return True
    return parser.ending is None and parser.usage is not None and parser.usage.output_tokens > most_tokens


async def _linger(response: aiohttp.ClientResponse) -> None:
    """Give the end of a body a moment to come: a connection that was read to its end can be used again."""
    try:
        async with asyncio.timeout(LINGER_SECONDS):
            while await response.content.readany():
                pass
    except (TimeoutError, aiohttp.ClientError):
        pass


async def error_body(response: aiohttp.ClientResponse) -> bytes:
    """The body of an error response; empty if it does not come."""
    body = b""
    try:
        while len(body) < MAX_ERROR_BYTES and (received := await response.content.readany()):
            body += received
    except (TimeoutError, aiohttp.ClientError):
        pass
    return body
