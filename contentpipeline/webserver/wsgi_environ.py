"""From an ASGI scope to a WSGI environ."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from functools import lru_cache
from typing import IO, Any
from urllib.parse import unquote_to_bytes

PROTOCOLS = {"1": "HTTP/1.0", "1.0": "HTTP/1.0", "1.1": "HTTP/1.1", "2": "HTTP/2.0"}


class FileWrapper:
    """What the application wraps a file in, so that the server may read it in larger pieces."""

    def __init__(self, file: IO[bytes], block_size: int = 0) -> None:
        self.file = file
        if hasattr(file, "close"):
            self.close = file.close


COMMON: dict[str, Any] = {
    "SCRIPT_NAME": "",
    "SERVER_SOFTWARE": "desk",
    "wsgi.version": (1, 0),
    "wsgi.errors": sys.stderr,
    "wsgi.multithread": True,
    "wsgi.multiprocess": True,
    "wsgi.run_once": False,
    "wsgi.file_wrapper": FileWrapper,
}


def environ_of(scope: dict[str, Any], body: IO[bytes], body_bytes: int) -> dict[str, Any]:
    """The environ of a request whose body was read: `body_bytes` of it, however it was sent."""
    server, client = scope.get("server") or ("", ""), scope.get("client") or ("", "")
    environ = {
        **COMMON,
        "REQUEST_METHOD": scope["method"],
        # Not `path`, which has lost the bytes that are no UTF-8.
        "PATH_INFO": unquote_to_bytes(scope["raw_path"]).decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_PROTOCOL": PROTOCOLS.get(scope["http_version"], "HTTP/1.1"),
        "SERVER_NAME": server[0],
        "SERVER_PORT": str(server[1]),
        "REMOTE_ADDR": client[0],
        "wsgi.url_scheme": scope["scheme"],
        "wsgi.input": body,
    }
    _add_headers(environ, scope["headers"])
    if body_bytes and "CONTENT_LENGTH" not in environ:
        environ["CONTENT_LENGTH"] = str(body_bytes)  # it came in chunks: WSGI has no other way to say its end
    return environ


def _add_headers(environ: dict[str, Any], headers: Iterable[tuple[bytes, bytes]]) -> None:
    for name, raw in headers:
        key = _key(name)
        if not key:
            continue
        value = raw.decode("latin-1")
        if key in environ:
            value = f"{environ[key]}{';' if key == 'HTTP_COOKIE' else ','}{value}"
        environ[key] = value


@lru_cache(maxsize=256)
def _key(name: bytes) -> str:
    """The environ's name of a header, or nothing for a header to leave out.

    With `_` in it, a client's header would have the same name as one that a proxy sets and vouches for.
    """
    if b"_" in name:
        return ""
    key = name.decode("latin-1").upper().replace("-", "_")
    return key if key in {"CONTENT_TYPE", "CONTENT_LENGTH"} else f"HTTP_{key}"
