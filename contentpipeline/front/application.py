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

from contentpipeline.front.answers import Answer, Head, WSGIApplication, ask
from contentpipeline.front.bodies import BodyTooLarge, ClientGone, Receive, disconnected, read_body
from contentpipeline.front.environ import environ_of
from contentpipeline.front.kept import Asked, Departure, KeptPages
from contentpipeline.front.pages import Page
from contentpipeline.front.refusals import refuse
from contentpipeline.front.threads import Threads

logger = logging.getLogger(__name__)

SEND_SECONDS = 30.0
"""How long a client may take none of what it is sent."""

Scope = dict[str, Any]
Send = Callable[[dict[str, Any]], Awaitable[None]]


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
        elif page.wants(asked.coding):
            self._compress(kept, page, asked)
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": b"" if asked.is_head else body})

    def _compress(self, kept: KeptPages, page: Page, asked: Asked) -> None:
        """For those who come after: this reader does not wait for it."""
        loop = asyncio.get_running_loop()

        def compress() -> None:
            loop.call_soon_threadsafe(kept.add, asked, page, page.compressed(asked.coding))

        self._run(compress)

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
        if departure is not None:
            departure.prepare(environ)
        exchange = _Exchange(asyncio.get_running_loop(), receive, send, departure)
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
            await _start(send, answer.head)
            await send({"type": "http.response.body", "body": answer.piece})

    def _run(self, work: Callable[[], None]) -> None:
        if self._threads is None:
            self._threads = Threads(self.thread_count)  # here, not before the server forks
        self._threads.run(work)

    def _ask(self, environ: dict[str, Any], body: IO[bytes], exchange: _Exchange) -> None:
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
                exchange.finish(answer)
            else:
                answer.head.pop(self._header)
                exchange.send_in_pieces(answer)
        finally:
            answer.close()

    # --- Streams ---

    async def _stream(self, head: Head, what: str, receive: Receive, send: Send) -> None:
        head.pop(b"content-length")
        await _start(send, head)
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


class _Exchange:
    """What a request's thread says to its coroutine."""

    def __init__(
        self, loop: asyncio.AbstractEventLoop, receive: Receive, send: Send, departure: Departure | None
    ) -> None:
        self.answered: asyncio.Future[Answer | None] = loop.create_future()
        self.page: Page | None = None
        self._departure = departure
        self._loop, self._receive, self._send = loop, receive, send

    def keep(self, answer: Answer) -> None:
        if self._departure is not None:
            self.page = self._departure.kept.page_of(answer, self._departure.asked)

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
        gone = self._wait_for(self._begin(answer.head))
        try:
            if answer.piece:
                self._wait_for(self._piece(answer.piece))
            for piece in answer.rest:
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
        await _start(self._send, head)
        return asyncio.ensure_future(disconnected(self._receive))

    async def _piece(self, piece: bytes, more: bool = True) -> None:
        await self._send({"type": "http.response.body", "body": piece, "more_body": more})

    def _wait_for(self, work: Any) -> Any:
        sending = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return sending.result(SEND_SECONDS)
        except TimeoutError:
            sending.cancel()
            raise


def _closing(send: Send) -> Send:
    async def closing(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            message = message | {"headers": [*message["headers"], (b"connection", b"close")]}
        await send(message)

    return closing


async def _start(send: Send, head: Head) -> None:
    await send({"type": "http.response.start", "status": head.status, "headers": head.headers})
