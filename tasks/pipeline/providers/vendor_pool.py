"""The vendors of language models, reached over one pool of connections.

A worker holds a thousand streams on one event loop and one core: everything here that runs for each
piece of a reply is counted in microseconds (docs/measurements.md).
"""

from __future__ import annotations

import asyncio
from asyncio.sslproto import SSLProtocol
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Self
from urllib.request import getproxies, proxy_bypass

import aiohttp
from yarl import URL

from tasks.pipeline.errors import LengthLimitReached, ProviderError, ProviderUnavailable
from tasks.pipeline.providers.capabilities import Capabilities, adapted, refused_feature
from tasks.pipeline.providers.sse_parser import EventStreamParser
from tasks.pipeline.providers.vendor_errors import VendorErrors, is_unsent
from tasks.pipeline.providers.vendor_protocol import (
    Access,
    AllowanceUsed,
    Feature,
    ModelReply,
    ReplyParser,
    ReportedError,
    RequestOptions,
    Turn,
    VendorProtocol,
    VendorRequest,
    prompt_text,
)
from tasks.pipeline.vendors import known_vendors

__all__ = ["Access", "ModelReply", "Turn", "Vendors", "prompt_text"]

MAX_REPLY_CHARACTERS = 1_000_000
"""Twice what the largest model writes."""
MAX_ERROR_BYTES = 50_000
CONNECT_SECONDS = 10.0
# uvicorn, which serves vLLM and others, closes after five: a request must not meet that.
KEEP_ALIVE_SECONDS = 4.0
LINGER_SECONDS = 0.1
TLS_BUFFER_BYTES = 16_384
"""As large as a record of TLS. asyncio takes 256 kB for each connection: 256 MB for a thousand streams."""
# What reading JSON of an unexpected shape raises, without a check for each field of each event.
MISSHAPEN = (ValueError, TypeError, LookupError, AttributeError, RecursionError)


class FeatureRefused(Exception):
    """The server refused a request because of one part, without which it can be made again."""

    def __init__(self, feature: Feature) -> None:
        super().__init__(feature)
        self.feature = feature


