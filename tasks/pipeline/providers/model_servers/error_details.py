"""What a server's error says, in whatever shape: an object, a string, a list, or one inside another."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tasks.pipeline.providers.model_servers.gateway_pages import gateway_page, is_markup

MAX_DEPTH = 8
MAX_STRINGS = 200
MAX_SEARCHED_CHARACTERS = 5_000
CODE_FIELDS = (
    "code", "type", "status", "reason", "error_code", "errorCode", "error_type", "__type", "quotaId", "Code",
    "object", "err_code",
)  # fmt: skip
STATUS_FIELDS = ("status", "code", "statusCode", "status_code", "http_status", "httpStatus", "error_code")
NESTED_FIELDS = (
    "error",
    "errors",
    "detail",
    "details",
    "fault",
    "base_resp",
    "response",
    "data",
    "Error",
    "message",
    "msg",
)
WORD_FIELDS = (
    "message", "msg", "detail", "error", "error_description", "error_message", "errorMessage", "error_msg",
    "faultstring", "status_msg", "Message", "description", "title", "reason", "text",
)  # fmt: skip
SAYS_NOTHING = re.compile(r"(?:provider returned error|upstream error|bad request|error)\.?", re.IGNORECASE)
STATUS_OF_NAME = {
    "resource_exhausted": 429,
    "unavailable": 503,
    "internal": 500,
    "invalid_argument": 400,
    "failed_precondition": 400,
    "unauthenticated": 401,
    "permission_denied": 403,
    "not_found": 404,
    "deadline_exceeded": 504,
}
"""Google's names of its status."""


@dataclass(frozen=True)
class ErrorDetails:
    message: str
    """One line for a person, "" if nothing was said."""
    codes: frozenset[str]
    """Every code, type and status in it, in lower case."""
    status: int | None
    """The HTTP status that it names, which is missing inside a stream."""
    text: str
    """All of its words, for recognising it."""
    fields: Mapping[str, Any]
    """All named values, the innermost first."""


def error_details(error: object) -> ErrorDetails:
    error = _parsed(error)
    objects = list(_objects(error))
    codes = {
        value.lower()
        for found in objects
        for name in CODE_FIELDS
        if isinstance(value := found.get(name), str) and len(value) < 200
    }
    fields: dict[str, Any] = {}
    for found in objects:
        fields |= found
    text = "\n".join(_strings(error))[:MAX_SEARCHED_CHARACTERS]
    return ErrorDetails(_message(error), frozenset(codes), _status(objects, codes), text, fields)


def reported_error(event: object) -> object | None:
    """The error in a piece of JSON that should be part of a reply; None if it reports none."""
    if isinstance(event, list):
        return next((error for part in event if (error := reported_error(part)) is not None), None)
    if not isinstance(event, dict):
        return None
    for name in ("error", "errors"):
        if error := event.get(name):
            return event if isinstance(error, str) else error
    kind = event.get("type") or event.get("object")
    if kind in ("error", "exception"):
        return event
    if any(event.get(name) for name in ("detail", "fault", "error_code", "error_msg", "errorMessage")):
        return event
    base = event.get("base_resp")
    if isinstance(base, dict) and base.get("status_code"):
        return event
    for name, part in event.items():
        if name.endswith("Exception") and isinstance(part, dict):
            return {"type": name, **part}  # Bedrock
    says = isinstance(event.get("message") or event.get("msg") or event.get("Message"), str)
    if says and not event.keys() & {"choices", "content", "delta", "candidates", "output"}:
        return event
    return None


def _parsed(value: object) -> object:
    """JSON that was put into a string, as gateways do with what the server behind them said."""
    if isinstance(value, str) and value.lstrip()[:1] in ("{", "["):
        try:
            return json.loads(value, strict=False)
        except (ValueError, RecursionError):
            return value
    return value


def _objects(value: object, depth: int = 0) -> Iterator[Mapping[str, Any]]:
    """All objects in it, outermost first."""
    value = _parsed(value)
    if depth > MAX_DEPTH:
        return
    if isinstance(value, dict):
        yield value
        for part in list(value.values())[:MAX_STRINGS]:
            if isinstance(part, (dict, list, str)):
                yield from _objects(part, depth + 1)
    elif isinstance(value, list):
        for part in value[:20]:
            yield from _objects(part, depth + 1)


def _strings(value: object, depth: int = 0) -> Iterator[str]:
    if depth > MAX_DEPTH:
        return
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, part in list(value.items())[:MAX_STRINGS]:
            yield from (f"{name}: {word}" if depth else word for word in _strings(part, depth + 1))
    elif isinstance(value, list):
        for part in value[:50]:
            yield from _strings(part, depth + 1)


def _message(value: object, depth: int = 0) -> str:
    value = _parsed(value)
    if depth > MAX_DEPTH:
        return ""
    if isinstance(value, str):
        return _line(value)
    if isinstance(value, list):
        return "; ".join(words for part in value[:3] if (words := _message(part, depth + 1)))
    if not isinstance(value, dict):
        return ""
    for name in NESTED_FIELDS:
        if isinstance(value.get(name), (dict, list)) and (words := _message(value[name], depth + 1)):
            if name in ("details", "data", "response") and _own_words(value, depth):
                continue
            return words
    words = _own_words(value, depth)
    if place := _place(value.get("loc")):
        return f"{place}: {words}" if words else place
    return words


def _own_words(value: Mapping[str, Any], depth: int) -> str:
    said = ""
    for name in WORD_FIELDS:
        if isinstance(value.get(name), str) and (said := _message(value[name], depth + 1)):
            break
    metadata = value.get("metadata")
    if isinstance(metadata, dict) and metadata.get("raw") and (not said or SAYS_NOTHING.fullmatch(said)):
        # OpenRouter puts what the provider said behind its own words.
        return _message(metadata["raw"], depth + 1) or said
    if not said:
        return next((value[name] for name in CODE_FIELDS if isinstance(value.get(name), str)), "")
    return said


def _place(path: object) -> str:
    """Where in the request a field is that FastAPI refused."""
    if not isinstance(path, Sequence) or isinstance(path, str):
        return ""
    return ".".join(str(part) for part in path[:6] if part != "body")


def _line(text: str) -> str:
    start = text.find("<")
    if start >= 0 and is_markup(text[start:]):
        said = gateway_page(text[start:]).says
        text = f"{text[:start]}“{said}”" if said else text[:start]
    return " ".join(text.split())


def _status(objects: Sequence[Mapping[str, Any]], codes: set[str]) -> int | None:
    for found in objects:
        for name in STATUS_FIELDS:
            if (status := _as_status(found.get(name))) is not None:
                return status
    return next((STATUS_OF_NAME[code] for code in sorted(codes) if code in STATUS_OF_NAME), None)


def _as_status(value: object) -> int | None:
    if isinstance(value, str) and len(value) == 3 and value.isascii() and value.isdigit():
        value = int(value)
    is_status = isinstance(value, int) and not isinstance(value, bool) and 400 <= value < 600
    return value if is_status and isinstance(value, int) else None
