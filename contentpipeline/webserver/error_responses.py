"""Error responses of the server itself, where the application was not called or failed."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any

API = "/api/"
"""Below it, every refusal is problem+json (RFC 9457): a program reads it."""
PROBLEM_JSON = "application/problem+json"

DETAILS = {
    HTTPStatus.BAD_REQUEST: "The body did not arrive whole: its chunks are malformed, or it ended early.",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "The body is too large.",
    HTTPStatus.INTERNAL_SERVER_ERROR: "Internal server error.",
}


async def refuse(send: Callable[[dict[str, Any]], Awaitable[None]], path: str, status: HTTPStatus) -> None:
    """Respond in one sentence, and close the connection: what else it would bring is unknown."""
    kind, body = b"text/plain", f"{DETAILS[status]}\n".encode()
    if is_api_path(path):
        kind, body = PROBLEM_JSON.encode(), problem(status, DETAILS[status])
    headers = [(b"content-type", kind), (b"content-length", b"%d" % len(body)), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": status.value, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def is_api_path(path: str) -> bool:
    return f"{path}/".startswith(API)


def problem(status: HTTPStatus, detail: str) -> bytes:
    found = {"type": "about:blank", "title": status.phrase, "status": status.value, "detail": detail}
    return json.dumps(found).encode()