class Vendors:
    """Serves any number of calls at once, on the event loop in which it was entered."""

    def __init__(self, access: Access) -> None:
        self._access = access
        self._session: aiohttp.ClientSession | None = None
        self.capabilities = Capabilities()

    async def __aenter__(self) -> Self:
        # asyncio has no other way to set it. It holds for the whole process, whose other traffic is small.
        SSLProtocol.max_size = TLS_BUFFER_BYTES
        self._session = aiohttp.ClientSession(
            # Each running task holds one connection: its number limits them.
            connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=KEEP_ALIVE_SECONDS),
            cookie_jar=aiohttp.DummyCookieJar(),
            # Not trust_env: it would let a password of ~/.netrc take the place of the key.
            trust_env=False,
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._session is not None:
            await self._session.close()

    def most_output_tokens(self, name: str) -> int:
        """The longest reply of a model. Raises ProviderError for an unknown vendor or a missing key."""
        protocol, model = self._protocol(name)
        return protocol.most_output_tokens(model)

    async def stream(
        self,
        name: str,
        instructions: str,
        turns: Sequence[Turn],
        reply: ModelReply,
        *,
        read_timeout_seconds: float,
        options: RequestOptions,
        most_tokens: int | None = None,
        on_text: Callable[[str], None] | None = None,
    ) -> None:
        """Fill `reply` as the model "vendor:name" writes. Raises ProviderError or ProviderUnavailable.

        What the server refuses of the options is left out. Whatever comes of their limit, the connection is
        closed, and AllowanceUsed raised, when more than `most_tokens` are counted. `on_text` gets the text so
        far with each piece. Cancelling closes the connection at once.
        """
        protocol, model = self._protocol(name)
        errors = VendorErrors(name, protocol.key)
        refused: set[Feature] = set()
        while True:
            without = self.capabilities.missing(name) | refused
            sent = adapted(options, protocol.forms(model), without)
            request = protocol.request(model, _instructions(instructions, sent), turns, sent)
            parser = protocol.reply_parser(sent)
            reply.form = sent.form
            try:
                await self._read_reply(
                    request, parser, sent, reply, errors, read_timeout_seconds, on_text, most_tokens
                )
            except FeatureRefused as refusal:
                refused.add(refusal.feature)
                continue
            break
        self.capabilities.remember_missing(name, refused)
        if parser.ending is None:
            raise ProviderUnavailable(f"{name} broke off in the middle of its reply.")
        reply.is_whole, reply.ending = True, parser.ending
        _check_complete(parser, reply, name)

    async def _read_reply(
        self,
        request: VendorRequest,
        parser: ReplyParser,
        options: RequestOptions,
        reply: ModelReply,
        errors: VendorErrors,
        read_timeout_seconds: float,
        on_text: Callable[[str], None] | None,
        most_tokens: int | None,
    ) -> None:
        """Make one request and read its reply. Raises FeatureRefused if it can be made with less."""
        try:
            response = await self._sent(request, reply, errors, read_timeout_seconds)
            try:
                if response.status >= 300:
                    body = await _error_body(response)
                    text = body.decode("utf-8", "replace")
                    if feature := refused_feature(response.status, text, options):
                        raise FeatureRefused(feature)
                    reply.is_refused = True
                    raise errors.from_response(response.status, response.headers, body)
                with IdleTimeout(response, read_timeout_seconds) as idle_timeout:
                    await _read(response, parser, reply, errors, idle_timeout, on_text, most_tokens)
            except ReportedError as error:
                # Gateways begin a stream before they know what the server behind them says.
                feature = refused_feature(None, str(error.details), options)
                if feature and not reply.characters:
                    raise FeatureRefused(feature) from error
                raise errors.from_stream(error.details) from error
            finally:
                _close(response)
        except aiohttp.ClientError as error:
            reply.is_refused = is_unsent(error)
            # The text of a response error has the URL, which may be a proxy's with its password.
            cause = None if isinstance(error, aiohttp.ClientResponseError) else error
            raise errors.disconnected(error) from cause

    def _protocol(self, name: str) -> tuple[VendorProtocol, str]:
        vendor, _, model = name.partition(":")
        known = known_vendors()
        if vendor not in known or not model:
            notations = ", ".join(f"{one}:NAME" for one in known)
            raise ProviderError(f"{name!r} is not a known model: PIPELINE_MODELS takes {notations}.")
        return known[vendor].protocol(self._access), model

    async def _sent(
        self, request: VendorRequest, reply: ModelReply, errors: VendorErrors, read_timeout_seconds: float
    ) -> aiohttp.ClientResponse:
        if self._session is None:
            raise RuntimeError("Use Vendors with `async with`.")
        timeout = aiohttp.ClientTimeout(
            total=None, connect=min(CONNECT_SECONDS, read_timeout_seconds), sock_read=read_timeout_seconds
        )
        try:
            return await self._session.post(
                request.url,
                json=request.body,
                # Each piece is small: unpacking it would cost more than it saves.
                headers={**request.headers, "Accept": "text/event-stream", "Accept-Encoding": "identity"},
                # A redirect could take the key to another host.
                allow_redirects=False,
                proxy=proxy_for(URL(request.url)),
                timeout=timeout,
            )
        except (ValueError, aiohttp.NonHttpUrlClientError):
            reply.is_refused = True
            # From None: its message may repeat the key or a proxy's password.
            raise errors.misconfigured() from None


def _instructions(instructions: str, options: RequestOptions) -> str:
    """With the schema in words, where the server does not enforce it."""
    reply_format = options.reply_format
    if reply_format is None or reply_format.form in ("json_schema", "tool"):
        return instructions
    return f"{instructions}\n\n{reply_format.in_words}"


