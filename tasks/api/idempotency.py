"""Idempotent requests: one with an `Idempotency-Key` may safely be sent again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import OperationalError, connection, transaction
from django.http import QueryDict
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter
from psycopg.errors import LockNotAvailable
from rest_framework.exceptions import APIException, ValidationError
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from tasks.actor import actor
from tasks.content import canonical_json
from tasks.models import IdempotencyKey

METHODS = frozenset({"POST", "PATCH"})
MAX_CHARACTERS = 255
WAIT_SECONDS = 5
"""For how long a request waits for one with the same key that is not done yet."""
HEADER, REPLAYED = "Idempotency-Key", "Idempotent-Replayed"
PARAMETER = OpenApiParameter(
    HEADER,
    {"type": "string", "minLength": 1, "maxLength": MAX_CHARACTERS, "pattern": "^[!-~]([ -~]*[!-~])?$"},
    OpenApiParameter.HEADER,
    description="Any text, unique for each operation. For 24 hours the same request under the same key is "
    f"done once, however often it is sent; a repeated response is marked `{REPLAYED}: true`. Another request "
    "under the key is 422, and 409 while the first is in progress. A refused request may be corrected and "
    "sent again under the same key.",
)


class KeyReused(APIException):
    status_code = 422
    problem = "idempotency-key-reused"
    default_detail = "This Idempotency-Key was used for another request: send a new key with a new request."


class InProgress(APIException):
    status_code = 409
    problem = "request-in-progress"
    default_detail = "The same request is in progress: send it again in a moment, under the same key."
    wait = 1
    """Seconds, for Retry-After."""


def once(
    view: Any, act: Callable[..., Response], request: Request, *arguments: Any, **named: Any
) -> Response:
    """The response of `act`, or the stored one when the same user sent the same request under the same key.

    The response is stored in one transaction with what `act` does. A refusal is not stored: the request can
    be corrected under the same key. The view's `without_secrets` and `with_secrets` keep secrets out of the
    stored response. Raises KeyReused or InProgress.
    """
    key = request.headers.get(HEADER)
    if key is None:
        return act(request, *arguments, **named)
    if not key.isprintable() or not 0 < len(key) <= MAX_CHARACTERS:
        raise ValidationError({HEADER: [f"Send 1 to {MAX_CHARACTERS} printable characters."]})
    sha256 = _fingerprint(request)
    with transaction.atomic():
        stored, is_new = _row_of(request, key, sha256)
        if not is_new:
            return _replayed(stored, sha256, view)
        response = act(request, *arguments, **named)
        stored.answer = _as_stored(response, view)
        stored.save(update_fields=["answer"])
    return response


def _fingerprint(request: Request) -> str:
    """Of everything that defines the operation: address, version and body."""
    what = [request.method, request.path, request.headers.get("If-Match"), _comparable(request.data)]
    # A lone surrogate is refused later, by the name of its field.
    return hashlib.sha256(canonical_json(what).encode(errors="surrogatepass")).hexdigest()


def _comparable(body: Any) -> Any:
    """JSON as it is; of a form its fields, and of its files the names and the bytes."""
    if not isinstance(body, QueryDict):
        return body
    return {
        name: [_digest(value) if isinstance(value, UploadedFile) else value for value in values]
        for name, values in body.lists()
    }


def _digest(upload: UploadedFile[Any]) -> list[str | None]:
    digest = hashlib.sha256()
    for chunk in upload.chunks():
        digest.update(chunk)
    upload.seek(0)
    return [upload.name, digest.hexdigest()]


def _row_of(request: Request, key: str, sha256: str) -> tuple[IdempotencyKey, bool]:
    user = actor(request)
    rows = IdempotencyKey.objects.filter(user=user, key=key)
    with _limited_wait():
        # Of two requests at the same time, one waits here for the other's transaction to end.
        rows.filter(created_at__lt=timezone.now() - IdempotencyKey.RETENTION).delete()
        return rows.get_or_create(user=user, key=key, defaults={"request_sha256": sha256})


@contextmanager
def _limited_wait() -> Iterator[None]:
    """Raises InProgress: a request that waits holds a thread of the server."""
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL lock_timeout = '{WAIT_SECONDS}s'")
        try:
            yield
        except OperationalError as error:
            if isinstance(error.__cause__, LockNotAvailable):
                raise InProgress from error
            raise
        cursor.execute("SET LOCAL lock_timeout TO DEFAULT")


def _as_stored(response: Response, view: Any) -> dict[str, Any]:
    data = (
        None
        if response.data is None
        else view.without_secrets(json.loads(JSONRenderer().render(response.data)))
    )
    # As text, because jsonb would order the fields by their length.
    return {"status": response.status_code, "headers": dict(response.headers), "body": json.dumps(data)}


def _replayed(stored: IdempotencyKey, sha256: str, view: Any) -> Response:
    if stored.request_sha256 != sha256:
        raise KeyReused
    answer: dict[str, Any] = stored.answer or {}
    data = json.loads(answer["body"])
    return Response(
        None if data is None else view.with_secrets(data),
        status=answer["status"],
        headers=answer["headers"] | {REPLAYED: "true"},
    )
