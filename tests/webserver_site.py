"""A small WSGI application behind the web server, for the tests of that alone."""

from __future__ import annotations

import asyncio
import hashlib
import io
import json
import time
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from typing import Any

from contentpipeline.webserver import Handover, WebServerApplication, application

application.SEND_SECONDS = 0.5
HEADER, KEY = "X-Take-Over", "test.streams"
TEXT = [("Content-Type", "text/plain")]
counts = {"closed": 0, "streams": 0}


class Ticks:
    def __init__(self) -> None:
        self._stop: asyncio.Event | None = None

    async def open(self, what: str) -> AsyncIterator[bytes]:
        self._stop = self._stop or asyncio.Event()
        counts["streams"] += 1
        try:
            number = 0
            while not self._stop.is_set():
                yield f"{what} {number}\n".encode() * (100_000 if what == "flood" else 1)
                number += 1
                await asyncio.sleep(0.02)
        finally:
            counts["streams"] -= 1

    def stop(self) -> None:
        if self._stop is not None:
            self._stop.set()


class Closing:
    """Pieces that note that they were closed."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = iter(pieces)

    def __iter__(self) -> Iterator[bytes]:
        return self._pieces

    def close(self) -> None:
        counts["closed"] += 1


def pages(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
    return PAGES[environ["PATH_INFO"].split("/")[1]](environ, start)


def echo(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
    shown = {key: value for key, value in environ.items() if isinstance(value, str | int | bool)}
    start("200 OK", [*TEXT, ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2"), ("X-Latin", "caf\xe9")])
    return [json.dumps(shown).encode()]


def digest(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
    body = environ["wsgi.input"]
    seen = hashlib.sha256()
    left = int(environ.get("CONTENT_LENGTH") or 0)
    while left and (piece := body.read(min(left, 65536))):
        seen.update(piece)
        left -= len(piece)
    start("200 OK", TEXT)
    return [seen.hexdigest().encode()]


def slow(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
    time.sleep(float(environ["QUERY_STRING"]))
    start("200 OK", TEXT)
    return [b"slow"]


def pieces(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
    start("200 OK", TEXT)
    return Closing(f"{number}\n".encode() for number in range(1000))


def endless(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
    start("200 OK", TEXT)
    piece = b"x" * int(environ["QUERY_STRING"] or 1000)
    return Closing(iter(lambda: time.sleep(0.01) or piece, b""))


def file(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
    start("200 OK", [*TEXT, ("Content-Length", "1000000")])
    return environ["wsgi.file_wrapper"](io.BytesIO(b"0123456789" * 100_000), 8192)


def broken(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
    raise RuntimeError("broken on purpose")


def unchanged(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
    start("304 Not Modified", [("ETag", '"1"')])
    return [b"this must not be sent"]


def stream(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
    assert environ[KEY] is True
    start(environ["QUERY_STRING"] or "200 OK", [*TEXT, (HEADER, "tick"), ("Content-Length", "0")])
    return [b""]


def flood(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
    start("200 OK", [(HEADER, "flood")])
    return [b""]


def state(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
    start("200 OK", TEXT)
    return [json.dumps(counts).encode()]


PAGES = {
    "echo": echo, "digest": digest, "slow": slow, "pieces": pieces, "endless": endless, "file": file,
    "broken": broken, "unchanged": unchanged, "stream": stream, "flood": flood, "state": state,
    "api": broken,
}  # fmt: skip

app = WebServerApplication(pages, Handover(HEADER, KEY, Ticks()), threads=2)