def proxy_for(url: URL) -> URL | None:
    """The proxy that HTTPS_PROXY, HTTP_PROXY or ALL_PROXY names, unless NO_PROXY exempts the host."""
    proxies = getproxies()
    proxy = proxies.get(url.scheme) or proxies.get("all")
    if not proxy or proxy_bypass(f"{url.host}:{url.port}"):
        return None
    return URL(proxy if "://" in proxy else f"http://{proxy}")


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
        if (connection := self._response.connection) is not None and connection.protocol is not None:
            connection.protocol.read_timeout = None
        self._timer = self._loop.call_later(self._seconds, self._check)
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()

    def restart(self) -> None:
        self._restarted_at = self._loop.time()

    def _check(self) -> None:
        left = self._restarted_at + self._seconds - self._loop.time()
        if left > 0:
            self._timer = self._loop.call_later(left, self._check)
        else:
            self._response.content.set_exception(aiohttp.SocketTimeoutError())


async def _read(
    response: aiohttp.ClientResponse,
    parser: ReplyParser,
    reply: ModelReply,
    errors: VendorErrors,
    idle_timeout: IdleTimeout,
    on_text: Callable[[str], None] | None,
    most_tokens: int | None,
) -> None:
    """Read until the protocol or the connection ends the reply. Raises AllowanceUsed."""
    events = EventStreamParser()
    is_open = True
    while is_open and not parser.is_done:
        received = await response.content.readany()
        is_open = bool(received)
        idle_timeout.restart()
        try:
            found = events.feed(received) if received else events.end()
        except ValueError as error:
            raise errors.unreadable(error) from error
        for data in found:
            piece = _parsed(parser, data, errors)
            reply.usage = parser.usage
            if parser.hidden:
                reply.hide(parser.hidden)
            if piece:
                reply.add(piece)
                if on_text is not None:
                    on_text(reply.text)
            if reply.characters > MAX_REPLY_CHARACTERS:
                raise ProviderUnavailable(
                    f"{errors.name} wrote more than {MAX_REPLY_CHARACTERS:,} characters and was stopped."
                )
            if most_tokens is not None and _is_too_long(parser, reply, most_tokens):
                raise AllowanceUsed
    if is_open:
        await _linger(response)


def _is_too_long(parser: ReplyParser, reply: ModelReply, most_tokens: int) -> bool:
    """By our count, or by the server's own while it writes: what it reports at the end stops nothing."""
    if reply.counted.tokens > most_tokens:
        return True
    return parser.ending is None and parser.usage is not None and parser.usage.output_tokens > most_tokens


def _parsed(parser: ReplyParser, data: bytes, errors: VendorErrors) -> str:
    try:
        return parser.take(data)
    except MISSHAPEN as error:
        raise errors.unreadable(error) from error


async def _linger(response: aiohttp.ClientResponse) -> None:
    """Give the end of a body a moment to come: a connection that was read to its end can be used again."""
    try:
        async with asyncio.timeout(LINGER_SECONDS):
            while await response.content.readany():
                pass
    except (TimeoutError, aiohttp.ClientError):
        pass


async def _error_body(response: aiohttp.ClientResponse) -> bytes:
    """The body of an error response; empty if it does not come."""
    body = b""
    try:
        while len(body) < MAX_ERROR_BYTES and (received := await response.content.readany()):
            body += received
    except (TimeoutError, aiohttp.ClientError):
        pass
    return body


def _close(response: aiohttp.ClientResponse) -> None:
    """Return a connection that was read to its end to the pool; abort any other at once."""
    connection = response.connection
    if connection is not None and connection.transport is not None and not response.content.at_eof():
        connection.transport.abort()
    response.release()


def _check_complete(parser: ReplyParser, reply: ModelReply, name: str) -> None:
    if parser.ending == "length":
        raise LengthLimitReached(
            f"{name} stopped at its length limit: ask for fewer words or use another model."
        )
    if parser.ending == "filter":
        raise ProviderError(f"{name} refused to write about this.")
    if not reply.text.strip():
        raise ProviderUnavailable(f"{name} returned an empty reply.")
