"""How the API refuses, as its schema says: which statuses an operation answers with, and what they mean."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from contentpipeline.webserver.error_responses import PROBLEM_JSON

PROBLEM_CONTENT = {PROBLEM_JSON: {"schema": {"$ref": "#/components/schemas/Problem"}}}

REFUSALS = {
    HTTPStatus.BAD_REQUEST: "The body, a parameter or a header is wrong: `errors` names each.",
    HTTPStatus.UNAUTHORIZED: "No token was sent, or one that is not valid.",
    HTTPStatus.FORBIDDEN: "The account may not do it, a scope is missing, or a rule of review forbids it.",
    HTTPStatus.NOT_FOUND: "There is nothing of this name or number.",
    HTTPStatus.NOT_ACCEPTABLE: "The representation that `Accept` asks for does not exist.",
    HTTPStatus.CONFLICT: "The present state does not allow it: `type` says why.",
    HTTPStatus.GONE: "It was published once, and is withdrawn.",
    HTTPStatus.PRECONDITION_FAILED: "`If-Match` does not name the current text.",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "The body is too large.",
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: "The body is of a type that this operation does not read.",
    HTTPStatus.UNPROCESSABLE_ENTITY: "The `Idempotency-Key` was used for another request.",
    HTTPStatus.PRECONDITION_REQUIRED: "`If-Match` is missing.",
    HTTPStatus.TOO_MANY_REQUESTS: "Too many requests: wait as long as `Retry-After` says.",
}
ALWAYS_POSSIBLE = {
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.UNAUTHORIZED,
    HTTPStatus.NOT_ACCEPTABLE,
    HTTPStatus.TOO_MANY_REQUESTS,
}
FOR_BODIES = {
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    HTTPStatus.UNPROCESSABLE_ENTITY,
}
FOR_CONDITIONS = {HTTPStatus.PRECONDITION_FAILED, HTTPStatus.PRECONDITION_REQUIRED}


def name_of(status: HTTPStatus) -> str:
    """The name of the response among the schema's components: `NotFound`."""
    return status.name.title().replace("_", "")


def headers_of(status: HTTPStatus) -> dict[str, Any]:
    if status is HTTPStatus.UNAUTHORIZED:
        return {"headers": {"WWW-Authenticate": {"schema": {"type": "string"}}}}
    if status is HTTPStatus.TOO_MANY_REQUESTS:
        seconds = {"schema": {"type": "integer", "minimum": 0}, "description": "Seconds to wait."}
        return {"headers": {"Retry-After": seconds}}
    return {}
