"""Between the thread that makes an answer and the coroutine that asked for it."""

from __future__ import annotations

import asyncio
import itertools
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from contentpipeline.webserver.cached_response import Page
from contentpipeline.webserver.content_encoding import encode, encode_pieces
from contentpipeline.webserver.error_responses import refuse
from contentpipeline.webserver.page_cache import Departure
from contentpipeline.webserver.request_body import Receive, disconnected
from contentpipeline.webserver.wsgi_call import Answer, Head

logger = logging.getLogger(__name__)

Send = Callable[[dict[str, Any]], Awaitable[None]]


@dataclass(slots=True)
class Accepted:
    """The encoding that a client takes, and the tags of what it has."""

    coding: bytes
    tags: bytes = b""


class Exchange:
    """What a request's thread says to its coroutine."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        receive: Receive,
        send: Send,
        departure: Departure | None,
        accepted: Accepted,
        send_seconds: float,
    ) -> None:
        """`send_seconds` is how long the client may take none of what it is sent."""
        self.answered: asyncio.Future[Answer | None] = loop.create_future()
        self.page: Page | None = None
        self._departure = departure
        self._accepted = accepted
        self._send_seconds = send_seconds
        self._loop, self._receive, self._send = loop, receive, send

    def keep(self, answer: Answer) -> None:
        if self._departure is not None:
            self.page = self._departure.kept.page_of(answer, self._departure.asked)

    def encode(self, answer: Answer) -> None:
        """Compress what is sent once. A page that may be kept is compressed when it is one."""
        if self.page is None:
            answer.piece = encode(answer.head, answer.piece, self._accepted.coding, self._accepted.tags)

    def finish(self, answer: Answer | None) -> None:
        self._loop.call_soon_threadsafe(self._set, answer)

    def _set(self, answer: Answer | None) -> None:
        if not self.answered.done():
            self.answered.set_result(answer)

    def fail(self, path: str) -> None:
        self._wait_for(refuse(self._send, path, HTTPStatus.INTERNAL_SERVER_ERROR))
        self.finish(None)

    def send_in_pieces(self, answer: Answer) -> None:
        """Send the answer as it comes. Each piece waits for the one before: a file is never all in memory."""
        assert answer.rest is not None
        pieces = itertools.chain([answer.piece] if answer.piece else [], answer.rest)
        if encoded := encode_pieces(answer.head, self._accepted.coding):
            pieces = encoded(pieces)
        gone = self._wait_for(self._begin(answer.head))
        try:
            for piece in pieces:
                if gone.done():
                    break
                self._wait_for(self._piece(piece))
            self._wait_for(self._piece(b"", more=False))
        except TimeoutError:
            logger.info("An answer was not sent to its end: the client takes nothing.")
        finally:
            self._loop.call_soon_threadsafe(gone.cancel)
            self.finish(None)

    async def _begin(self, head: Head) -> asyncio.Future[None]:
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


async def start(send: Send, head: Head) -> None:
    await send({"type": "http.response.start", "status": head.status, "headers": head.headers})
