"""The ASGI application: dispatches a request, sends its answer, and takes over streams."""

from __future__ import annotations

import asyncio
import logging
import signal
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from http import HTTPStatus
from typing import IO, Any, Protocol

from contentpipeline.webserver.cached_response import Page
from contentpipeline.webserver.content_encoding import coding_of, plain_tags
from contentpipeline.webserver.error_responses import refuse
from contentpipeline.webserver.exchange import Accepted, Exchange, Send, start
from contentpipeline.webserver.page_cache import Asked, Departure, KeptPages
from contentpipeline.webserver.request_body import BodyTooLarge, ClientGone, Receive, disconnected, read_body
from contentpipeline.webserver.thread_pool import Threads
from contentpipeline.webserver.wsgi_call import Head, WSGIApplication, ask
from contentpipeline.webserver.wsgi_environ import environ_of

logger = logging.getLogger(__name__)

SEND_SECONDS = 30.0
"""How long a client may take none of what it is sent."""

Scope = dict[str, Any]


class Streams(Protocol):
    def open(self, what: str) -> AsyncIterator[bytes]:
        """The pieces of the stream that a page asked for."""
        ...

    def stop(self) -> None:
        """End all streams: the server stops."""
        ...


@dataclass(frozen=True)
class Handover:
    """How a page says that its answer is a stream: with a header, where the environ says that it may."""

    header: str
    environ_key: str
    streams: Streams


