"""Calling the WSGI application, in a thread, and taking what it answers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from contentpipeline.webserver.wsgi_environ import FileWrapper

PIECE_BYTES = 128 * 1024

WSGIApplication = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


@dataclass(slots=True)
class Head:
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
class Answer:
    """The head of an answer and its first piece; `rest` has the others, if there may be any."""

    head: Head
    piece: bytes
    rest: Iterator[bytes] | None
    close: Callable[[], None]


def ask(application: WSGIApplication, environ: dict[str, Any]) -> Answer:
    """The application's answer, whose `close` must be called once it is sent."""
    start = _Start()
    result = application(environ, start)
    close = getattr(result, "close", _nothing)
    try:
        has_body = environ["REQUEST_METHOD"] != "HEAD" and start.status not in (204, 304)
        piece, rest = _pieces(result) if has_body else (b"", None)
    except BaseException:
        close()
        raise
    headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in start.headers]
    return Answer(Head(start.status, headers), piece, rest, close)


class _Start:
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
        # A short file is one message, and needs no second look.
        return first, (_of_file(result.file) if len(first) == PIECE_BYTES else None)
    if isinstance(result, list) or getattr(result, "streaming", True) is False:
        return b"".join(result), None
    return b"", iter(result)


def _of_file(file: Any) -> Iterator[bytes]:
    return iter(lambda: file.read(PIECE_BYTES), b"")


def _nothing() -> None:
    pass
