"""The ASGI application: dispatches requests, sends responses, and takes over streams."""

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

from contentpipeline.webserver.cached_response import CachedResponse
from contentpipeline.webserver.content_encoding import coding_of, plain_tags
from contentpipeline.webserver.error_responses import refuse
from contentpipeline.webserver.exchange import Accepted, Exchange, Send, start
from contentpipeline.webserver.page_cache import InFlightRender, PageCache, PageRequest
from contentpipeline.webserver.request_body import BodyTooLarge, ClientGone, Receive, disconnected, read_body
from contentpipeline.webserver.thread_pool import ThreadPool
from contentpipeline.webserver.wsgi_call import ResponseHead, WSGIApplication, call_application
from contentpipeline.webserver.wsgi_environ import environ_of

logger = logging.getLogger(__name__)

SEND_SECONDS = 30.0
"""How long a client may leave what it is sent unread."""

Scope = dict[str, Any]


class Streams(Protocol):
    def open(self, what: str) -> AsyncIterator[bytes]:
        """The pieces of the stream that a page named in its header."""
        ...

    def stop(self) -> None:
        """End all streams: the server stops."""
        ...


@dataclass(frozen=True)
class Handover:
    """How a page hands its response over as a stream: by a header, where the environ allows it."""

    header: str
    environ_key: str
    streams: Streams


