"""The vendors of language models, reached over one pool of connections."""

from __future__ import annotations

import json
from asyncio.sslproto import SSLProtocol
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Self
from urllib.request import getproxies, proxy_bypass

import aiohttp
from yarl import URL

from tasks.pipeline.errors import ProviderError, ProviderUnavailable
from tasks.pipeline.providers.model_calls.capabilities import Capabilities, adapted, refused_feature
from tasks.pipeline.providers.model_servers import aiohttp_internals
from tasks.pipeline.providers.model_servers.reply_reader import IdleTimeout, ReplyReader, error_body
from tasks.pipeline.providers.model_servers.request_alternatives import wanted_otherwise
from tasks.pipeline.providers.model_servers.vendor_errors import VendorErrors, is_unsent
from tasks.pipeline.providers.model_servers.vendor_protocol import (
    Access,
    Feature,
    ModelReply,
    ReplyFormat,
    ReportedError,
    RequestOptions,
    Turn,
    VendorProtocol,
    VendorRequest,
    prompt_text,
)
from tasks.pipeline.vendors import known_vendors

__all__ = ["Access", "ModelReply", "Turn", "Vendors", "prompt_text"]

SCHEMA_FORMS = frozenset({"json_schema", "tool"})
ACCEPTED = "text/event-stream, application/json"
CONNECT_SECONDS = 10.0
MAX_HEADER_BYTES = 65_536
"""Gateways add policies of many kilobytes to what the model's server sends."""
# uvicorn, which serves vLLM and others, closes after five: a request must not meet that.
KEEP_ALIVE_SECONDS = 4.0
TLS_BUFFER_BYTES = 16_384
"""As large as a record of TLS. asyncio takes 256 kB for each connection: 256 MB for a thousand streams."""


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
        aiohttp_internals.check()
        # asyncio has no other way to set it. It holds for the whole process, whose other traffic is small.
        SSLProtocol.max_size = TLS_BUFFER_BYTES
        self._session = aiohttp.ClientSession(
            # Each running task holds one connection: its number limits them.
            connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=KEEP_ALIVE_SECONDS),
            cookie_jar=aiohttp.DummyCookieJar(),
            max_line_size=MAX_HEADER_BYTES,
            max_field_size=MAX_HEADER_BYTES,
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

    def schema_text(self, name: str, reply_format: ReplyFormat | None) -> str:
        """The schema that the next request sends next to its prompt, which models read; "" for none."""
        if reply_format is None:
            return ""
        protocol, model = self._protocol(name)
        options = RequestOptions(reply_format=reply_format)
        form = adapted(options, protocol.forms(model), self.capabilities.missing(name)).form
        return json.dumps(reply_format.schema) if form in SCHEMA_FORMS else ""

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
        closed, and AllowanceUsed raised, when more than `most_tokens` are counted, or RepetitionFound when
        the text becomes a loop. `on_text` gets the text so far with each piece. Cancelling closes the
        connection at once. Why the model stopped, and whether it wrote anything, is for the caller to judge.
        """
        protocol, model = self._protocol(name)
        errors = VendorErrors(name, protocol.key, known_vendors()[name.partition(":")[0]].key_setting)
        refused: set[Feature] = set()
        while True:
            sent = adapted(options, protocol.forms(model), self.capabilities.missing(name) | refused)
            request = protocol.request(model, instructions, turns, sent)
            parser = protocol.reply_parser(sent)
            reply.form = sent.form
            reader = ReplyReader(parser, reply, errors, on_text, most_tokens)
            try:
                await self._read_reply(request, sent, reader, read_timeout_seconds)
            except FeatureRefused as refusal:
                refused.add(refusal.feature)
                continue
            break
        self.capabilities.remember_missing(name, refused)
        if parser.ending is None:
            if parser.other and not reply.characters:
                raise errors.no_reply(parser.other)
            raise ProviderUnavailable(f"{name} broke off in the middle of its reply.")
        reply.end()
        reply.is_whole, reply.ending, reply.ending_word = True, parser.ending, parser.ending_word
        reply.refusal, reply.called_tool = parser.refusal, parser.called_tool

    async def _read_reply(
        self,
        request: VendorRequest,
        options: RequestOptions,
        reader: ReplyReader,
        read_timeout_seconds: float,
    ) -> None:
        """Make one request and read its reply. Raises FeatureRefused if it can be made in another way."""
        reply, errors = reader.reply, reader.errors
        try:
            response = await self._sent(request, reply, errors, read_timeout_seconds)
            try:
                if response.status >= 300:
                    body = await error_body(response)
                    text = body.decode("utf-8", "replace")
                    if feature := (
                        wanted_otherwise(response.status, text, request.alternatives)
                        or refused_feature(response.status, text, options)
                    ):
                        raise FeatureRefused(feature)
                    reply.is_refused = True
                    raise errors.from_response(response.status, response.headers, body)
                with IdleTimeout(response, read_timeout_seconds) as idle_timeout:
                    await reader.read(response, idle_timeout)
            except ReportedError as error:
                # Gateways begin a stream before they know what the server behind them says.
                feature = refused_feature(None, str(error.details), options)
                if feature and not reply.characters:
                    raise FeatureRefused(feature) from error
                raise errors.from_stream(error.details) from error
            finally:
                aiohttp_internals.close(response)
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
                headers={**request.headers, "Accept": ACCEPTED, "Accept-Encoding": "identity"},
                # A redirect could take the key to another host.
                allow_redirects=False,
                proxy=proxy_for(URL(request.url)),
                timeout=timeout,
            )
        except (ValueError, aiohttp.NonHttpUrlClientError):
            reply.is_refused = True
            # From None: its message may repeat the key or a proxy's password.
            raise errors.misconfigured() from None


def proxy_for(url: URL) -> URL | None:
    """The proxy that HTTPS_PROXY, HTTP_PROXY or ALL_PROXY names, unless NO_PROXY exempts the host."""
    proxies = getproxies()
    proxy = proxies.get(url.scheme) or proxies.get("all")
    if not proxy or proxy_bypass(f"{url.host}:{url.port}"):
        return None
    return URL(proxy if "://" in proxy else f"http://{proxy}")
