"""JSON-RPC 2.0 as the Model Context Protocol uses it over HTTP, without sessions: one message, one answer."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

WITHOUT_HANDSHAKE = ("2026-07-28",)
WITH_HANDSHAKE = ("2025-11-25", "2025-06-18", "2025-03-26")
VERSIONS = (*WITHOUT_HANDSHAKE, *WITH_HANDSHAKE)
"""Of the specification, newest first: https://modelcontextprotocol.io/specification"""
PARSE_ERROR, INVALID_REQUEST, METHOD_NOT_FOUND, INVALID_PARAMS = -32700, -32600, -32601, -32602
HEADER_MISMATCH, UNSUPPORTED_VERSION = -32020, -32022
VERSION_OF_MESSAGE = "io.modelcontextprotocol/protocolVersion"

Json = dict[str, Any]
Method = Callable[[Json], Json]


class RpcError(Exception):
    """Answered as the error of one message."""

    def __init__(self, code: int, message: str, data: Json | None = None) -> None:
        super().__init__(message)
        self.code, self.data = code, data


@dataclass(frozen=True)
class RpcRequest:
    method: str
    params: Json
    id: str | int | None
    """None for a notification, which gets no answer."""


def read(body: bytes) -> RpcRequest:
    """Raises RpcError."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        raise RpcError(PARSE_ERROR, "The body is not JSON in UTF-8.") from None
    if not isinstance(found, dict) or found.get("jsonrpc") != "2.0":
        raise RpcError(INVALID_REQUEST, 'Send one object with "jsonrpc": "2.0"; batches are not taken.')
    method, params, number = found.get("method"), found.get("params", {}), found.get("id")
    if not isinstance(method, str):
        raise RpcError(INVALID_REQUEST, "`method` must be a text: this server asks clients nothing.")
    if "id" in found and (isinstance(number, bool) or not isinstance(number, str | int)):
        raise RpcError(INVALID_REQUEST, "`id` must be a text or a whole number.")
    if not isinstance(params, dict):
        raise RpcError(INVALID_PARAMS, "`params` must be an object.")
    return RpcRequest(method, params, number)


def check(message: RpcRequest, headers: Mapping[str, str]) -> None:
    """The version that the client speaks, and what headers repeat of the message. Raises RpcError."""
    meta = message.params.get("_meta")
    named = meta.get(VERSION_OF_MESSAGE) if isinstance(meta, dict) else None
    for version in (headers.get("MCP-Protocol-Version"), named):
        if version is not None and version not in VERSIONS:
            data = {"supported": list(VERSIONS), "requested": str(version)[:100]}
            raise RpcError(UNSUPPORTED_VERSION, f"Spoken here: {', '.join(VERSIONS)}.", data)
    repeated = {"Mcp-Method": message.method, "Mcp-Name": message.params.get("name")}
    for header, value in repeated.items():
        if header in headers and headers[header] != value:
            raise RpcError(HEADER_MISMATCH, f"{header} does not say what the body does.")


def respond(message: RpcRequest, methods: dict[str, Method]) -> Json:
    """The answer to a request."""
    try:
        if message.method not in methods:
            raise RpcError(METHOD_NOT_FOUND, f"There is no method {message.method[:100]!r} here.")
        return {"jsonrpc": "2.0", "id": message.id, "result": methods[message.method](message.params)}
    except RpcError as error:
        return error_of(error, message.id)


def error_of(error: RpcError, number: str | int | None = None) -> Json:
    found: Json = {"code": error.code, "message": str(error)}
    if error.data is not None:
        found["data"] = error.data
    return {"jsonrpc": "2.0", "id": number, "error": found}


def agreed_version(params: Json) -> str:
    """The version that the client asks for where it is spoken here, and otherwise the newest that is."""
    asked = params.get("protocolVersion")
    return str(asked) if asked in WITH_HANDSHAKE else WITH_HANDSHAKE[0]