class Front:
    """Serves `pages`, a WSGI application, and the streams that it hands over."""

    def __init__(
        self,
        pages: WSGIApplication,
        handover: Handover,
        *,
        threads: int = 8,
        kept: KeptPages | None = None,
        companions: Sequence[Callable[[], Awaitable[None]]] = (),
    ) -> None:
        """`companions` run beside the requests for as long as the server does."""
        self.thread_count = threads
        self.say_ready: Callable[[], None] = lambda: None
        """Called when requests are answered."""
        self.stop_accepting: Callable[[], None] = lambda: None
        """Called when no more connections should come."""
        self._is_draining = False
        self._pages = pages
        self._kept = kept
        self._companions = companions
        self._handover = handover
        self._header = handover.header.lower().encode()
        self._threads: Threads | None = None
        self._compressor: Threads | None = None
        self._compressing: dict[tuple[int, bytes], asyncio.Future[None]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http":
            await self._answer(scope, receive, _closing(send) if self._is_draining else send)

    # --- The server's life ---

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        self._stop_streams_on_sigterm()
        running = [asyncio.ensure_future(companion()) for companion in self._companions]
        await send({"type": "lifespan.startup.complete"})
        self.say_ready()
        await receive()
        self._handover.streams.stop()
        for companion in running:
            companion.cancel()
        await send({"type": "lifespan.shutdown.complete"})

    def _stop_streams_on_sigterm(self) -> None:
        """A server that is told to stop waits for open answers, and says `shutdown` only after that.

        Its own handler still runs: asyncio is woken by the signal itself, not by the function set here.
        """
        if threading.current_thread() is threading.main_thread():
            loop = asyncio.get_running_loop()

            def stop(*_: Any) -> None:
                if not loop.is_closed():
                    loop.call_soon_threadsafe(self._handover.streams.stop)

            for sign in (signal.SIGTERM, signal.SIGINT):
                signal.signal(sign, stop)
            loop.add_signal_handler(signal.SIGUSR1, self._drain)

    def _drain(self) -> None:
        """Close each connection after its next answer: when this process ends, few are left to be cut off."""
        self._is_draining = True
        self.stop_accepting()

    # --- Pages that are kept ---

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        kept = self._kept
        asked = kept.asked(scope) if kept is not None else None
        if kept is None or asked is None:
            await self._ask_pages(scope, receive, send)
            return
        page = kept.find(asked)
        if page is None and (flight := kept.flight_of(asked)) is not None:
            page = await kept.join(flight)
        if page is not None:
            kept.count("hit")
            await self._send_page(kept, page, asked, send)
            return
        departure = kept.depart(asked)
        try:
            await self._ask_pages(scope, receive, send, departure)
        finally:
            departure.end()

    async def _send_page(self, kept: KeptPages, page: Page, asked: Asked, send: Send) -> None:
        status, headers, body = page.answer_to(asked.coding, asked.known_tag, asked.known_since)
        if status == 304:
            kept.count("unchanged")
        elif not page.has(asked.coding) and await self._compress(kept, page, asked):
            status, headers, body = page.answer_to(asked.coding, b"", b"")
        headers = page.leading_with(asked.query, headers)
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": b"" if asked.is_head else body})

    async def _compress(self, kept: KeptPages, page: Page, asked: Asked) -> bool:
        """Whether the page was compressed as is asked, which the first of several sees to.

        In a thread of its own: those of pages may all be busy, and this page is there.
        """
        which = (id(page), asked.coding)
        if not page.wants(asked.coding):
            if (begun := self._compressing.get(which)) is None:
                return False
            await asyncio.shield(begun)
            return True
        loop = asyncio.get_running_loop()
        begun = self._compressing[which] = loop.create_future()

        def end(body: bytes | None) -> None:
            if body is not None:
                kept.add(asked, page, body)
            del self._compressing[which]
            begun.set_result(None)

        def compress() -> None:
            body = None
            try:
                body = page.compressed(asked.coding)
            finally:
                loop.call_soon_threadsafe(end, body)

        if self._compressor is None:
            self._compressor = Threads(1, "compress")  # here, not before the server forks
        self._compressor.run(compress)
        await asyncio.shield(begun)
        return True

    # --- Pages ---

    async def _ask_pages(
        self, scope: Scope, receive: Receive, send: Send, departure: Departure | None = None
    ) -> None:
        try:
            body, body_bytes = await read_body(scope, receive)
        except ClientGone:
            # The server says the same of a malformed chunk, whose sender is still there.
            await refuse(send, scope["path"], HTTPStatus.BAD_REQUEST)
            return
        except BodyTooLarge:
            await refuse(send, scope["path"], HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
            return
        environ = environ_of(scope, body, body_bytes) | {self._handover.environ_key: True}
        accepted = self._take_encodings(environ)
        if departure is not None:
            departure.prepare(environ)
        loop = asyncio.get_running_loop()
        exchange = Exchange(loop, receive, send, departure, accepted, SEND_SECONDS)
        self._run(lambda: self._ask(environ, body, exchange))
        answer = await exchange.answered
        if departure is not None:
            departure.end(exchange.page)
            if exchange.page is not None:
                await self._send_page(departure.kept, exchange.page, departure.asked, send)
                return
        if answer is None:
            return  # it went out piece by piece, or there is none
        stream = answer.head.pop(self._header)
        if stream is not None and answer.head.status == 200 and scope["method"] == "GET":
            await self._stream(answer.head, stream.decode(), receive, send)
        else:
            await start(send, answer.head)
            await send({"type": "http.response.body", "body": answer.piece})

    def _take_encodings(self, environ: dict[str, Any]) -> Accepted:
        """What the client takes. The application is not asked to encode: its tags are those of the whole."""
        accepted = Accepted(coding_of(environ.get("HTTP_ACCEPT_ENCODING", "").encode("latin-1")))
        if self._kept is not None and not environ["PATH_INFO"].startswith(self._kept.rules.files):
            environ.pop("HTTP_ACCEPT_ENCODING", None)
        accepted.tags = environ.get("HTTP_IF_NONE_MATCH", "").encode("latin-1")
        for name in ("HTTP_IF_MATCH", "HTTP_IF_NONE_MATCH"):
            if name in environ:
                environ[name] = plain_tags(environ[name])
        return accepted

    def _run(self, work: Callable[[], None]) -> None:
        if self._threads is None:
            self._threads = Threads(self.thread_count)  # here, not before the server forks
        self._threads.run(work)

    def _ask(self, environ: dict[str, Any], body: IO[bytes], exchange: Exchange) -> None:
        """In a thread: everything of a request that can take its time."""
        try:
            answer = ask(self._pages, environ)
        except Exception:
            logger.exception("The application raised an exception.")
            exchange.fail(environ["PATH_INFO"])
            return
        finally:
            body.close()
        try:
            exchange.keep(answer)
            if answer.rest is None:
                exchange.encode(answer)
                exchange.finish(answer)
            else:
                answer.head.pop(self._header)
                exchange.send_in_pieces(answer)
        finally:
            answer.close()

    # --- Streams ---

    async def _stream(self, head: Head, what: str, receive: Receive, send: Send) -> None:
        head.pop(b"content-length")
        await start(send, head)
        task = asyncio.current_task()
        gone = asyncio.ensure_future(disconnected(receive))
        gone.add_done_callback(lambda done: None if done.cancelled() or task is None else task.cancel())
        try:
            async with aclosing(self._handover.streams.open(what)) as pieces:  # type: ignore[type-var]
                async for piece in pieces:
                    async with asyncio.timeout(SEND_SECONDS):
                        await send({"type": "http.response.body", "body": piece, "more_body": True})
        except asyncio.CancelledError:
            if not gone.done():
                raise
            return
        except TimeoutError:
            logger.info("A stream was cut off: its client takes nothing.")
            return  # without an end, which would wait for it too
        finally:
            gone.cancel()
        await send({"type": "http.response.body", "body": b""})


def _closing(send: Send) -> Send:
    async def closing(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            message = message | {"headers": [*message["headers"], (b"connection", b"close")]}
        await send(message)

    return closing
