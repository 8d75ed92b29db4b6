"""Calls the WSGI application, in a thread."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from contentpipeline.webserver.wsgi_environ import FileWrapper

PIECE_BYTES = 128 * 1024

WSGIApplication = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


@dataclass(slots=True)
class ResponseHead:
    status: int
    headers: list[tuple[bytes, bytes]]

    def pop(self, name: bytes) -> bytes | None:
        """Take this header out; None when it is not there."""
        found = [value for key, value in self.headers if key == name]
        if not found:
            return None
        self.headers = [header for header in self.headers if header[0] != name]
        return found[0]


@dataclass(slots=True)
class WsgiResponse:
    """The head of a response and its first piece; `rest` has the others, if there may be any."""

    head: ResponseHead
    piece: bytes
    rest: Iterator[bytes] | None
    close: Callable[[], None]


def call_application(application: WSGIApplication, environ: dict[str, Any]) -> WsgiResponse:
    """The application's response, whose `close` must be called once it is sent."""
    start_response = _StartResponse()
    result = application(environ, start_response)
    close = getattr(result, "close", _do_nothing)
    try:
        has_body = environ["REQUEST_METHOD"] != "HEAD" and start_response.status not in (204, 304)
        piece, rest = _pieces(result) if has_body else (b"", None)
    except BaseException:
        close()
        raise
    headers = [
        (name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in start_response.headers
    ]
    return WsgiResponse(ResponseHead(start_response.status, headers), piece, rest, close)


class _StartResponse:
    """The application's `start_response`. It has no `write`: Django does not use it."""

    __slots__ = ("headers", "status")

    def __init__(self) -> None:
        self.status = 500
        self.headers: list[tuple[str, str]] = []

    def __call__(self, status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> None:
        self.status, self.headers = int(status[:3]), headers


def _pieces(result: Any) -> tuple[bytes, Iterator[bytes] | None]:
    if isinstance(result, FileWrapper):
        first = result.file.read(PIECE_BYTES)
        # A short file fits into one message.
        return first, (_of_file(result.file) if len(first) == PIECE_BYTES else None)
    if isinstance(result, list) or getattr(result, "streaming", True) is False:
        return b"".join(result), None
    return b"", iter(result)


def _of_file(file: Any) -> Iterator[bytes]:
    return iter(lambda: file.read(PIECE_BYTES), b"")


def _do_nothing() -> None:
    pass
