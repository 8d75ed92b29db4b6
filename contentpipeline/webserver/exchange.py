"""Hands a response from the thread that renders it to the coroutine that serves the request."""

from __future__ import annotations

import asyncio
import itertools
import logging
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from contentpipeline.webserver.cached_response import CachedResponse
from contentpipeline.webserver.content_encoding import encode, encode_pieces
from contentpipeline.webserver.error_responses import refuse
from contentpipeline.webserver.page_cache import InFlightRender
from contentpipeline.webserver.request_body import Receive, disconnected
from contentpipeline.webserver.wsgi_call import ResponseHead, WsgiResponse

logger = logging.getLogger(__name__)

Send = Callable[[dict[str, Any]], Awaitable[None]]


@dataclass(slots=True)
class Accepted:
    """The encoding that a client takes, and the tags of what it has."""

    coding: bytes
    tags: bytes = b""


class Exchange:
    """One request and its response, shared by a thread and a coroutine."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        receive: Receive,
        send: Send,
        render: InFlightRender | None,
        accepted: Accepted,
        send_seconds: float,
    ) -> None:
        """`send_seconds` is how long the client may take none of what it is sent."""
        self.responded: asyncio.Future[WsgiResponse | None] = loop.create_future()
        self.page: CachedResponse | None = None
        self._render = render
        self._accepted = accepted
        self._send_seconds = send_seconds
        self._loop, self._receive, self._send = loop, receive, send

    def take_cacheable(self, response: WsgiResponse) -> None:
        if self._render is not None:
            self.page = self._render.cache.response_to_cache(response, self._render.request)

    def encode(self, response: WsgiResponse) -> None:
        """Compress what is sent once. A cacheable page is compressed by the cache."""
        if self.page is None:
            response.piece = encode(response.head, response.piece, self._accepted.coding, self._accepted.tags)

    def finish(self, response: WsgiResponse | None) -> None:
        self._loop.call_soon_threadsafe(self._set, response)

    def _set(self, response: WsgiResponse | None) -> None:
        if not self.responded.done():
            self.responded.set_result(response)

    def fail(self, path: str) -> None:
        self._wait_for(refuse(self._send, path, HTTPStatus.INTERNAL_SERVER_ERROR))
        self.finish(None)

    def send_in_pieces(self, response: WsgiResponse) -> None:
        """Stream the response. Each piece waits for the one before: a file is never wholly in memory."""
        assert response.rest is not None
        pieces: Iterator[bytes] = itertools.chain([response.piece] if response.piece else [], response.rest)
        if encoded := encode_pieces(response.head, self._accepted.coding):
            pieces = encoded(pieces)
        gone = self._wait_for(self._begin(response.head))
        try:
            for piece in pieces:
                if gone.done():
                    break
                self._wait_for(self._piece(piece))
            self._wait_for(self._piece(b"", more=False))
        except TimeoutError:
            logger.info("A response was cut off: the client does not read it.")
        finally:
            self._loop.call_soon_threadsafe(gone.cancel)
            self.finish(None)

    async def _begin(self, head: ResponseHead) -> asyncio.Future[None]:
        await start(self._send, head)
        return asyncio.ensure_future(disconnected(self._receive))

    async def _piece(self, piece: bytes, more: bool = True) -> None:
        await self._send({"type": "http.response.body", "body": piece, "more_body": more})

    def _wait_for(self, work: Any) -> Any:
        sending = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return sending.result(self._send_seconds)
        except TimeoutError:
            sending.cancel()
            raise


async def start(send: Send, head: ResponseHead) -> None:
    await send({"type": "http.response.start", "status": head.status, "headers": head.headers})