class WebServerApplication:
    """Serves `pages`, a WSGI application, and the streams that it hands over."""

    def __init__(
        self,
        pages: WSGIApplication,
        handover: Handover,
        *,
        threads: int = 8,
        page_cache: PageCache | None = None,
        background_tasks: Sequence[Callable[[], Awaitable[None]]] = (),
    ) -> None:
        """`background_tasks` run alongside the requests for as long as the server does."""
        self.thread_count = threads
        self.report_ready: Callable[[], None] = lambda: None
        """Called when requests are served."""
        self.stop_accepting: Callable[[], None] = lambda: None
        """Called when no more connections should be accepted."""
        self._is_draining = False
        self._pages = pages
        self._page_cache = page_cache
        self._background_tasks = background_tasks
        self._handover = handover
        self._header = handover.header.lower().encode()
        self._threads: ThreadPool | None = None
        self._compressor: ThreadPool | None = None
        self._compressing: dict[tuple[int, bytes], asyncio.Future[None]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        elif scope["type"] == "http":
            await self._respond(scope, receive, _closing_connection(send) if self._is_draining else send)

    # --- Lifespan ---

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        await receive()
        self._stop_streams_on_sigterm()
        running = [asyncio.ensure_future(task()) for task in self._background_tasks]
        await send({"type": "lifespan.startup.complete"})
        self.report_ready()
        await receive()
        self._handover.streams.stop()
        for task in running:
            task.cancel()
        await send({"type": "lifespan.shutdown.complete"})

    def _stop_streams_on_sigterm(self) -> None:
        """A stopping server waits for open responses, and sends `shutdown` only after that.

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
        """Close each connection after its next response: few are then left to be cut off."""
        self._is_draining = True
        self.stop_accepting()

    # --- Cached pages ---

    async def _respond(self, scope: Scope, receive: Receive, send: Send) -> None:
        cache = self._page_cache
        request = cache.page_request(scope) if cache is not None else None
        if cache is None or request is None:
            await self._render(scope, receive, send)
            return
        page = cache.get(request)
        if page is None and (in_flight := cache.in_flight(request)) is not None:
            page = await cache.wait(in_flight)
        if page is not None:
            cache.count("hit")
            await self._send_page(cache, page, request, send)
            return
        render = cache.begin(request)
        try:
            await self._render(scope, receive, send, render)
        finally:
            render.finish()

    async def _send_page(
        self, cache: PageCache, page: CachedResponse, request: PageRequest, send: Send
    ) -> None:
        status, headers, body = page.response_for(request.coding, request.known_tag, request.known_since)
        if status == 304:
            cache.count("unchanged")
        elif not page.has(request.coding) and await self._compress(cache, page, request):
            status, headers, body = page.response_for(request.coding, b"", b"")
        headers = page.with_query(request.query, headers)
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": b"" if request.is_head else body})

    async def _compress(self, cache: PageCache, page: CachedResponse, request: PageRequest) -> bool:
        """Whether the page now has the requested encoding; of several requests the first compresses it.

        In a thread of its own: those of pages may all be busy, and this page is already rendered.
        """
        which = (id(page), request.coding)
        if not page.wants(request.coding):
            if (begun := self._compressing.get(which)) is None:
                return False
            await asyncio.shield(begun)
            return True
        loop = asyncio.get_running_loop()
        begun = self._compressing[which] = loop.create_future()

        def end(body: bytes | None) -> None:
            if body is not None:
                cache.add(request, page, body)
            del self._compressing[which]
            begun.set_result(None)

        def compress() -> None:
            body = None
            try:
                body = page.compressed(request.coding)
            finally:
                loop.call_soon_threadsafe(end, body)

        if self._compressor is None:
            self._compressor = ThreadPool(1, "compress")  # here, not before the server forks
        self._compressor.run(compress)
        await asyncio.shield(begun)
        return True

    # --- Pages ---

    async def _render(
        self, scope: Scope, receive: Receive, send: Send, render: InFlightRender | None = None
    ) -> None:
        try:
            body, body_bytes = await read_body(scope, receive)
        except ClientGone:
            # The server reports the same for a malformed chunk, whose sender is still connected.
            await refuse(send, scope["path"], HTTPStatus.BAD_REQUEST)
            return
        except BodyTooLarge:
            await refuse(send, scope["path"], HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
            return
        environ = environ_of(scope, body, body_bytes) | {self._handover.environ_key: True}
        accepted = self._take_encodings(environ)
        if render is not None:
            render.prepare(environ)
        exchange = Exchange(asyncio.get_running_loop(), receive, send, render, accepted, SEND_SECONDS)
        self._run(lambda: self._call(environ, body, exchange))
        response = await exchange.responded
        if render is not None:
            render.finish(exchange.page)
            if exchange.page is not None:
                await self._send_page(render.cache, exchange.page, render.request, send)
                return
        if response is None:
            return  # it was sent piece by piece, or there is none
        stream = response.head.pop(self._header)
        if stream is not None and response.head.status == 200 and scope["method"] == "GET":
            await self._stream(response.head, stream.decode(), receive, send)
        else:
            await start(send, response.head)
            await send({"type": "http.response.body", "body": response.piece})

    def _take_encodings(self, environ: dict[str, Any]) -> Accepted:
        """The encodings that the client accepts. The application sees none: it tags the plain body."""
        accepted = Accepted(coding_of(environ.get("HTTP_ACCEPT_ENCODING", "").encode("latin-1")))
        if self._page_cache is not None and not environ["PATH_INFO"].startswith(self._page_cache.rules.files):
            environ.pop("HTTP_ACCEPT_ENCODING", None)
        accepted.tags = environ.get("HTTP_IF_NONE_MATCH", "").encode("latin-1")
        for name in ("HTTP_IF_MATCH", "HTTP_IF_NONE_MATCH"):
            if name in environ:
                environ[name] = plain_tags(environ[name])
        return accepted

    def _run(self, work: Callable[[], None]) -> None:
        if self._threads is None:
            self._threads = ThreadPool(self.thread_count)  # here, not before the server forks
        self._threads.run(work)

    def _call(self, environ: dict[str, Any], body: IO[bytes], exchange: Exchange) -> None:
        """In a thread: everything of a request that can take its time."""
        try:
            response = call_application(self._pages, environ)
        except Exception:
            logger.exception("The application raised an exception.")
            exchange.fail(environ["PATH_INFO"])
            return
        finally:
            body.close()
        try:
            exchange.take_cacheable(response)
            if response.rest is None:
                exchange.encode(response)
                exchange.finish(response)
            else:
                response.head.pop(self._header)
                exchange.send_in_pieces(response)
        finally:
            response.close()

    # --- Streams ---

    async def _stream(self, head: ResponseHead, what: str, receive: Receive, send: Send) -> None:
        head.pop(b"content-length")
        await start(send, head)
        task = asyncio.current_task()
        gone = asyncio.ensure_future(disconnected(receive))
        gone.add_done_callback(lambda done: None if done.cancelled() or task is None else task.cancel())
        try:
            stream = self._handover.streams.open(what)
            async with aclosing(stream) as pieces:  # type: ignore[type-var]  # generators, which can be closed
                async for piece in pieces:
                    async with asyncio.timeout(SEND_SECONDS):
                        await send({"type": "http.response.body", "body": piece, "more_body": True})
        except asyncio.CancelledError:
            if not gone.done():
                raise
            return
        except TimeoutError:
            logger.info("A stream was cut off: its client does not read it.")
            return  # without an end, which would wait for it too
        finally:
            gone.cancel()
        await send({"type": "http.response.body", "body": b""})


def _closing_connection(send: Send) -> Send:
    async def closing(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            message = message | {"headers": [*message["headers"], (b"connection", b"close")]}
        await send(message)

    return closing
