"""Reading a request's body before a thread is given to it: a slow sender holds none."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Awaitable, Callable
from typing import IO, Any

MAX_BYTES = 64 * 1024 * 1024
"""More than any form or API of the product takes; a proxy may allow less."""
IN_MEMORY_BYTES = 1024 * 1024

Receive = Callable[[], Awaitable[dict[str, Any]]]


class BodyTooLarge(Exception):
    """The body is longer than any that is accepted."""


class ClientGone(Exception):
    """The client has disconnected."""


async def read_body(scope: dict[str, Any], receive: Receive) -> tuple[IO[bytes], int]:
    """The body, at its start, and its length; a long one lies in a temporary file.

    Raises BodyTooLarge and ClientGone.
    """
    headers = dict(scope["headers"])
    given = headers.get(b"content-length", b"")
    if scope["method"] in {"GET", "HEAD"} and not given and b"transfer-encoding" not in headers:
        return io.BytesIO(), 0
    if given.isdigit() and int(given) > MAX_BYTES:
        raise BodyTooLarge
    body = tempfile.SpooledTemporaryFile(IN_MEMORY_BYTES)  # noqa: SIM115 (the caller closes it)
    try:
        length = await _spool(receive, body)
    except BaseException:
        body.close()
        raise
    body.seek(0)
    return body, length


async def _spool(receive: Receive, body: IO[bytes]) -> int:
    length, more = 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGone
        length += len(message["body"])
        if length > MAX_BYTES:
            raise BodyTooLarge
        body.write(message["body"])
        more = message.get("more_body", False)
    return length


async def disconnected(receive: Receive) -> None:
    """Return when the client is gone."""
    while (await receive())["type"] != "http.disconnect":
        pass
